// One end of circuits and nothing above it: a client's links and router on a Node host, without registry, routes or
// sessions, so that circuits over any relays can be measured (docs/PROTOCOL.md 6).

import { networkId } from '../client/options.ts'
import { NO_STORE, NodeHost } from '../host/node/node-host.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import type { CborMap } from '../shared/bytes/cbor.ts'
import { createIdentity, SEED_BYTES } from '../shared/identity/identity.ts'
import type { LinkId } from '../shared/link/link-id.ts'
import { earliest } from '../shared/machine/earliest.ts'
import type { Time } from '../shared/machine/machine.ts'
import { parseServerUrl } from '../shared/node/address/server-url.ts'
import { PROTOCOL_VERSIONS } from '../shared/node/config.ts'
import type { DialedChannel, HostEvents } from '../shared/node/host.ts'
import { CellCarrier } from '../shared/node/links/cell-carrier.ts'
import { LinkTable } from '../shared/node/links/link-table.ts'
import type { LinkEvent, LinkTableEffect } from '../shared/node/links/link-table-types.ts'
import type { CircuitId } from '../shared/routing/circuit.ts'
import { OnionKeys } from '../shared/routing/onion-keys.ts'
import type { SetupHop } from '../shared/routing/onion-setup.ts'
import { Router } from '../shared/routing/router.ts'
import type { RouterEffect } from '../shared/routing/router-messages.ts'
import type { CloseReason } from '../shared/wire/close-code.ts'
import { FRAME, isCell } from '../shared/wire/frame-type.ts'
import type { RpcResponse } from '../shared/wire/rpc-messages.ts'
import { decodeResponse, encodeRequest } from '../shared/wire/rpc-messages.ts'

export interface CircuitEvents {
  data(circuit: CircuitId, data: Uint8Array): void
  /** It takes cells again. */
  room(circuit: CircuitId): void
}

interface Waiting<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

const OPEN_TIMEOUT_MS = 10_000
const NOTHING = new Uint8Array()

export class CircuitEnd implements HostEvents {
  readonly hop: SetupHop
  readonly #events: CircuitEvents
  readonly #host = new NodeHost(NO_STORE)
  readonly #links: LinkTable
  readonly #router: Router
  readonly #carrier: CellCarrier
  readonly #attaching = new Map<LinkId, Waiting<LinkId>>()
  readonly #opening = new Map<CircuitId, Waiting<CircuitId>>()
  readonly #asking = new Map<number, (response: RpcResponse) => void>()
  #wakeAt: number | undefined

  constructor(events: CircuitEvents) {
    this.#events = events
    this.#host.connect(this)
    const random = (length: number): Uint8Array => this.#host.randomBytes(length)
    const suite = nodeSuite
    const identity = createIdentity(suite, random(SEED_BYTES))
    const onionKeys = new OnionKeys(suite, random, this.#time())
    const net = networkId(undefined, suite)
    const versions = PROTOCOL_VERSIONS
    this.#links = new LinkTable(
      { suite, random, identity, type: 'client', net, versions },
      () => undefined,
    )
    this.#router = new Router({ suite, random, identity, relay: undefined }, onionKeys)
    this.#carrier = new CellCarrier(this.#router, this.#links)
    const [current] = onionKeys.entries()
    if (current === undefined) throw new Error('no onion key')
    this.hop = { id: identity.publicKey, onionKey: current.key }
  }

  attach(address: string): Promise<LinkId> {
    const attached = new Promise<LinkId>((resolve, reject) => {
      const link = this.#links.dial(this.#time(), parseServerUrl(address), { isUntrusted: false })
      this.#attaching.set(link, { resolve, reject })
    })
    this.#drain()
    return attached
  }

