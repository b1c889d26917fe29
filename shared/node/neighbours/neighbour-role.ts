// What links to other clients need of a node, in one piece for roles that open such links (lan/, direct/), so that who
// opens none need not load it.

import type { Time } from '../../machine/machine.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { SignedRecord } from '../../wire/record.ts'
import type { NodeParts } from '../node-parts.ts'
import type { ServerPort } from '../peers/peer-context.ts'
import type { NeighbourLinksConfig, NeighbourLinksEffect } from './neighbour-links.ts'
import { NeighbourLinks } from './neighbour-links.ts'
import { withNeighbours } from './neighbour-ways.ts'
import { neighbourWelcome } from './neighbour-welcome.ts'
import { applyNeighbourEffect } from './neighbour-wiring.ts'

export interface NeighbourRole {
  keep(config: NeighbourLinksConfig): NeighbourLinks
  /** What we tell a client that has logged in to us. */
  welcome(own: SignedRecord, time: Time): Welcome
  ways(servers: ServerPort, neighbours: NeighbourLinks): ServerPort
  apply(parts: NodeParts, time: Time, effect: NeighbourLinksEffect): void
}

export const neighbourRole: NeighbourRole = {
  keep: config => new NeighbourLinks(config),
  welcome: neighbourWelcome,
  ways: withNeighbours,
  apply: applyNeighbourEffect,
}
