// What makes a node one that finds its neighbours, in one piece: beacons, and taking links of whoever hears them.
// Whoever starts such a node hands it to the core (NodeConfig), so that browsers need not load it.

import type { CryptoSuite } from '../../crypto/suite.ts'
import { wsBinding } from '../../link/binding.ts'
import type { ResponderSide } from '../../link/link.ts'
import { responderSteps } from '../../link/responder-handshake.ts'
import type { Time } from '../../machine/machine.ts'
import { PING_INTERVAL_MS, WS_MAX_MESSAGE_BYTES } from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { SignedRecord } from '../../wire/record.ts'
import type { NodeEffect } from '../effects.ts'
import type { AcceptedChannel } from '../host.ts'
import type { Command, LanInput } from '../inputs.ts'
import type { LinkRtts } from '../links/link-rtts.ts'
import type { NodeParts } from '../node-parts.ts'
import type { ServerPort } from '../peers/peer-context.ts'
import type { LanConfig } from './lan.ts'
import { Lan } from './lan.ts'
import type { LanSideEffect } from './lan-side.ts'
import { LanSide } from './lan-side.ts'
import { withLan } from './lan-ways.ts'
import { applyLanEffect, handleLan, seekNeighbour } from './lan-wiring.ts'

export interface LanRole {
  /** @param rtts of links, as they are measured */
  listen(config: LanConfig, time: Time, rtts: LinkRtts): LanSide
  /** A client's side of a link that a neighbour opened to it. Servers answer as servers do. */
  answer(suite: CryptoSuite, channel: AcceptedChannel): ResponderSide
  /** What a client tells a neighbour that has logged in to it. */
  welcome(own: SignedRecord, time: Time): Welcome
  ways(servers: ServerPort, lan: LanSide): ServerPort
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
  listen: (config, time, rtts) => new LanSide(config, new Lan(config, time), rtts),
  answer: (suite, { origins, certSha256, addressClass }) => ({
    role: 'responder',
    steps: responderSteps,
    // With the certificate only: no browser, which cannot see it, dials a client.
    bindings: origins.map(origin => wsBinding(suite, origin, certSha256)),
    addressClass,
  }),
  welcome: (own, time) => ({
    keepaliveMs: PING_INTERVAL_MS,
    timeMs: Math.round(time.unixMs),
    limits: { maxMessageBytes: WS_MAX_MESSAGE_BYTES },
    addressClass: 'unknown',
    record: own.bytes,
    sample: [],
  }),
  ways: withLan,
  handle: handleLan,
  seek: seekNeighbour,
  apply: applyLanEffect,
}
