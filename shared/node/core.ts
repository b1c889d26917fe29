// A whole node as one machine: links, servers, requests, circuits, peers. A dispatcher without protocol
// logic: each input, and each effect of a part, is one call into the part that knows.

import type { Identity } from '../identity/identity.ts'
import { createIdentity, wipeIdentity } from '../identity/identity.ts'
import type { LinkId } from '../link/link-id.ts'
import { earliest } from '../machine/earliest.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import { Router } from '../routing/router.ts'
import type { RouterEffect } from '../routing/router-messages.ts'
import { RisingStamps } from '../session/initiator-timestamps.ts'
import { FRAME, isCell } from '../wire/frame-type.ts'
import { Commands } from './commands.ts'
import type { NodeConfig } from './config.ts'
import { PROTOCOL_VERSIONS } from './config.ts'
import type { NodeMachine } from './driver.ts'
import type { NodeEffect, NodeEvent } from './effects.ts'
import type { HomeServersEffect } from './home-servers.ts'
import { HomeServers } from './home-servers.ts'
import type { NodeInput } from './inputs.ts'
import type { LinkTableEffect } from './link-table.ts'
import { LinkTable } from './link-table.ts'
import { NetworkTime } from './network-time.ts'
import { OwnRecord } from './own-record.ts'
import { Peers } from './peers.ts'
import { circuitPort, relayPolicy } from './router-port.ts'
import type { ServerSideEffect } from './server-side.ts'
import { ServerSide } from './server-side.ts'

export class MeshNodeCore implements NodeMachine {
  readonly #identity: Identity
  readonly #networkTime = new NetworkTime()
  readonly #links: LinkTable
  readonly #router: Router
  readonly #ownRecord: OwnRecord
  readonly #homes: HomeServers
  readonly #server: ServerSide | undefined
  readonly #peers: Peers
  readonly #commands: Commands
  readonly #effects = new EffectQueue<NodeEffect>()
  #isStopped = false

