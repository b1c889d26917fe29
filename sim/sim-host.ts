// The Host of one running program in the simulator (architecture D2): virtual clock, seeded randomness, one
// timer slot, dialing of simulated servers, links, and a disk. Everything that crosses this boundary goes
// into the trace. After the program was killed every call is harmless and it is told nothing any more.

import type { LinkId } from '../shared/link/link-id.ts'
import type { RandomBytes } from '../shared/machine/machine.ts'
import type { ServerUrl } from '../shared/node/address/server-url.ts'
import { originOf } from '../shared/node/address/server-url.ts'
import type { AcceptedChannel, DialedChannel, Host, HostEvents } from '../shared/node/host.ts'
import type { RtcEvents, RtcHost, RtcSignal } from '../shared/node/rtc-host.ts'
import type { CloseReason } from '../shared/wire/close-code.ts'
import { CLOSE_CODE } from '../shared/wire/close-code.ts'
import type { ScheduledEvent } from './event-queue.ts'
import { HostEnd } from './host-end.ts'
import type { Side, SimLink } from './sim-link.ts'
import type { SimNode } from './sim-node.ts'
import type { TraceKind } from './trace.ts'

/** How long a connect without any answer takes to fail: operating systems give up late. */
export const CONNECT_TIMEOUT_MS = 30_000
/** How long the answer takes that a name does not exist. */
const NAME_ERROR_MS = 20
/** A timer fires up to this much late even on an idle machine. */
const TIMER_LATE_MS = 1
/** Wall clock at virtual time 0: an arbitrary day of 2026. */
export const EPOCH_UNIX_MS = 1_780_000_000_000

/** Programs without WebRTC hear nothing of it. */
export type ProgramEvents = HostEvents & Partial<RtcEvents>

type Channel =
  /** A WebRTC connection that is being made. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'dialing'; readonly event: ScheduledEvent }
  | { readonly kind: 'linked'; readonly link: SimLink; readonly side: Side }

/** A call for a link that `linkAccepted` is just about to name. */
interface EarlyCall {
  readonly id: LinkId
  readonly run: () => void
}

export class SimHost implements Host {
  readonly randomBytes: RandomBytes
  readonly rtc: RtcHost
  readonly #node: SimNode
  readonly #channels = new Map<LinkId, Channel>()
  #events: ProgramEvents | undefined
  #early: EarlyCall[] | undefined
  #wakeAt: number | undefined
  #timer: ScheduledEvent | undefined
  #isDestroyed = false

  constructor(node: SimNode) {
    this.#node = node
    this.randomBytes = length => node.rng.bytes(length)
    this.rtc = node.world.rtc.hostOf(node, this)
  }

  /** Links, and connects under way. */
  get channelCount(): number {
    return this.#channels.size
  }

  get hasTimer(): boolean {
    return this.#timer !== undefined
  }

  attach(events: ProgramEvents): void {
    this.#events = events
  }

  now(): number {
    return this.#node.monotonicMs
  }

