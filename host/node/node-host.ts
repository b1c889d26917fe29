// The surroundings of a node in Node.js: clock, randomness, one timer, `ws` sockets and a small store.
// Listening for incoming sockets is the server's; it hands them over by `adopt`.

import { isMainThread } from 'node:worker_threads'
import type { WebSocket } from 'ws'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { AcceptedChannel, DialOptions, Host } from '../../shared/node/host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import type { LinkHostEvents, MakeRtcLink } from '../rtc/rtc-connections.ts'
import { RtcConnections } from '../rtc/rtc-connections.ts'
import type { AddressWatchOptions } from './address-watch.ts'
import { AddressWatch } from './address-watch.ts'
import { BusyDoors } from './busy-doors.ts'
import type { Resolve } from './dial-guard.ts'
import { guardDial, publicResolver, resolveLocally } from './dial-guard.ts'
import { pooledRandomBytes } from './random-pool.ts'
import { Timer } from './timer.ts'
import type { WsDialEvents } from './ws-dial.ts'
import { dialWebSocket } from './ws-dial.ts'
import type { WsLinkEvents } from './ws-link.ts'
import { WsLink } from './ws-link.ts'

/** Keeps small values. Tells of failures through its own events, never throws. */
export interface SmallStore {
  save(key: string, value: Uint8Array | undefined): void
}

/** For nodes that have nothing to keep but their identity. */
export const NO_STORE: SmallStore = { save: () => {} }

export interface NodeHostOptions {
  /** For laboratories: also dials addresses of this machine and of private networks that records tell of. */
  readonly allowPrivateAddresses?: boolean
  /** How names in untrusted addresses are resolved; asks the DNS when left out. */
  readonly resolve?: Resolve
  /** This machine has other addresses than before. What was connected from those that are gone was lost just now. */
  readonly onNetworkChange?: () => void
  readonly addresses?: AddressWatchOptions
}

export class NodeHost implements Host {
  /** Its library crashes when a second thread of the process loads it, also after the first has ended. */
  readonly rtc?: RtcConnections
  readonly #store: SmallStore
  readonly #isLab: boolean
  readonly #resolve: Resolve
  readonly #options: NodeHostOptions
  readonly #links = new Map<LinkId, WsLink>()
  /** Where untrusted dials are under way. */
  readonly #doors = new BusyDoors()
  readonly #dials = new Map<LinkId, () => void>()
  readonly #timer = new Timer(
    () => this.now(),
    () => this.#events?.wake(),
  )
  #events: LinkHostEvents | undefined
  #watch: AddressWatch | undefined

  constructor(store: SmallStore, options: NodeHostOptions = {}) {
    this.#store = store
    this.#options = options
    if (isMainThread) this.rtc = new RtcConnections(loadRtc)
    this.#isLab = options.allowPrivateAddresses === true
    this.#resolve = options.resolve ?? (this.#isLab ? resolveLocally : publicResolver())
  }

  /** Called once, before anything else. */
  connect(events: LinkHostEvents): void {
    this.#events = events
    this.rtc?.connect(events)
    this.#watch = new AddressWatch(gone => this.#moved(gone), this.#options.addresses)
  }

  now(): number {
    return performance.now()
  }

  unixMs(): number {
    return Date.now()
  }

  randomBytes(length: number): Uint8Array {
    return pooledRandomBytes(length)
  }

  wakeAt(at: number | undefined): void {
    this.#timer.set(at)
  }

  dial(link: LinkId, url: ServerUrl, { isUntrusted }: DialOptions): void {
    const events: WsDialEvents = {
      opened: (socket, channel) => {
        this.#dials.delete(link)
        this.#attach(link, socket)
        this.#events?.linkOpened(link, channel)
      },
      failed: reason => {
        this.#dials.delete(link)
        this.#events?.linkLost(link, reason)
      },
    }
    const guard = isUntrusted ? guardDial(url, this.#isLab, this.#resolve, this.#doors) : undefined
    this.#dials.set(link, dialWebSocket(url, events, guard))
  }

  /** Takes over a socket that somebody opened to us. @returns its link, unless there is nobody to take it */
  adopt(socket: WebSocket, channel: AcceptedChannel): LinkId | undefined {
    const link = this.#events?.linkAccepted(channel)
    if (link === undefined) socket.terminate()
    else this.#attach(link, socket)
    return link
  }

  send(link: LinkId, bytes: Uint8Array): 'ok' | 'full' {
    return this.#links.get(link)?.send(bytes) ?? this.rtc?.send(link, bytes) ?? 'ok'
  }

  close(link: LinkId, reason: CloseReason): void {
    this.#dials.get(link)?.()
    this.#dials.delete(link)
    this.#links.get(link)?.close(reason)
    this.#links.delete(link)
    this.rtc?.close(link, reason)
  }

  save(key: string, value: Uint8Array | undefined): void {
    this.#store.save(key, value)
  }

  /** Drops every socket and the timer; no event follows. */
  dispose(): void {
    this.#timer.set(undefined)
    this.#watch?.close()
    for (const giveUp of this.#dials.values()) giveUp()
    for (const link of this.#links.values()) link.close('normal')
    this.#dials.clear()
    this.#links.clear()
    this.rtc?.closeAll('normal')
    this.#events = undefined
  }

  /** A dial that is under way from an address that is gone would wait for its timeout. */
  #moved(gone: ReadonlySet<string>): void {
    if (gone.size > 0) this.#loseDials()
    const lost = [...this.#links.values()].filter(link => link.loseIfFrom(gone))
    // They go the way that the links to servers go, mostly, and cannot be asked.
    if (lost.length > 0) this.rtc?.loseAll('timeout')
    this.#options.onNetworkChange?.()
  }

  #loseDials(): void {
    for (const [link, giveUp] of [...this.#dials]) {
      this.#dials.delete(link)
      giveUp()
      this.#events?.linkLost(link, 'unreachable')
    }
  }

  #attach(link: LinkId, socket: WebSocket): void {
    const events = this.#events
    if (events === undefined) socket.terminate()
    else this.#links.set(link, new WsLink(socket, new SocketEvents(link, this.#links, events)))
  }
}

/** @throws Error where there is no binary for this machine */
async function loadRtc(): Promise<MakeRtcLink> {
  return (await import('./rtc-platform.ts')).makeRtcLink
}

/** What one socket tells. An object with methods: three closures would cost every idle link 1 KB. */
class SocketEvents implements WsLinkEvents {
  readonly #link: LinkId
  readonly #links: Map<LinkId, WsLink>
  readonly #events: LinkHostEvents

  constructor(link: LinkId, links: Map<LinkId, WsLink>, events: LinkHostEvents) {
    this.#link = link
    this.#links = links
    this.#events = events
  }

  message(bytes: Uint8Array): void {
    this.#events.linkMessage(this.#link, bytes)
  }

  writable(): void {
    this.#events.linkWritable(this.#link)
  }

  lost(reason: CloseReason): void {
    this.#links.delete(this.#link)
    this.#events.linkLost(this.#link, reason)
  }
}
