// A whole node as one machine: links, servers, requests, circuits, peers. A dispatcher without protocol
// logic: each input, and each effect of a part, is one call into the part that knows.

import { wipeIdentity } from '../identity/identity.ts'
import type { LinkId } from '../link/link-id.ts'
import { earliest } from '../machine/earliest.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import { isCell } from '../wire/frame-type.ts'
import type { NodeConfig } from './config.ts'
import type { NodeMachine } from './driver.ts'
import type { NodeEffect, NodeEvent, NodeLoad } from './effects.ts'
import { applyHomeEffect } from './homes/home-wiring.ts'
import type { NodeInput } from './inputs.ts'
import { applyCircuitEffect } from './links/circuit-wiring.ts'
import type { LinkTableEffect } from './links/link-table-types.ts'
import {
  beginNeighbourLink,
  endNeighbourLink,
  passNeighbourNews,
  takeNeighbourFrame,
} from './neighbours/neighbour-wiring.ts'
import { NetworkTime } from './network-time.ts'
import type { NodeParts } from './node-parts.ts'
import { composeNode } from './node-parts.ts'
import { NODE_CLOSED } from './peer-failure.ts'
import { measureLink, takeGuards } from './routes/route-wiring.ts'
import { statsAnswer } from './stats.ts'

export class MeshNodeCore implements NodeMachine {
  readonly #networkTime = new NetworkTime()
  readonly #parts: NodeParts
  readonly #effects = new EffectQueue<NodeEffect>()
  #isStopped = false

  /**
   * Takes a copy of the seed.
   * @throws RangeError for a seed, relay limits or endpoints out of range
   */
  constructor(config: NodeConfig, hostTime: Time) {
    const time = this.#networkTimeAt(hostTime)
    this.#parts = composeNode(config, time, this.#networkTime, event => this.#emit(event))
    this.#parts.server?.restore(time, config.saved ?? [])
    this.#drain(time)
  }

  get publicKey(): Uint8Array {
    return this.#parts.identity.publicKey
  }

  /** For metrics and tests. */
  get load(): NodeLoad {
    const { links, peers, server, router } = this.#parts
    const { circuits } = router.load
    const network = server?.network
    const knownServers = network?.state === 'joined' ? network.servers : 0
    const records = server?.records ?? 0
    return { links: links.size, peers: peers.size, records, knownServers, circuits }
  }

  /** Bytes of cells that were passed on for others, so far. */
  get relayedBytes(): number {
    return this.#parts.router.relayedBytes
  }

  newIncomingLink(): LinkId {
    return this.#parts.links.newIncomingId()
  }

  handle(hostTime: Time, input: NodeInput): void {
    if (this.#isStopped) {
      this.#refuse(input)
      return
    }
    const time = this.#networkTimeAt(hostTime)
    switch (input.kind) {
      case 'linkOpened':
      case 'linkAccepted':
      case 'linkMessage':
      case 'linkFull':
      case 'linkWritable':
      case 'linkLost':
        this.#parts.links.handle(time, input)
        break
      case 'rtcSignal':
        this.#parts.direct?.hostSignal(input.link, input.signal)
        break
      case 'rtcPaired':
        this.#parts.direct?.paired(input.link, input.pair)
        break
      case 'lanOpened':
      case 'beaconHeard':
      case 'lanChanged':
        this.#parts.lanRole?.handle(this.#parts, time, input)
        break
      case 'storageChanged':
        this.#parts.server?.storageChanged(time, input.isWorking)
        break
      case 'suspend':
      case 'timeout':
        this.#timeout(time)
        break
      case 'start':
        this.#parts.homes.start()
        this.#parts.server?.start(time)
        break
      case 'endpoints':
        this.#parts.server?.setEndpoints(time, input.endpoints)
        break
      case 'nudge':
        this.#parts.links.doubtAll(time)
        this.#parts.homes.nudge(time)
        this.#parts.direct?.networkChanged(time)
        break
      case 'shutdown':
        this.#shutDown(time, input.retryAfterMs)
        break
      case 'stats':
        this.#effects.push(statsAnswer(this.#parts, time, input.request))
        break
      default:
        this.#parts.lanRole?.seek(this.#parts, input)
        this.#parts.commands.handle(time, input)
        if (input.kind === 'lookup') this.#parts.server?.lookup(time, input.request, input.key)
    }
    this.#drain(time, hostTime)
    const guards = takeGuards(this.#parts)
    if (guards !== undefined) this.#effects.push(guards)
  }

  poll(): NodeEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#isStopped) return undefined
    return earliest(
      this.#parts.links.nextTimeout(),
      this.#parts.homes.nextTimeout(),
      this.#parts.lan?.nextTimeout(),
      this.#parts.direct?.nextTimeout(),
      this.#parts.relay?.nextTimeout(),
      this.#parts.mesh?.nextTimeout(),
      this.#parts.routeQueries.nextTimeout(),
      this.#parts.server?.nextTimeout(),
      this.#parts.router.nextTimeout(),
      this.#parts.peers.nextTimeout(),
      this.#parts.commands.nextTimeout(),
    )
  }