  unixMs(): number {
    return Math.floor(EPOCH_UNIX_MS + this.#node.world.nowMs + this.#node.skewMs)
  }

  wakeAt(at: number | undefined): void {
    if (this.#isDestroyed || at === this.#wakeAt) return
    const { queue } = this.#node.world
    if (this.#timer !== undefined) queue.cancel(this.#timer)
    this.#timer = undefined
    this.#wakeAt = at
    if (at === undefined) return
    this.#timer = queue.schedule(this.#fireTime(at), () => {
      this.#timer = undefined
      this.#node.enqueue(() => this.#ring())
    })
  }

  dial(id: LinkId, url: ServerUrl): void {
    if (this.#isDestroyed) return
    this.#trace('dial', id)
    const { world } = this.#node
    const target = world.serverAt(originOf(url))
    if (target === undefined || !target.isUp || !world.canReach(this.#node, target)) {
      this.#failAfter(id, target === undefined ? NAME_ERROR_MS : CONNECT_TIMEOUT_MS)
      return
    }
    const { latencyMs } = world.profileBetween(this.#node, target)
    this.#waitInDial(id, 3 * latencyMs, () => target.enqueue(() => this.#knock(id, target)))
  }

  send(id: LinkId, bytes: Uint8Array): 'ok' | 'full' {
    const channel = this.#channels.get(id)
    if (channel?.kind === 'linked') return channel.link.send(channel.side, bytes)
    this.#early?.push({ id, run: () => this.send(id, bytes) })
    return 'ok'
  }

  close(id: LinkId, reason: CloseReason): void {
    const channel = this.#channels.get(id)
    if (channel === undefined) {
      this.#early?.push({ id, run: () => this.close(id, reason) })
      return
    }
    this.#trace('close', id)
    this.#channels.delete(id)
    if (channel.kind === 'linked') channel.link.close(channel.side, reason)
    else if (channel.kind === 'dialing') this.#node.world.queue.cancel(channel.event)
  }

  save(key: string, value: Uint8Array | undefined): void {
    if (this.#isDestroyed) return
    const node = this.#node
    this.#trace('save', key.length, value)
    if (!node.isDiskWorking) {
      node.world.queue.schedule(node.world.nowMs, () => node.enqueue(() => this.tellStorage(false)))
    } else {
      node.write(key, value?.slice())
    }
  }

  tellStorage(isWorking: boolean): void {
    if (this.#isDestroyed) return
    this.#trace('storage', Number(isWorking))
    this.#events?.storageChanged(isWorking)
  }

  /** The event loop runs again after a stall: a timer that became due meanwhile comes first. */
  fireDueTimer(): void {
    if (this.#wakeAt === undefined || this.#wakeAt > this.now()) return
    if (this.#timer !== undefined) this.#node.world.queue.cancel(this.#timer)
    this.#timer = undefined
    this.#ring()
  }

  handOpened(id: LinkId, channel: DialedChannel): void {
    this.#trace('opened', id)
    this.#events?.linkOpened(id, channel)
  }

  handMessage(id: LinkId, bytes: Uint8Array): void {
    this.#trace('message', id, bytes)
    this.#events?.linkMessage(id, bytes)
  }

  handWritable(id: LinkId): void {
    this.#trace('writable', id)
    this.#events?.linkWritable(id)
  }

  handLost(id: LinkId, reason: CloseReason): void {
    if (!this.#channels.delete(id)) return
    this.#trace('lost', id * 16 + CLOSE_CODE[reason])
    this.#events?.linkLost(id, reason)
  }

  // ---- for sim-rtc.ts ----

  waitFor(id: LinkId): void {
    if (!this.#isDestroyed) this.#channels.set(id, { kind: 'waiting' })
  }

  /** Whether a connection is being made under that id. */
  isWaiting(id: LinkId): boolean {
    return this.#channels.get(id)?.kind === 'waiting'
  }

  isLinked(id: LinkId): boolean {
    return this.#channels.get(id)?.kind === 'linked'
  }

  linked(id: LinkId, link: SimLink, side: Side): void {
    this.#channels.set(id, { kind: 'linked', link, side })
  }

  handSignal(id: LinkId, signal: RtcSignal): void {
    if (!this.isWaiting(id)) return
    this.#trace('signal', id)
    this.#events?.rtcSignal?.(id, signal)
  }

  /** The program is gone; `isSilent` when the computer lost power with it. */
  destroy(isSilent: boolean): void {
    this.wakeAt(undefined)
    this.#isDestroyed = true
    for (const channel of this.#channels.values()) {
      if (channel.kind === 'dialing') this.#node.world.queue.cancel(channel.event)
      else if (channel.kind === 'linked') {
        if (isSilent) channel.link.vanish(channel.side)
        else channel.link.abort(channel.side)
      }
    }
    this.#channels.clear()
  }

  /** A rounding error early is as harmless as late: the program asks again. */
  #ring(): void {
    if (this.#isDestroyed || this.#timer !== undefined || this.#wakeAt === undefined) return
    this.#wakeAt = undefined
    this.#trace('wake', 0)
    this.#events?.wake()
  }

  /** A connect arrives at the server's event loop; its dialer may have given up meanwhile. */
  #knock(id: LinkId, target: SimNode): void {
    if (this.#isDestroyed || this.#channels.get(id)?.kind !== 'dialing') return
    const { world } = this.#node
    const { host: server, listen } = target
    const canReach = world.canReach(this.#node, target)
    if (server === undefined || listen === undefined || !canReach) {
      const refusalMs = world.profileBetween(this.#node, target).latencyMs
      this.#failAfter(id, canReach ? refusalMs : CONNECT_TIMEOUT_MS)
      return
    }
    const dialed = listen.certSha256 === undefined ? {} : { certSha256: listen.certSha256 }
    const link = world.connect(
      new HostEnd(this.#node, this, id, dialed),
      new HostEnd(target, server, undefined),
      acceptor => server.#accept(acceptor, listen),
    )
    this.#channels.set(id, { kind: 'linked', link, side: 'dialer' })
  }

  #accept(link: SimLink, listen: AcceptedChannel): LinkId | undefined {
    const early: EarlyCall[] = []
    this.#early = early
    const id = this.#events?.linkAccepted(listen)
    this.#early = undefined
    if (id === undefined) return undefined
    this.#trace('accepted', id)
    this.#channels.set(id, { kind: 'linked', link, side: 'acceptor' })
    for (const call of early) if (call.id === id) call.run()
    return id
  }

  #failAfter(id: LinkId, afterMs: number): void {
    this.#waitInDial(id, afterMs, () => this.#node.enqueue(() => this.handLost(id, 'unreachable')))
  }

  #waitInDial(id: LinkId, afterMs: number, run: () => void): void {
    const { queue, nowMs } = this.#node.world
    this.#channels.set(id, { kind: 'dialing', event: queue.schedule(nowMs + afterMs, run) })
  }

  /** World time at which a timer for `at` rings on this computer. */
  #fireTime(at: number): number {
    const node = this.#node
    const dueMs = Math.max(node.world.nowMs, node.toWorldMs(at))
    const grid = node.timerGridMs
    if (grid > 0) return Math.ceil(dueMs / grid) * grid
    return dueMs + node.rng.between(0, TIMER_LATE_MS)
  }

  #trace(kind: TraceKind, detail: number, bytes?: Uint8Array): void {
    const node = this.#node
    node.world.trace.add(node.world.nowMs, node.number, kind, detail, bytes)
  }
}
