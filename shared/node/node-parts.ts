// The parts of a node, made and joined. They never know one another beyond the ports given here; core.ts
// carries everything else between them.

import type { Identity } from '../identity/identity.ts'
import { createIdentity } from '../identity/identity.ts'
import type { KeyId } from '../identity/node-id.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import type { LinkPeer } from '../link/link.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import { Router } from '../routing/router.ts'
import { RisingStamps } from '../session/initiator-timestamps.ts'
import { MESH_SPARED_CONNECTIONS, RTC_MAX_CREATED } from '../wire/limits.ts'
import type { SignedRecord } from '../wire/record.ts'
import { Commands } from './commands.ts'
import type { NodeConfig } from './config.ts'
import { PROTOCOL_VERSIONS } from './config.ts'
import type { DirectLinks } from './direct/direct-links.ts'
import { withoutDirect } from './direct/direct-port.ts'
import type { DirectRole } from './direct/direct-role.ts'
import type { NodeEvent } from './effects.ts'
import { HomeServers } from './homes/home-servers.ts'
import type { LanRole } from './lan/lan-role.ts'
import type { LanSide } from './lan/lan-side.ts'
import { CellCarrier } from './links/cell-carrier.ts'
import { LinkRtts } from './links/link-rtts.ts'
import { LinkTable } from './links/link-table.ts'
import { circuitPort, relaying } from './links/router-port.ts'
import type { MeshSide } from './mesh/mesh-side.ts'
import type { LinkedNeighbour } from './neighbours/linked-neighbour.ts'
import type { NeighbourLinks } from './neighbours/neighbour-links.ts'
import type { NeighbourRole } from './neighbours/neighbour-role.ts'
import type { NetworkTime } from './network-time.ts'
import { HeldMessages } from './peers/held-messages.ts'
import type { CircuitPort, PeerContext } from './peers/peer-context.ts'
import { PeerModes } from './peers/peer-modes.ts'
import { Peers } from './peers/peers.ts'
import { seenByPeer } from './peers/seen-by-peer.ts'
import { SessionTags } from './peers/session-tags.ts'
import { OwnRecord } from './registry/own-record.ts'
import type { ClientRelay } from './relay/client-relay.ts'
import type { ClientRelayRole } from './relay/client-relay-role.ts'
import { RouteFinder } from './routes/route-finder.ts'
import { RouteLog } from './routes/route-log.ts'
import { RouteQueries } from './routes/route-queries.ts'
import { savedGuards } from './routes/route-wiring.ts'
import type { ServerRole } from './server/server-role.ts'
import type { ServerSide } from './server/server-side.ts'

