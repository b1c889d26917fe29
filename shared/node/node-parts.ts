// The parts of a node, made and joined. They never know one another beyond the ports given here; core.ts
// carries everything else between them.

import type { Identity } from '../identity/identity.ts'
import { createIdentity } from '../identity/identity.ts'
import type { LinkPeer } from '../link/link.ts'
import type { Time } from '../machine/machine.ts'
import { Router } from '../routing/router.ts'
import { RisingStamps } from '../session/initiator-timestamps.ts'
import type { SignedRecord } from '../wire/record.ts'
import { CellCarrier } from './cell-carrier.ts'
import { Commands } from './commands.ts'
import type { NodeConfig } from './config.ts'
import { PROTOCOL_VERSIONS } from './config.ts'
import type { NodeEvent } from './effects.ts'
import { HeldMessages } from './held-messages.ts'
import { HomeServers } from './home-servers.ts'
import type { LanRole } from './lan/lan-role.ts'
import type { LanSide } from './lan/lan-side.ts'
import { LinkTable } from './link-table.ts'
import type { NetworkTime } from './network-time.ts'
import { OwnRecord } from './own-record.ts'
import { Peers } from './peers.ts'
import { circuitPort, relaying } from './router-port.ts'
import type { ServerRole } from './server/server-role.ts'
import type { ServerSide } from './server/server-side.ts'

export interface NodeParts {
  readonly identity: Identity
  readonly ownRecord: OwnRecord
  readonly links: LinkTable
  readonly router: Router
  readonly carrier: CellCarrier
  readonly homes: HomeServers
  /** On nodes that find their neighbours on the LAN. */
  readonly lanRole: LanRole | undefined
  readonly lan: LanSide | undefined
  /** On servers only. */
  readonly serverRole: ServerRole | undefined
  readonly server: ServerSide | undefined
  readonly peers: Peers
  readonly commands: Commands
}

/**
 * @param networkTime which `time` here is of
 * @param emit told what the application sees
 * @throws RangeError for a seed, relay limits or endpoints out of range, or a server without its role
 */
export function composeNode(
  config: NodeConfig,
  time: Time,
  networkTime: NetworkTime,
  emit: (event: NodeEvent) => void,
): NodeParts {
  const { suite, random, type, serverRole, net, relay, servers, endpoints = [] } = config
  const isServer = serverRole !== undefined
  if ((type === 'server') !== isServer || (relay !== undefined && !isServer)) {
    throw new RangeError('a server, and only a server, has the role of one, and relays')
  }
  const identity = createIdentity(suite, config.seed)
  const own = { suite, random, identity, type, net, endpoints, isRelay: relay !== undefined }
  const ownRecord = new OwnRecord({ ...own, recordTime: at => networkTime.forRecord(at) }, time)
  const server: ServerSide | undefined = serverRole?.serve(
    {
      suite,
      random,
      net,
      relay,
      join: config.join ?? [],
      allowsPlainDials: config.allowsPlainDials === true,
      isCarrying: link => router.isCarrying(link),
      linksOf: key => links.linksTo(key),
    },
    ownRecord,
    time,
  )
  const lanRole = config.lan
  const record = (at: Time): SignedRecord => ownRecord.take(at)
  const lan = lanRole?.listen({ suite, random, identity, type, net, record }, time)
  const links = new LinkTable(
    {
      suite,
      random,
      identity,
      type,
      net,
      versions: PROTOCOL_VERSIONS,
      ...(lanRole !== undefined && {
        welcome: (_peer: LinkPeer, at: Time) => lanRole.welcome(ownRecord.take(at), at),
      }),
      ...(server !== undefined && {
        welcome: (peer: LinkPeer, at: Time) => server.welcome(peer, at),
        admit: (peer: LinkPeer, at: Time) => server.admit(at, peer),
      }),
    },
    channel => (serverRole ?? lanRole)?.answer(suite, channel),
  )
  const router = new Router(
    { suite, random, identity, relay: relay && serverRole && relaying(serverRole.relay, relay) },
    ownRecord.onionKeys,
  )
  const carrier = new CellCarrier(router, links)
  const { discovery } = config
  const homes = new HomeServers({ suite, random, net, servers, discovery }, ownRecord)
  const peers: Peers = new Peers(
    {
      handshake: { suite, random, identity },
      stamps: new RisingStamps(),
      circuits: circuitPort(router, carrier, (circuit, key) => peers.ownCircuit(circuit, key)),
      servers: lanRole && lan ? lanRole.ways(homes, lan) : homes,
      held: new HeldMessages(),
      emit,
    },
    config.acceptPeer,
  )
  const commands = new Commands(peers, homes, emit)
  const roles = { lanRole, lan, serverRole, server }
  return { identity, ownRecord, links, router, carrier, homes, ...roles, peers, commands }
}