  /** Takes a copy of the seed. */
  constructor(config: NodeConfig, time: Time) {
    const { suite, random, type, net, relay } = config
    const identity = createIdentity(suite, config.seed)
    this.#identity = identity
    this.#ownRecord = new OwnRecord(
      {
        suite,
        random,
        identity,
        type,
        net,
        endpoints: config.endpoints ?? [],
        isRelay: relay !== undefined,
      },
      time,
    )
    this.#server =
      type === 'server' ? new ServerSide({ suite, net, relay }, this.#ownRecord) : undefined
    const server = this.#server
    this.#links = new LinkTable({
      suite,
      random,
      identity,
      type,
      net,
      versions: PROTOCOL_VERSIONS,
      ...(server !== undefined && { welcome: (_peer, at) => server.welcome(at) }),
    })
    this.#router = new Router(
      { suite, random, identity, relay: relayPolicy(relay) },
      this.#ownRecord.onionKeys,
    )
    this.#homes = new HomeServers(
      { suite, random, net, servers: config.servers },
      this.#ownRecord,
    )
    const emit = (event: NodeEvent): void => this.#emit(event)
    this.#peers = new Peers(
      {
        handshake: { suite, random, identity },
        stamps: new RisingStamps(),
        circuits: circuitPort(this.#router, (circuit, key) => this.#peers.ownCircuit(circuit, key)),
        servers: this.#homes,
        emit,
      },
      config.acceptPeer,
    )
    this.#commands = new Commands(this.#peers, this.#homes, emit)
    this.#server?.restore(time, config.saved ?? [])
    this.#drain(time)
  }

  get publicKey(): Uint8Array {
    return this.#identity.publicKey
  }

  /** For metrics and tests. */
  get load(): { links: number; peers: number; records: number; circuits: number } {
    return {
      links: this.#links.size,
      peers: this.#peers.size,
      records: this.#server?.records ?? 0,
      circuits: this.#router.load.circuits,
    }
  }

  newIncomingLink(): LinkId {
    return this.#links.newIncomingId()
  }

  handle(hostTime: Time, input: NodeInput): void {
    if (this.#isStopped) return
    // Every part judges by the network's clock, so a device that is minutes off still takes part.
    const time = { now: hostTime.now, unixMs: this.#networkTime.at(hostTime) }
    switch (input.kind) {
      case 'linkMessage':
        this.#links.feed(time, input.link, { kind: 'message', bytes: input.bytes })
        break
      case 'linkFull':
        this.#links.feed(time, input.link, { kind: 'full' })
        break
      case 'linkWritable':
        this.#links.feed(time, input.link, { kind: 'writable' })
        break
      case 'linkLost':
        this.#links.feed(time, input.link, { kind: 'lost', reason: input.reason })
        break
      case 'linkOpened':
        this.#links.opened(time, input.link, input.channel)
        break
      case 'linkAccepted':
        this.#links.accepted(time, input.link, input.channel)
        break
      case 'storageChanged':
        this.#server?.storageChanged(input.isWorking)
        break
      case 'timeout':
        this.#timeout(time)
        break
      case 'start':
        this.#homes.start(time)
        break
      case 'nudge':
        this.#homes.nudge(time)
        break
      case 'shutdown':
        this.#shutDown(time, input.retryAfterMs)
        break
      default:
        this.#commands.handle(time, input)
    }
    this.#drain(time, hostTime)
  }

  poll(): NodeEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#isStopped) return undefined
    return earliest(
      this.#links.nextTimeout(),
      this.#homes.nextTimeout(),
      this.#server?.nextTimeout(),
      this.#router.nextTimeout(),
      this.#peers.nextTimeout(),
      this.#commands.nextTimeout(),
    )
  }

  #timeout(time: Time): void {
    this.#links.timeout(time)
    this.#homes.timeout(time)
    this.#server?.timeout(time)
    this.#router.handle(time, { kind: 'timeout' })
    this.#peers.timeout(time)
    this.#commands.timeout(time)
  }

  /** Parts feed one another, so they are drained until all are quiet. */
  #drain(time: Time, hostTime: Time = time): void {
    for (;;) {
      const link = this.#links.poll()
      if (link !== undefined) {
        this.#onLink(time, hostTime, link)
        continue
      }
      const circuit = this.#router.poll()
      if (circuit !== undefined) {
        this.#onCircuit(time, circuit)
        continue
      }
      const home = this.#homes.poll()
      if (home !== undefined) {
        this.#onHome(time, home)
        continue
      }
      const server = this.#server?.poll()
      if (server === undefined) return
      this.#onServer(time, server)
    }
  }

  #onLink(time: Time, hostTime: Time, effect: LinkTableEffect): void {
    switch (effect.kind) {
      case 'transmit':
      case 'dialLink':
      case 'closeLink':
        this.#effects.push(effect)
        return
      case 'frame':
        this.#onFrame(time, effect)
        return
      case 'pause':
        this.#router.handle(time, { kind: 'linkPause', link: effect.link })
        return
      case 'resume':
        this.#router.handle(time, { kind: 'linkResume', link: effect.link })
        return
      case 'rtt':
        this.#homes.measured(time, effect.link, effect.ms)
        return
      case 'open':
        this.#onOpen(time, hostTime, effect)
        return
      case 'closed':
        this.#router.handle(time, { kind: 'linkDown', link: effect.link })
        this.#server?.linkClosed(effect.link)
        this.#homes.linkClosed(time, effect.link, effect)
    }
  }

  #onOpen(time: Time, hostTime: Time, effect: Extract<LinkTableEffect, { kind: 'open' }>): void {
    const { link, peer, welcome, isInitiator } = effect
    this.#router.handle(time, {
      kind: 'linkUp',
      link,
      peer: peer.keyId,
      isServer: peer.type === 'server',
      initiator: isInitiator,
    })
    if (welcome === undefined) {
      this.#server?.linkOpened(link)
      return
    }
    this.#networkTime.sample(hostTime, welcome.timeMs, 0)
    const at = { now: time.now, unixMs: this.#networkTime.at(hostTime) }
    this.#homes.linkOpened(at, link, peer, welcome)
  }

  #onFrame(time: Time, { link, type, bytes }: Extract<LinkTableEffect, { kind: 'frame' }>): void {
    if (isCell(type)) this.#router.handle(time, { kind: 'cell', link, bytes })
    else if (type === FRAME.request) this.#onRequest(time, link, bytes)
    else this.#homes.frame(time, link, type, bytes)
  }

  #onRequest(time: Time, link: LinkId, bytes: Uint8Array): void {
    const peer = this.#links.peerOf(link)
    if (peer === undefined) return
    if (this.#server === undefined) this.#links.feed(time, link, { kind: 'close', reason: 'protocol' })
    else this.#server.request(time, link, peer, bytes)
  }

  #onCircuit(time: Time, effect: RouterEffect): void {
    switch (effect.kind) {
      case 'transmit':
        this.#links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
        return
      case 'data':
        this.#peers.circuitData(time, effect.circuit, effect.data)
        return
      case 'room':
        this.#peers.circuitRoom(time, effect.circuit)
        return
      case 'incoming': {
        const from = this.#links.peerOf(effect.link)
        if (from !== undefined) this.#peers.incoming(time, effect.circuit, from, effect.data)
        return
      }
      case 'opened':
        this.#peers.circuitOpened(time, effect.circuit, effect.data)
        return
      case 'closed':
        this.#peers.circuitClosed(time, effect.circuit, effect.reason)
        return
      case 'misbehaved':
        this.#links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
        return
      case 'quota':
        this.#server?.quota(effect.link, effect.limit, effect.retryAfterMs)
    }
  }

  #onHome(time: Time, effect: HomeServersEffect): void {
    switch (effect.kind) {
      case 'dial':
        this.#homes.dialing(time, effect.index, this.#links.dial(time, effect.url))
        return
      case 'sendFrame':
        this.#links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
        return
      case 'misbehaved':
        this.#links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
        return
      case 'changed':
        this.#effects.push({ kind: 'attachments', attachments: this.#homes.views(time) })
        return
      case 'attached':
        this.#commands.serversChanged(time)
        this.#peers.serversChanged(time)
        return
      case 'lookedUp':
        this.#commands.lookedUp(time, effect)
    }
  }

  #onServer(time: Time, effect: ServerSideEffect): void {
    switch (effect.kind) {
      case 'sendFrame':
        this.#links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
        return
      case 'misbehaved':
        this.#links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
        return
      case 'save':
        this.#effects.push(effect)
    }
  }

  #emit(event: NodeEvent): void {
    if (event.kind === 'done' || event.kind === 'failed') {
      // Settled once: what was given up, or answered twice by two parts, is not told again.
      if (!this.#commands.settle(event.request)) return
    }
    this.#effects.push(event)
  }

  #shutDown(time: Time, retryAfterMs: number | undefined): void {
    this.#homes.stop()
    this.#peers.hangUpAll(time)
    this.#drain(time)
    this.#links.closeAll(time, 'shutdown', retryAfterMs)
    this.#drain(time)
    this.#commands.stop()
    this.#ownRecord.onionKeys.wipe()
    wipeIdentity(this.#identity)
    this.#isStopped = true
    this.#effects.push({ kind: 'stopped' })
  }
}
