// The surroundings of a node in a browser: clock, randomness, one timer, WebSockets and a small store.
// Everything that needs a window only is elsewhere (lifecycle.ts), so that a worker can use this too.

import type { LinkId } from '../../shared/link/link-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import type { Host } from '../../shared/node/host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import type { LinkHostEvents, MakeRtcLink } from '../rtc/rtc-connections.ts'
import { RtcConnections } from '../rtc/rtc-connections.ts'
import { Timer } from './timer.ts'
import { WsLink } from './ws-link.ts'

/** Keeps small values. Failures are told through `onChange`, never thrown. */
export interface SmallStore {
  save(key: string, value: Uint8Array | undefined): void
}

export class BrowserHost implements Host {
  /** Not in workers, and not where the user switched it off. */
  readonly rtc?: RtcConnections
  readonly #store: SmallStore
  readonly #links = new Map<LinkId, WsLink>()
  readonly #timer = new Timer(() => this.#events?.wake())
  #events: LinkHostEvents | undefined

  constructor(store: SmallStore) {
    this.#store = store
    if (typeof RTCPeerConnection !== 'undefined') this.rtc = new RtcConnections(loadRtc)
  }

  /** Called once, before anything else. */
  connect(events: LinkHostEvents): void {
    this.#events = events
    this.rtc?.connect(events)
  }

  now(): number {
    return performance.now()
  }

  unixMs(): number {
    return Date.now()
  }

  randomBytes(length: number): Uint8Array {
    return crypto.getRandomValues(new Uint8Array(length))
  }

  wakeAt(at: number | undefined): void {
    this.#timer.set(at)
  }

  /** What is due happens now: timers of a hidden page are held back, messages of other pages are not. */
  catchUp(): void {
    this.#timer.check()
  }

  dial(link: LinkId, url: ServerUrl): void {
    const events = this.#events
    if (events === undefined) return
    this.#links.set(
      link,
      new WsLink(url, {
        opened: () => events.linkOpened(link, {}),
        message: bytes => events.linkMessage(link, bytes),
        writable: () => events.linkWritable(link),
        lost: reason => {
          this.#links.delete(link)
          events.linkLost(link, reason)
        },
      }),
    )
  }

  send(link: LinkId, bytes: Uint8Array): 'ok' | 'full' {
    return this.#links.get(link)?.send(bytes) ?? this.rtc?.send(link, bytes) ?? 'ok'
  }

  close(link: LinkId, reason: CloseReason): void {
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
    for (const link of this.#links.values()) link.close('normal')
    this.#links.clear()
    this.rtc?.dropAll('normal')
    this.#events = undefined
  }
}

async function loadRtc(): Promise<MakeRtcLink> {
  return (await import('./rtc-platform.ts')).makeRtcLink
}