  #timeout(time: Time): void {
    this.#parts.links.timeout(time)
    this.#parts.homes.timeout(time)
    this.#parts.lan?.timeout(time)
    this.#parts.direct?.timeout(time)
    this.#parts.mesh?.timeout(time)
    this.#parts.routeQueries.timeout(time)
    this.#parts.server?.timeout(time)
    this.#parts.router.handle(time, { kind: 'timeout' })
    this.#parts.peers.timeout(time)
    this.#parts.commands.timeout(time)
  }

  /**
   * Parts feed one another, so they are drained until all are quiet. The server comes before the router: a
   * neighbour hears which limit it ran into before its circuit ends.
   */
  #drain(time: Time, hostTime: Time = time): void {
    const { carrier, homes, server, serverRole } = this.#parts
    const emit = (effect: NodeEffect): void => this.#effects.push(effect)
    for (;;) {
      const link = carrier.pollLink()
      if (link !== undefined) {
        this.#onLink(time, hostTime, link)
        continue
      }
      const answer = server?.poll()
      if (answer !== undefined) {
        serverRole?.apply(this.#parts, time, answer, emit)
        continue
      }
      const circuit = carrier.pollRouter()
      if (circuit !== undefined) {
        applyCircuitEffect(this.#parts, time, circuit)
        continue
      }
      if (passNeighbourNews(this.#parts, time, emit)) continue
      const home = homes.poll()
      if (home === undefined) return
      applyHomeEffect(this.#parts, time, home, emit)
    }
  }

  #onLink(time: Time, hostTime: Time, effect: LinkTableEffect): void {
    switch (effect.kind) {
      case 'transmit':
      case 'dialLink':
      case 'openRtc':
      case 'closeLink':
        this.#effects.push(effect)
        return
      case 'frame':
        this.#onFrame(time, effect)
        return
      case 'pause':
      case 'resume': {
        const kind = effect.kind === 'pause' ? 'linkPause' : 'linkResume'
        this.#parts.router.handle(time, { kind, link: effect.link })
        return
      }
      case 'rtt':
        measureLink(this.#parts, time, effect)
        return
      case 'open':
        this.#onOpen(time, hostTime, effect)
        return
      case 'closed':
        this.#parts.router.handle(time, { kind: 'linkDown', link: effect.link })
        this.#parts.server?.linkClosed(time, effect.link, effect)
        endNeighbourLink(this.#parts, time, effect.link)
        this.#parts.homes.linkClosed(time, effect.link, effect)
    }
  }

  #onOpen(time: Time, hostTime: Time, effect: Extract<LinkTableEffect, { kind: 'open' }>): void {
    const { link, peer, welcome, isInitiator, network } = effect
    const { direct, homes, lan, router, server } = this.#parts
    const isDirect = direct?.opened(link) === true
    // Anybody can call itself a server: one that we reached by its address gets a server's allowance.
    const isReached = (isInitiator && !isDirect) || server?.isProven(peer.keyId) === true
    const isServer = peer.type === 'server' && isReached
    router.handle(time, {
      kind: 'linkUp',
      link,
      peer: peer.keyId,
      isServer,
      initiator: isInitiator,
    })
    // Whoever took our offer has no voice: strangers could be more than our servers are.
    if (welcome !== undefined && !isDirect) {
      this.#networkTime.sample(hostTime, peer.keyId, welcome.timeMs, 0)
    }
    const networkTime = this.#networkTimeAt(hostTime)
    if (server !== undefined) server.linkOpened(networkTime, link, peer, welcome, network)
    else if (isDirect || lan?.opened(link) === true || welcome === undefined) {
      beginNeighbourLink(this.#parts, networkTime, link, peer.keyId, welcome?.record)
    } else homes.linkOpened(networkTime, link, peer, welcome)
  }

  #onFrame(time: Time, { link, type, bytes }: Extract<LinkTableEffect, { kind: 'frame' }>): void {
    const { homes, router, server } = this.#parts
    if (isCell(type)) router.handle(time, { kind: 'cell', link, bytes })
    else if (server !== undefined) server.frame(time, link, type, bytes)
    else if (!takeNeighbourFrame(this.#parts, time, link, type, bytes)) {
      homes.frame(time, link, type, bytes)
    }
  }

  #emit(event: NodeEvent): void {
    if (event.kind === 'done' || event.kind === 'failed') {
      // Settled once: what was given up, or answered twice by two parts, is not told again.
      if (!this.#parts.commands.settle(event.request)) return
    }
    this.#effects.push(event)
  }

  #shutDown(time: Time, retryAfterMs: number | undefined): void {
    this.#parts.homes.stop()
    this.#parts.lan?.stop()
    this.#parts.peers.hangUpAll(time)
    this.#parts.mesh?.stop(time)
    this.#parts.direct?.stop()
    this.#drain(time)
    this.#parts.server?.stop()
    this.#parts.links.closeAll(time, 'shutdown', retryAfterMs)
    this.#drain(time)
    this.#parts.commands.stop()
    this.#parts.ownRecord.onionKeys.wipe()
    wipeIdentity(this.#parts.identity)
    this.#isStopped = true
    this.#effects.push({ kind: 'stopped' })
  }

  /** Each request is answered, also those that come too late. */
  #refuse(input: NodeInput): void {
    if (!('request' in input) || input.kind === 'cancel') return
    this.#effects.push({ kind: 'failed', request: input.request, failure: NODE_CLOSED })
  }

  /** Every part judges by the network's clock, so a device that is minutes off still takes part. */
  #networkTimeAt(hostTime: Time): Time {
    return { now: hostTime.now, unixMs: this.#networkTime.at(hostTime) }
  }
}