  ask(link: LinkId, method: string, body: CborMap): Promise<RpcResponse> {
    const id = this.#asking.size + 1
    const answered = new Promise<RpcResponse>(resolve => this.#asking.set(id, resolve))
    this.#links.feed(this.#time(), link, {
      kind: 'send',
      bytes: encodeRequest({ id, method, body }),
    })
    this.#drain()
    return answered
  }

  /** @param hops relays, then the far end @param large whether it carries large cells too */
  open(hops: readonly SetupHop[], large: boolean): Promise<CircuitId> {
    const circuit = this.#router.nextCircuitId()
    const opened = new Promise<CircuitId>((resolve, reject) => {
      this.#opening.set(circuit, { resolve, reject })
    })
    const timeoutMs = OPEN_TIMEOUT_MS
    this.#router.handle(this.#time(), {
      kind: 'open',
      circuit,
      hops,
      data: NOTHING,
      large,
      timeoutMs,
    })
    this.#drain()
    return opened
  }

  /** Sends as often as there is room, at most `count` times. @returns how often */
  send(circuit: CircuitId, data: Uint8Array, count: number): number {
    let sent = 0
    for (; sent < count && this.#router.room(circuit) > 0; sent += 1) {
      const time = this.#time()
      this.#router.handle(time, { kind: 'send', circuit, data })
      this.#carrier.carry(time)
    }
    this.#drain()
    return sent
  }

  close(circuit: CircuitId): void {
    this.#router.handle(this.#time(), { kind: 'destroy', circuit, reason: 'closed' })
    this.#drain()
  }

  // ---- of the host ----

  wake(): void {
    this.#wakeAt = undefined
    this.#links.timeout(this.#time())
    this.#router.handle(this.#time(), { kind: 'timeout' })
    this.#drain()
  }

  linkOpened(link: LinkId, channel: DialedChannel): void {
    this.#feed({ kind: 'linkOpened', link, channel })
  }

  linkAccepted(): LinkId {
    throw new Error('nobody dials this end')
  }

  linkMessage(link: LinkId, bytes: Uint8Array): void {
    this.#feed({ kind: 'linkMessage', link, bytes })
  }

  linkWritable(link: LinkId): void {
    this.#feed({ kind: 'linkWritable', link })
  }

  linkLost(link: LinkId, reason: CloseReason): void {
    this.#feed({ kind: 'linkLost', link, reason })
  }

  storageChanged(): void {}

  #time(): Time {
    return { now: this.#host.now(), unixMs: this.#host.unixMs() }
  }

  #feed(input: LinkEvent): void {
    this.#links.handle(this.#time(), input)
    this.#drain()
  }

  #drain(): void {
    for (;;) {
      const link = this.#carrier.pollLink()
      const circuit = link === undefined ? this.#carrier.pollRouter() : undefined
      if (link !== undefined) this.#onLink(this.#time(), link)
      else if (circuit !== undefined) this.#onCircuit(this.#time(), circuit)
      else break
    }
    const next = earliest(this.#links.nextTimeout(), this.#router.nextTimeout())
    if (next === this.#wakeAt) return
    this.#wakeAt = next
    this.#host.wakeAt(next)
  }

  #onLink(time: Time, effect: LinkTableEffect): void {
    switch (effect.kind) {
      case 'dialLink':
        this.#host.dial(effect.link, effect.url, effect)
        return
      case 'transmit':
        if (this.#host.send(effect.link, effect.bytes) === 'ok') return
        this.#links.handle(time, { kind: 'linkFull', link: effect.link })
        return
      case 'closeLink':
        this.#host.close(effect.link, effect.reason)
        return
      case 'pause':
      case 'resume': {
        const kind = effect.kind === 'pause' ? 'linkPause' : 'linkResume'
        this.#router.handle(time, { kind, link: effect.link })
        return
      }
      case 'open': {
        const { link, peer, isInitiator: initiator } = effect
        const isServer = peer.type === 'server'
        this.#router.handle(time, { kind: 'linkUp', link, peer: peer.keyId, isServer, initiator })
        this.#attaching.get(link)?.resolve(link)
        return
      }
      case 'frame':
        this.#onFrame(time, effect)
        return
      case 'closed':
        this.#router.handle(time, { kind: 'linkDown', link: effect.link })
        this.#attaching.get(effect.link)?.reject(new Error(`the link ended: ${effect.reason}`))
    }
  }

  #onFrame(time: Time, { link, type, bytes }: Extract<LinkTableEffect, { kind: 'frame' }>): void {
    if (isCell(type)) this.#router.handle(time, { kind: 'cell', link, bytes })
    if (type !== FRAME.response) return
    const response = decodeResponse(bytes)
    this.#asking.get(response.id)?.(response)
  }

  #onCircuit(time: Time, effect: RouterEffect): void {
    switch (effect.kind) {
      case 'transmit':
        this.#links.feed(time, effect.link, { kind: 'send', bytes: effect.bytes })
        return
      case 'incoming':
        this.#router.handle(time, { kind: 'answer', circuit: effect.circuit, data: NOTHING })
        return
      case 'opened':
        this.#opening.get(effect.circuit)?.resolve(effect.circuit)
        return
      case 'closed':
        this.#opening.get(effect.circuit)?.reject(new Error(`the circuit ended: ${effect.reason}`))
        return
      case 'data':
        this.#events.data(effect.circuit, effect.data)
        return
      case 'room':
        this.#events.room(effect.circuit)
    }
  }
}
