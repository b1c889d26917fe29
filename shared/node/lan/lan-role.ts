// What makes a node one that finds its neighbours, in one piece: beacons, and taking links of whoever hears them.
// Whoever starts such a node hands it to the core (NodeConfig), so that browsers need not load it.

import type { CryptoSuite } from '../../crypto/suite.ts'
import { wsBinding } from '../../link/binding.ts'
import type { ResponderSide } from '../../link/link.ts'
import { responderSteps } from '../../link/responder-handshake.ts'
import type { Time } from '../../machine/machine.ts'
import type { NodeEffect } from '../effects.ts'
import type { AcceptedChannel } from '../host.ts'
import type { Command, LanInput } from '../inputs.ts'
import type { NeighbourLinks } from '../neighbours/neighbour-links.ts'
import type { NeighbourRole } from '../neighbours/neighbour-role.ts'
import { neighbourRole } from '../neighbours/neighbour-role.ts'
import type { NodeParts } from '../node-parts.ts'
import type { LanConfig } from './lan.ts'
import { Lan } from './lan.ts'
import type { LanSideEffect } from './lan-side.ts'
import { LanSide } from './lan-side.ts'
import { applyLanEffect, handleLan, seekNeighbour } from './lan-wiring.ts'

export interface LanRole {
  readonly neighbours: NeighbourRole
  listen(config: LanConfig, time: Time, neighbours: NeighbourLinks): LanSide
  /** A client's side of a link that a neighbour opened to it. Servers answer as servers do. */
  answer(suite: CryptoSuite, channel: AcceptedChannel): ResponderSide
  handle(parts: NodeParts, time: Time, input: LanInput): void
  /** Somebody wants to reach a peer: it may be a neighbour. */
  seek(parts: NodeParts, command: Command): void
  /** @param emit to the host */
  apply(
    parts: NodeParts,
    time: Time,
    effect: LanSideEffect,
    emit: (effect: NodeEffect) => void,
  ): void
}

export const lanRole: LanRole = {
  neighbours: neighbourRole,
  listen: (config, time, neighbours) => new LanSide(new Lan(config, time), neighbours),
  answer: (suite, { origins, certSha256, addressClass }) => ({
    role: 'responder',
    steps: responderSteps,
    // With the certificate only: no browser, which cannot see it, dials a client.
    bindings: origins.map(origin => wsBinding(suite, origin, certSha256)),
    addressClass,
  }),
  handle: handleLan,
  seek: seekNeighbour,
  apply: applyLanEffect,
}
