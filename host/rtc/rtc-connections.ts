// The WebRTC links of a host (shared/node/rtc-host.ts). What makes them is loaded with the first one: this is
// all that a program pays that opens none. Where it cannot be loaded each link is lost, and all else works.

import type { LinkId } from '../../shared/link/link-id.ts'
import type { HostEvents } from '../../shared/node/host.ts'
import type { RtcEvents, RtcHost, RtcOptions, RtcSignal } from '../../shared/node/rtc-host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import { RTC_MAX_CANDIDATES } from '../../shared/wire/limits.ts'
import type { RtcLink, RtcLinkEvents } from './rtc-link.ts'

/** What a host tells; whoever has it open no WebRTC connections need not hear their signals. */
export type LinkHostEvents = HostEvents & Partial<RtcEvents>

export type MakeRtcLink = (options: RtcOptions, events: RtcLinkEvents) => RtcLink

/** An offer, candidates and the end of them. */
const MAX_EARLY_SIGNALS = RTC_MAX_CANDIDATES + 2

type Entry =
  | { readonly kind: 'loading'; readonly early: RtcSignal[] }
  | { readonly kind: 'made'; readonly link: RtcLink }

export class RtcConnections implements RtcHost {
  readonly #load: () => Promise<MakeRtcLink>
  #events: LinkHostEvents | undefined
  readonly #entries = new Map<LinkId, Entry>()

  /** @param load rejects where there is no WebRTC after all */
  constructor(load: () => Promise<MakeRtcLink>) {
    this.#load = load
  }

  /** Called once, before anything else. */
  connect(events: LinkHostEvents): void {
    this.#events = events
  }

  open(link: LinkId, options: RtcOptions): void {
    const entry: Entry = { kind: 'loading', early: [] }
    this.#entries.set(link, entry)
    this.#load().then(
      make => {
        if (this.#entries.get(link) === entry) this.#make(link, options, make, entry.early)
      },
      () => {
        if (this.#entries.get(link) === entry) this.#lost(link, 'unreachable')
      },
    )
  }

  signal(link: LinkId, signal: RtcSignal): void {
    const entry = this.#entries.get(link)
    if (entry?.kind === 'made') entry.link.signal(signal)
    else if (entry !== undefined && entry.early.push(signal) > MAX_EARLY_SIGNALS) {
      this.#lost(link, 'protocol')
    }
  }

  /** @returns `undefined` for a link that is none of these */
  send(link: LinkId, bytes: Uint8Array): 'ok' | 'full' | undefined {
    const entry = this.#entries.get(link)
    return entry?.kind === 'made' ? entry.link.send(bytes) : undefined
  }

  close(link: LinkId, reason: CloseReason): void {
    const entry = this.#entries.get(link)
    if (entry === undefined) return
    this.#entries.delete(link)
    if (entry.kind === 'made') entry.link.close(reason)
  }

  closeAll(reason: CloseReason): void {
    for (const link of this.#entries.keys()) this.close(link, reason)
  }

  /** As `closeAll`, without waiting for what is on its way. */
  dropAll(reason: CloseReason): void {
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    for (const entry of entries) if (entry.kind === 'made') entry.link.drop(reason)
  }

  /** The network that they went over is gone. */
  loseAll(reason: CloseReason): void {
    for (const link of [...this.#entries.keys()]) {
      this.close(link, reason)
      this.#events?.linkLost(link, reason)
    }
  }

  #make(link: LinkId, options: RtcOptions, make: MakeRtcLink, early: readonly RtcSignal[]): void {
    const events: RtcLinkEvents = {
      signal: signal => this.#events?.rtcSignal?.(link, signal),
      opened: rtc => this.#events?.linkOpened(link, { rtc }),
      paired: pair => this.#events?.rtcPaired?.(link, pair),
      message: bytes => this.#events?.linkMessage(link, bytes),
      writable: () => this.#events?.linkWritable(link),
      lost: reason => this.#lost(link, reason),
    }
    let made: RtcLink
    try {
      made = make(options, events)
    } catch {
      this.#lost(link, 'unreachable')
      return
    }
    this.#entries.set(link, { kind: 'made', link: made })
    for (const signal of early) this.signal(link, signal)
  }

  #lost(link: LinkId, reason: CloseReason): void {
    this.#entries.delete(link)
    this.#events?.linkLost(link, reason)
  }
}
