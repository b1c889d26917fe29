// One attempt at a WebRTC connection with a peer: what is known of it. Data, and what makes it.

import type { LinkId } from '../../link/link-id.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { DirectSignal } from '../../wire/direct-signal.ts'
import { encodeDirectSignal } from '../../wire/direct-signal.ts'
import type { RtcSignal } from '../rtc-host.ts'

export interface Opening {
  readonly kind: 'opening'
  /** Chosen by the one that offers. */
  readonly id: number
  /** The peer's offer and candidates, for our host once the link has an id: they may have come in one packet. */
  readonly early: RtcSignal[]
  readonly begunAt: number
  link: LinkId | undefined
  isAnswered: boolean
  toldCandidates: number
  heardCandidates: number
}

export type Attempt =
  /** The peer was asked to offer. */
  { readonly kind: 'asked'; readonly until: number } | Opening

export function newAttempt(now: number, id: number, offer: string | undefined): Opening {
  return {
    kind: 'opening',
    id,
    early: offer === undefined ? [] : [{ kind: 'offer', sdp: offer }],
    begunAt: now,
    link: undefined,
    isAnswered: false,
    toldCandidates: 0,
    heardCandidates: 0,
  }
}

/** Not 0, by which a peer is asked for an offer. */
export function newAttemptId(random: RandomBytes): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4)
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 || 1
}

/** @returns `undefined` for what no peer would read: a host's description may be longer than any that we know */
export function encodedSignal(signal: DirectSignal): Uint8Array | undefined {
  try {
    return encodeDirectSignal(signal)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
