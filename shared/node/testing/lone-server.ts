// A server by itself for tests of its parts: its config with every field at a value that does nothing, and the
// peers that open links to it.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { Identity } from '../../identity/identity.ts'
import type { LinkPeer } from '../../link/link.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import type { Time } from '../../machine/machine.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { NodeType } from '../../wire/record.ts'
import { OwnRecord } from '../registry/own-record.ts'
import { ServerSide } from '../server/server-side.ts'
import type { ServerSideConfig } from '../server/server-side-types.ts'
import { NET } from './records.ts'
import { START_UNIX_MS } from './start-time.ts'

/** Of a server that names no others. */
export const BARE_WELCOME: Welcome = {
  keepaliveMs: 10_000,
  timeMs: START_UNIX_MS,
  limits: { maxMessageBytes: 65_536 },
  addressClass: 'public',
  sample: [],
}

export function loneServer(
  identity: Identity,
  time: Time,
  fields: Partial<ServerSideConfig> = {},
): ServerSide {
  const own = { suite: nodeSuite, random: seededRandom(1), identity, net: NET }
  const record = new OwnRecord({ ...own, type: 'server', isRelay: false, endpoints: [] }, time)
  const config: ServerSideConfig = {
    suite: nodeSuite,
    random: seededRandom(2),
    net: NET,
    relay: undefined,
    join: [],
    allowsPlainDials: false,
    isCarrying: () => false,
    linksOf: () => [],
    rttTo: () => undefined,
    ...fields,
  }
  return new ServerSide(config, record, time)
}

export function peerOf({ publicKey, keyId }: Identity, type: NodeType): LinkPeer {
  return { publicKey, keyId, type, version: 1 }
}
