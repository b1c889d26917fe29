// What makes a node a server, in one piece: answering those who dial it, serving them, carrying their
// circuits. Whoever starts a server hands it to the core (NodeConfig), so that clients, and browsers above
// all, need not load it.

import type { CryptoSuite } from '../../crypto/suite.ts'
import { wsBinding } from '../../link/binding.ts'
import type { ResponderSide } from '../../link/link.ts'
import { responderSteps } from '../../link/responder-handshake.ts'
import type { Time } from '../../machine/machine.ts'
import type { RelayRole } from '../../routing/relay-role.ts'
import { relayRole } from '../../routing/relay-role.ts'
import type { NodeEffect } from '../effects.ts'
import type { AcceptedChannel } from '../host.ts'
import type { NodeParts } from '../node-parts.ts'
import type { OwnRecord } from '../registry/own-record.ts'
import { ServerSide } from './server-side.ts'
import type { ServerSideConfig, ServerSideEffect } from './server-side-types.ts'
import { applyServerEffect } from './server-wiring.ts'

export interface ServerRole {
  /** @throws RangeError when there are more endpoints, or longer ones, than a record holds */
  serve(config: ServerSideConfig, ownRecord: OwnRecord, time: Time): ServerSide
  /** Our side of a link that somebody opened to us. */
  answer(suite: CryptoSuite, channel: AcceptedChannel): ResponderSide
  /** @param emit to the host, and to the application */
  apply(
    parts: NodeParts,
    time: Time,
    effect: ServerSideEffect,
    emit: (effect: NodeEffect) => void,
  ): void
  readonly relay: RelayRole
}

export const serverRole: ServerRole = {
  serve: (config, ownRecord, time) => new ServerSide(config, ownRecord, time),
  answer: (suite, channel) => ({
    role: 'responder',
    steps: responderSteps,
    bindings: bindingsOf(suite, channel),
    addressClass: channel.addressClass,
  }),
  apply: applyServerEffect,
  relay: relayRole,
}

function bindingsOf(suite: CryptoSuite, { origins, certSha256 }: AcceptedChannel): Uint8Array[] {
  const bindings = origins.map(origin => wsBinding(suite, origin, certSha256))
  // A browser cannot see the certificate, so it binds to the origin alone.
  if (certSha256 !== undefined) bindings.push(...origins.map(origin => wsBinding(suite, origin)))
  return bindings
}
