// What goes over the links of a node, in bytes of link messages: over each that is open, and over all that were since the
// start, by kind. Counts only what was logged in.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'

/** `server` and `client`: what is at the other end of a WebSocket. `rtc`: a WebRTC connection to a client. */
export type LinkKind = 'server' | 'client' | 'rtc'

export interface Traffic {
  sentBytes: number
  receivedBytes: number
}

export interface LinkUse {
  readonly key: KeyId
  readonly kind: LinkKind
  readonly isInitiator: boolean
  /** `Time.now` */
  readonly openedAt: number
  /** Counted on by the owner of the link. */
  readonly traffic: Traffic
}

export class LinkUses {
  readonly #open = new Map<LinkId, LinkUse>()
  readonly #past = new Map<LinkKind, Traffic>()

  get open(): ReadonlyMap<LinkId, LinkUse> {
    return this.#open
  }

  add(link: LinkId, use: LinkUse): void {
    this.#open.set(link, use)
  }

  remove(link: LinkId): void {
    const use = this.#open.get(link)
    if (use === undefined) return
    this.#open.delete(link)
    this.#past.set(use.kind, sumOf(this.#past.get(use.kind), use.traffic))
  }

  /** Over all links there were and are, of each kind that there was. */
  totals(): ReadonlyMap<LinkKind, Readonly<Traffic>> {
    const totals = new Map(this.#past)
    for (const { kind, traffic } of this.#open.values()) {
      totals.set(kind, sumOf(totals.get(kind), traffic))
    }
    return totals
  }
}

function sumOf(a: Traffic = { sentBytes: 0, receivedBytes: 0 }, b: Traffic): Traffic {
  return {
    sentBytes: a.sentBytes + b.sentBytes,
    receivedBytes: a.receivedBytes + b.receivedBytes,
  }
}
