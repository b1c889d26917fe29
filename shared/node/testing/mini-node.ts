// One node of a MiniWorld: its clock, disk and timer, the core and driver of its present life, and what its
// application asked and saw. Every request must be answered once: a second answer throws.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import { utf8Decode, utf8Encode } from '../../bytes/utf8.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import { guardNonces } from '../../crypto/testing/nonce-guard.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { NodeConfig } from '../config.ts'
import { MeshNodeCore } from '../core.ts'
import { directRole } from '../direct/direct-role.ts'
import { Driver } from '../driver.ts'
import type { AttachmentView, NodeEvent, Outcome } from '../effects.ts'
import type { AddressClass } from '../host.ts'
import type { Command, RequestId } from '../inputs.ts'
import { lanRole } from '../lan/lan-role.ts'
import type { Failure } from '../mesh-error.ts'
import { resumingCore } from '../resume/resuming-core.ts'
import { serverRole } from '../server/server-role.ts'
import { miniHost } from './mini-host.ts'
import type { MiniWorld } from './mini-world.ts'

export interface MiniNodeOptions
  extends Partial<
    Pick<
      NodeConfig,
      | 'type'
      | 'net'
      | 'servers'
      | 'relay'
      | 'clientRelay'
      | 'acceptPeer'
      | 'seed'
      | 'join'
      | 'mode'
      | 'allowsPlainDials'
      | 'stunPort'
    >
  > {
  /** Whether it connects to others by WebRTC. */
  readonly hasRtc?: boolean
  /** Its IP address on the LAN of the world, where it finds its neighbours. */
  readonly address?: string
  /** Wall clock error. */
  readonly skewMs?: number
  /** Whether its sessions outlive its lives. */
  readonly keepsSessions?: boolean
  /** Host names by which it is dialed besides its own. */
  readonly aliases?: readonly string[]
}

export type Answer = Outcome | { readonly kind: 'failed'; readonly failure: Failure }
export type Seen<Kind extends NodeEvent['kind']> = Extract<NodeEvent, { kind: Kind }>

const RELAY = { bytesPerS: 8 * 1024 * 1024, burstBytes: 64 * 1024 * 1024 }
const ADDRESS_CLASS: AddressClass = 'loopback'

export class MiniNode {
  readonly name: string
  readonly url: ServerUrl
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  readonly key: KeyId
  /** Rises with every boot and kill. */
  life = 0
  skewMs: number
  /** Whether the application takes its messages at once. */
  isConsuming = true
  attachments: readonly AttachmentView[] = []
  readonly disk = new Map<string, Uint8Array>()
  /** What writes have replaced, oldest first, so that a crash can lose the newest ones. */
  readonly overwritten: [key: string, before: Uint8Array | undefined][] = []
  /** Told before each write; may kill the node: then that write, and all after it, never happens. */
  onSave: (key: string, value: Uint8Array | undefined) => void = () => {}
  /** Of all lives, oldest first. */
  readonly events: NodeEvent[] = []
  /** Told of each event after it was recorded. */
  onEvent: (event: NodeEvent) => void = () => {}
  /** Keys and other secrets that this life was given by its host, for tests of wiping. */
  randoms: Uint8Array[] = []
  /** One guard for all lives: no key and counter may meet twice in any two of them. */
  readonly #suite: CryptoSuite = guardNonces(nodeSuite)
  readonly #world: MiniWorld
  readonly #options: MiniNodeOptions
  readonly #answers = new Map<RequestId, Answer | undefined>()
  #running: { readonly core: MeshNodeCore; readonly driver: Driver } | undefined
  #timer: (() => void) | undefined
  #lastRequest = 0

  constructor(world: MiniWorld, name: string, options: MiniNodeOptions, seed: Uint8Array) {
    this.#world = world
    this.#options = options
    this.name = name
    this.url = { scheme: 'ws', host: name, port: 80 }
    this.seed = options.seed ?? seed
    this.publicKey = nodeSuite.signPublic(this.seed)
    this.key = keyIdOf(this.publicKey)
    this.skewMs = options.skewMs ?? 0
  }

