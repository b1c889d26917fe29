// A whole node as one machine: links, servers, requests, circuits, peers. A dispatcher without protocol
// logic: each input, and each effect of a part, is one call into the part that knows.

import { wipeIdentity } from '../identity/identity.ts'
import type { LinkId } from '../link/link-id.ts'
import { earliest } from '../machine/earliest.ts'
import { EffectQueue } from '../machine/effect-queue.ts'
import type { Time } from '../machine/machine.ts'
import type { RouterEffect } from '../routing/router-messages.ts'
import { FRAME, isCell } from '../wire/frame-type.ts'
import type { NodeConfig } from './config.ts'
import type { NodeMachine } from './driver.ts'
import type { NodeEffect, NodeEvent } from './effects.ts'
import type { HomeServersEffect } from './home-servers.ts'
import type { NodeInput } from './inputs.ts'
import type { LinkTableEffect } from './link-table.ts'
import { NetworkTime } from './network-time.ts'
import type { NodeParts } from './node-parts.ts'
import { composeNode } from './node-parts.ts'
import { NODE_CLOSED } from './peer-failure.ts'
import type { ServerSideEffect } from './server-side.ts'

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
  get load(): { links: number; peers: number; records: number; circuits: number } {
    const { links, peers, server, router } = this.#parts
    const { circuits } = router.load
    return { links: links.size, peers: peers.size, records: server?.records ?? 0, circuits }
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
      case 'storageChanged':
        this.#parts.server?.storageChanged(input.isWorking)
        break
      case 'timeout':
        this.#timeout(time)
        break
      case 'start':
        this.#parts.homes.start(time)
        break
      case 'nudge':
        this.#parts.homes.nudge(time)
        break
      case 'shutdown':
        this.#shutDown(time, input.retryAfterMs)
        break
      default:
        this.#parts.commands.handle(time, input)
    }
    this.#drain(time, hostTime)
  }

  poll(): NodeEffect | undefined {
    return this.#effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#isStopped) return undefined
    return earliest(
      this.#parts.links.nextTimeout(),
      this.#parts.homes.nextTimeout(),
      this.#parts.server?.nextTimeout(),
      this.#parts.router.nextTimeout(),
      this.#parts.peers.nextTimeout(),
      this.#parts.commands.nextTimeout(),
    )
  }

  #timeout(time: Time): void {
    this.#parts.links.timeout(time)
    this.#parts.homes.timeout(time)
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
    const { carrier, homes, server } = this.#parts
    for (;;) {
      const link = carrier.pollLink()
      if (link !== undefined) {
        this.#onLink(time, hostTime, link)
        continue
      }
      const answer = server?.poll()
      if (answer !== undefined) {
        this.#onServer(time, answer)
        continue
      }
      const circuit = carrier.pollRouter()
      if (circuit !== undefined) {
        this.#onCircuit(time, circuit)
        continue
      }
      const home = homes.poll()
      if (home === undefined) return
      this.#onHome(time, home)
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
      case 'resume': {
        const kind = effect.kind === 'pause' ? 'linkPause' : 'linkResume'
        this.#parts.router.handle(time, { kind, link: effect.link })
        return
      }
      case 'rtt':
        this.#parts.homes.measured(time, effect.link, effect.ms)
        return
      case 'open':
        this.#onOpen(time, hostTime, effect)
        return
      case 'closed':
        this.#parts.router.handle(time, { kind: 'linkDown', link: effect.link })
        this.#parts.server?.linkClosed(effect.link)
        this.#parts.homes.linkClosed(time, effect.link, effect)
    }
  }

  #onOpen(time: Time, hostTime: Time, effect: Extract<LinkTableEffect, { kind: 'open' }>): void {
    const { link, peer, welcome, isInitiator } = effect
    this.#parts.router.handle(time, {
      kind: 'linkUp',
      link,
      peer: peer.keyId,
      // Anybody can call itself a server: only those that we dialed get a server's allowance.
      isServer: isInitiator && peer.type === 'server',
      initiator: isInitiator,
    })
    if (welcome === undefined) {
      this.#parts.server?.linkOpened(link, peer.keyId)
      return
    }
    this.#networkTime.sample(hostTime, peer.keyId, welcome.timeMs, 0)
    this.#parts.homes.linkOpened(this.#networkTimeAt(hostTime), link, peer, welcome)
  }

  #onFrame(time: Time, { link, type, bytes }: Extract<LinkTableEffect, { kind: 'frame' }>): void {
    if (isCell(type)) this.#parts.router.handle(time, { kind: 'cell', link, bytes })
    else if (type === FRAME.request) this.#onRequest(time, link, bytes)
    else this.#parts.homes.frame(time, link, type, bytes)
  }

  #onRequest(time: Time, link: LinkId, bytes: Uint8Array): void {
    const { links, server } = this.#parts
    const peer = links.peerOf(link)
    if (server === undefined) links.feed(time, link, { kind: 'close', reason: 'protocol' })
    else if (peer !== undefined) server.request(time, link, peer, bytes)
  }

  #onCircuit(time: Time, effect: RouterEffect): void {
    switch (effect.kind) {
      case 'transmit':
        this.#parts.links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
        return
      case 'data':
        this.#parts.peers.circuitData(time, effect.circuit, effect.data)
        return
      case 'room':
        this.#parts.peers.circuitRoom(time, effect.circuit)
        return
      case 'incoming': {
        const from = this.#parts.links.peerOf(effect.link)
        if (from !== undefined) this.#parts.peers.incoming(time, effect.circuit, from, effect.data)
        return
      }
      case 'opened':
        this.#parts.peers.circuitOpened(time, effect.circuit, effect.data)
        return
      case 'closed':
        this.#parts.peers.circuitClosed(time, effect.circuit, effect.reason)
        return
      case 'misbehaved':
        this.#parts.links.feed(time, effect.link, { kind: 'close', reason: effect.reason })
        return
      case 'quota':
        this.#parts.server?.quota(effect.link, effect.limit, effect.retryAfterMs)
    }
  }

  #onHome(time: Time, effect: HomeServersEffect): void {
    switch (effect.kind) {
      case 'dial':
        this.#parts.homes.dialing(time, effect.index, this.#parts.links.dial(time, effect.url))
        return
      case 'sendFrame':
        this.#parts.links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
        return
      case 'misbehaved':
        this.#parts.links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
        return
      case 'changed':
        this.#effects.push({ kind: 'attachments', attachments: this.#parts.homes.views(time) })
        this.#parts.peers.serversChanged(time)
        return
      case 'attached':
        this.#parts.commands.serverAttached(time)
        this.#parts.peers.serverAttached(time)
        return
      case 'lookedUp':
        this.#parts.commands.lookedUp(time, effect)
    }
  }

  #onServer(time: Time, effect: ServerSideEffect): void {
    const { links } = this.#parts
    if (effect.kind === 'save') this.#effects.push(effect)
    else if (effect.kind === 'misbehaved') {
      links.feed(time, effect.link, { kind: 'close', reason: 'protocol' })
    } else links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
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
    this.#parts.peers.hangUpAll(time)
    this.#drain(time)
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