export interface NodeParts {
  readonly identity: Identity
  readonly ownRecord: OwnRecord
  readonly links: LinkTable
  readonly router: Router
  readonly carrier: CellCarrier
  readonly homes: HomeServers
  /** On nodes with links to other clients. */
  readonly neighbourRole: NeighbourRole | undefined
  readonly neighbours: NeighbourLinks | undefined
  /** On nodes whose host has WebRTC. */
  readonly directRole: DirectRole | undefined
  readonly direct: DirectLinks | undefined
  /** On nodes that find their neighbours on the LAN. */
  readonly lanRole: LanRole | undefined
  readonly lan: LanSide | undefined
  /** On clients that carry circuits for others. */
  readonly relayRole: ClientRelayRole | undefined
  readonly relay: ClientRelay | undefined
  /** On those of them whose host has WebRTC. */
  readonly mesh: MeshSide | undefined
  readonly routeQueries: RouteQueries
  /** Of all open links. */
  readonly rtts: LinkRtts
  /** On servers only. */
  readonly serverRole: ServerRole | undefined
  readonly server: ServerSide | undefined
  readonly routes: RouteFinder
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
    throw new RangeError('a server, and only a server, has the role of one, and its limits')
  }
  if (config.clientRelay !== undefined && isServer) {
    throw new RangeError('a server relays within limits of its own')
  }
  const identity = createIdentity(suite, config.seed)
  const own = { suite, random, identity, type, net, endpoints, isRelay: relay !== undefined }
  // Guards are as worth protecting from one liar's clock as records are.
  const soundTime = (at: Time): Time => networkTime.forRecord(at)
  const ownRecord = new OwnRecord({ ...own, recordTime: soundTime }, time)
  const rtts = new LinkRtts()
  const server: ServerSide | undefined = serverRole?.serve(
    {
      suite,
      random,
      net,
      relay,
      stunPort: config.stunPort,
      join: config.join ?? [],
      allowsPlainDials: config.allowsPlainDials === true,
      isCarrying: link => router.isCarrying(link),
      linksOf: key => links.linksTo(key),
      rttTo: key => rtts.bestOf(links.linksTo(key)),
    },
    ownRecord,
    time,
  )
  const lanRole = config.lan
  const record = (at: Time): SignedRecord => ownRecord.take(at)
  const directRole = config.direct?.role
  const neighbourRole = (lanRole ?? directRole)?.neighbours
  const neighbours = neighbourRole?.keep({ suite, net, rtts })
  const lan =
    neighbours && lanRole?.listen({ suite, random, identity, type, net, record }, time, neighbours)
  const links = new LinkTable(
    {
      suite,
      random,
      identity,
      type,
      net,
      versions: PROTOCOL_VERSIONS,
      ...(neighbourRole !== undefined && {
        welcome: (_peer: LinkPeer, at: Time) => neighbourRole.welcome(ownRecord.take(at), at),
      }),
      ...(server !== undefined && {
        welcome: (peer: LinkPeer, at: Time) => server.welcome(peer, at),
        admit: (peer: LinkPeer, at: Time) => server.admit(at, peer),
      }),
    },
    channel => (serverRole ?? lanRole)?.answer(suite, channel),
  )
  const { role: relayRole, bytesPerDay = 0 } = config.clientRelay ?? {}
  const budget = relayRole?.budget(bytesPerDay, time, config.saved ?? [])
  const router = new Router(
    {
      suite,
      random,
      identity,
      relay:
        relayRole && budget
          ? relayRole.relaying(budget)
          : relay && serverRole && relaying(serverRole.relay, relay),
    },
    ownRecord.onionKeys,
  )
  const routeQueries = new RouteQueries({ suite, random, net, ownKey: identity.keyId })
  const linked = (): LinkedNeighbour[] => neighbours?.linked() ?? []
  const questions = { random, ownKey: identity.keyId, queries: routeQueries, linked }
  const clientRelay = budget && relayRole?.start(questions, ownRecord, budget, time)
  const carrier = new CellCarrier(router, links)
  const { discovery } = config
  const homes = new HomeServers({ suite, random, net, servers, discovery }, ownRecord)
  const guards = savedGuards(config)
  const routes = new RouteFinder({
    suite,
    random,
    net,
    self: identity.keyId,
    guards,
    guardTime: soundTime,
  })
  const direct =
    config.direct &&
    directRole?.start({
      random,
      ownKey: identity.keyId,
      candidates: config.direct.candidates,
      maxCreated: config.direct.maxCreated ?? RTC_MAX_CREATED,
      iceServers: () => config.direct?.iceServers ?? homes.iceServers(),
      isAllowed: key => context.modes.of(key) === 'fast',
      hasLinkTo: key => links.linksTo(key).length > 0,
      isCarrying: link => router.isCarrying(link),
      isKept: key => mesh?.keeps(key) === true,
      isPinned: key => mesh?.pins(key) === true,
      usedAt: key => peers.usedAt(key),
    })
  const waysFor = (onOpen: (circuit: CircuitId, key: KeyId) => void): CircuitPort =>
    circuitPort(router, carrier, onOpen)
  const context: PeerContext = {
    isSignalOnly: false,
    handshake: { suite, random, identity },
    stamps: new RisingStamps(),
    circuits: waysFor((circuit, key) => peers.ownCircuit(circuit, key)),
    servers: neighbourRole && neighbours ? neighbourRole.ways(homes, neighbours) : homes,
    held: new HeldMessages(),
    routes,
    log: new RouteLog(),
    tags: new SessionTags(),
    modes: new PeerModes(config.mode ?? 'fast', config.modes),
    askRoutes: (at, key, { servers: asksServers = true } = {}) => {
      const far = asksServers ? homes.routeSources() : []
      routeQueries.ask(at, key, [...far, ...(neighbours?.routeSources() ?? [])])
    },
    isAskingRoutes: key => routeQueries.isAsking(key),
    direct: direct ?? withoutDirect((at, key, signal) => peers.signal(at, key, signal)),
    seenIds: config.seenIds ?? seenByPeer(),
    emit,
  }
  const peers: Peers = new Peers(context, config.acceptPeer)
  const mesh: MeshSide | undefined =
    direct &&
    budget &&
    relayRole?.mesh.start(
      {
        net,
        ownKey: identity.keyId,
        context,
        circuits: waysFor,
        isRelaying: at => !budget.isSpent(at),
        linked,
        sources: () => [...homes.routeSources(), ...(neighbours?.routeSources() ?? [])],
        hasRoom: () => direct.hasRoomBeside(MESH_SPARED_CONNECTIONS),
        isAllowed: key =>
          context.modes.of(key) === 'fast' && config.acceptPeer?.(publicKeyOf(key)) !== false,
        isInUse: (link, key) => router.isCarrying(link) || peers.hasSession(key),
      },
      time,
    )
  const commands = new Commands(context, peers, homes, mesh ? [peers, mesh.peers] : [peers])
  const relays = { relayRole, relay: clientRelay, mesh, routeQueries, rtts }
  const roles = {
    neighbourRole,
    neighbours,
    directRole,
    direct,
    lanRole,
    lan,
    serverRole,
    server,
    ...relays,
  }
  return { identity, ownRecord, links, router, carrier, homes, ...roles, routes, peers, commands }
}