  get address(): string | undefined {
    return this.#options.address
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  get hasRtc(): boolean {
    return this.#options.hasRtc === true
  }

  get hosts(): readonly string[] {
    const { aliases = [], address } = this.#options
    return [this.name, ...aliases, ...(address === undefined ? [] : [address])]
  }

  get core(): MeshNodeCore {
    if (this.#running === undefined) throw new Error(`${this.name} is down`)
    return this.#running.core
  }

  get driver(): Driver {
    if (this.#running === undefined) throw new Error(`${this.name} is down`)
    return this.#running.driver
  }

  get isOnline(): boolean {
    return this.attachments.some(({ state }) => state === 'online')
  }

  boot(): void {
    const { type = 'client', net = new Uint8Array(16), servers = [] } = this.#options
    const { relay = RELAY, acceptPeer, clientRelay, address, hasRtc = false } = this.#options
    const { join = [], mode, allowsPlainDials = false, stunPort } = this.#options
    this.life += 1
    this.attachments = []
    this.randoms = []
    const host = miniHost(this.#world, this, at => this.#setTimer(at))
    const config: NodeConfig = {
      suite: this.#suite,
      random: host.randomBytes,
      seed: this.seed,
      type,
      net,
      servers,
      ...(type === 'server' && { serverRole, relay, endpoints: [{ url: originOf(this.url) }] }),
      ...(type === 'server' && { join, allowsPlainDials }),
      ...(stunPort !== undefined && { stunPort }),
      ...(mode !== undefined && { mode }),
      ...(acceptPeer !== undefined && { acceptPeer }),
      ...(clientRelay !== undefined && { clientRelay }),
      ...(address !== undefined && { lan: lanRole }),
      ...(hasRtc && { direct: { role: directRole, candidates: 'all' as const } }),
      saved: new Map(this.disk),
    }
    const time = { now: host.now(), unixMs: host.unixMs() }
    const resuming = this.#options.keepsSessions ? resumingCore(config, time) : undefined
    const core = resuming?.core ?? new MeshNodeCore(config, time)
    const machine = resuming?.machine ?? core
    const { life } = this
    const driver = new Driver(machine, host, event => {
      if (this.life === life) this.#take(event)
    })
    this.#running = { core, driver }
    driver.command({ kind: 'start' })
    if (address !== undefined) driver.lanOpened(this.url.port)
  }

  /** @param isSilent as by a power cut: nobody is told */
  kill(isSilent = false): void {
    this.life += 1
    this.#setTimer(undefined)
    this.#running = undefined
    this.#world.vanish(this, isSilent)
  }

  // ---- the application ----

  ask(make: (request: RequestId) => Command): RequestId {
    this.#lastRequest += 1
    const request = this.#lastRequest
    this.#answers.set(request, undefined)
    this.driver.command(make(request))
    return request
  }

  dial(peer: MiniNode, timeoutMs = 10_000): RequestId {
    return this.ask(request => ({ kind: 'dial', request, peer: peer.key, timeoutMs }))
  }

  lookup(key: KeyId, timeoutMs = 10_000): RequestId {
    return this.ask(request => ({ kind: 'lookup', request, key, timeoutMs }))
  }

  ping(peer: MiniNode, timeoutMs = 10_000): RequestId {
    return this.ask(request => ({ kind: 'ping', request, peer: peer.key, timeoutMs }))
  }

  send(peer: MiniNode, text: string, timeoutMs = 30_000): RequestId {
    const [id, data] = [this.#world.random.bytes(16), utf8Encode(text)]
    return this.ask(request => ({ kind: 'send', request, peer: peer.key, id, data, timeoutMs }))
  }

  cancel(request: RequestId): void {
    this.driver.command({ kind: 'cancel', request })
  }

  hangUp(peer: MiniNode): void {
    this.driver.command({ kind: 'hangUp', peer: peer.key })
  }

  shutdown(): void {
    this.driver.command({ kind: 'shutdown' })
  }

  /** The answer, `undefined` while there is none. */
  answer(request: RequestId): Answer | undefined {
    return this.#answers.get(request)
  }

  /** `done kind` or the failure's code. */
  verdict(request: RequestId): string | undefined {
    const answer = this.answer(request)
    return answer?.kind === 'failed' ? answer.failure.code : answer?.kind
  }

  /** Requests without an answer. */
  get open(): number {
    return [...this.#answers.values()].filter(answer => answer === undefined).length
  }

  seen<Kind extends NodeEvent['kind']>(kind: Kind): Seen<Kind>[] {
    return this.events.filter((event): event is Seen<Kind> => event.kind === kind)
  }

  /** Texts that arrived, oldest first. */
  get texts(): string[] {
    return this.seen('message').map(({ data }) => utf8Decode(data))
  }

  // ---- for the world ----

  /** The newest `count` writes turn out not to have reached the disk. */
  loseWrites(count: number): void {
    for (const [key, before] of this.overwritten.splice(-count, count).reverse()) {
      if (before === undefined) this.disk.delete(key)
      else this.disk.set(key, before)
    }
  }

  accept(): LinkId {
    const schemes = ['ws', 'wss'] as const
    const origins = this.hosts.flatMap(host =>
      schemes.map(scheme => originOf({ ...this.url, scheme, host })),
    )
    return this.driver.linkAccepted({ origins, addressClass: ADDRESS_CLASS })
  }

  /** A datagram of the LAN. */
  hear(bytes: Uint8Array, address: string): void {
    if (this.address !== undefined) this.#running?.driver.beaconHeard({ bytes, address })
  }

  lost(link: LinkId): void {
    this.#running?.driver.linkLost(link, 'unreachable')
  }

  #take(event: NodeEvent): void {
    this.events.push(event)
    if (event.kind === 'attachments') this.attachments = event.attachments
    if (event.kind === 'done') this.#settle(event.request, event.outcome)
    if (event.kind === 'failed') this.#settle(event.request, event)
    if (event.kind === 'message' && this.isConsuming) {
      const { peer, data } = event
      this.driver.command({ kind: 'consumed', peer, bytes: data.length })
    }
    this.onEvent(event)
  }

  #settle(request: RequestId, answer: Answer): void {
    if (!this.#answers.has(request)) throw new Error(`nobody asked for ${request}`)
    if (this.#answers.get(request) !== undefined) throw new Error(`${request} was answered twice`)
    this.#answers.set(request, answer)
  }

  #setTimer(atMs: number | undefined): void {
    if (this.#timer !== undefined) this.#world.cancel(this.#timer)
    this.#timer = undefined
    if (atMs === undefined) return
    this.#timer = this.#world.at(atMs, () => {
      this.#timer = undefined
      this.driver.wake()
    })
  }
}
