// What a node says of its links when it is asked: what is open, and what went over it. No addresses.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { NodeEvent } from './effects.ts'
import type { RequestId } from './inputs.ts'
import type { LinkKind, Traffic } from './links/link-uses.ts'
import type { NodeParts } from './node-parts.ts'
import type { CandidatePair } from './rtc-host.ts'

export interface LinkStats extends Readonly<Traffic> {
  readonly key: KeyId
  readonly kind: LinkKind
  /** Whoever dialed, or made the offer. */
  readonly isInitiator: boolean
  readonly ageMs: number
  /** Smoothed; left out until measured. */
  readonly rttMs?: number
  /** Of WebRTC connections, once known. */
  readonly candidates?: CandidatePair
}

export interface NodeStats {
  /** The oldest first. */
  readonly links: readonly LinkStats[]
  /** Since the node was started, of each kind that there was. */
  readonly totals: ReadonlyMap<LinkKind, Readonly<Traffic>>
}

export function statsAnswer(parts: NodeParts, time: Time, request: RequestId): NodeEvent {
  return { kind: 'done', request, outcome: { kind: 'stats', stats: statsOf(parts, time) } }
}

function statsOf({ links, rtts, direct }: NodeParts, { now }: Time): NodeStats {
  const open = [...links.uses.open].map(([link, { openedAt, traffic, ...use }]) => {
    const rttMs = rtts.of(link)
    const candidates = direct?.pairOf(link)
    return {
      ...use,
      ...traffic,
      ageMs: now - openedAt,
      ...(rttMs !== undefined && { rttMs }),
      ...(candidates && { candidates }),
    }
  })
  return { links: open, totals: links.uses.totals() }
}
