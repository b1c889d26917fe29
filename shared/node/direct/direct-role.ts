// What makes a node one that connects to others by WebRTC, in one piece (docs/PROTOCOL.md 9). Whoever starts a node
// whose host has WebRTC hands it to the core (NodeConfig), so that others need not load it.

import type { ResponderSteps } from '../../link/handshake-state.ts'
import { responderSteps } from '../../link/responder-handshake.ts'
import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { NeighbourRole } from '../neighbours/neighbour-role.ts'
import { neighbourRole } from '../neighbours/neighbour-role.ts'
import type { NodeParts } from '../node-parts.ts'
import { DirectLinks } from './direct-links.ts'
import type { DirectConfig, DirectEffect } from './direct-types.ts'
import { applyDirectEffect } from './direct-wiring.ts'

export interface DirectRole {
  readonly neighbours: NeighbourRole
  /** Of the side that did not offer. */
  readonly steps: ResponderSteps
  start(config: DirectConfig): DirectLinks
  /** @param emit to the host */
  apply(
    parts: NodeParts,
    time: Time,
    effect: DirectEffect,
    emit: (effect: NodeEffect) => void,
  ): void
}

export const directRole: DirectRole = {
  neighbours: neighbourRole,
  steps: responderSteps,
  start: config => new DirectLinks(config),
  apply: applyDirectEffect,
}
