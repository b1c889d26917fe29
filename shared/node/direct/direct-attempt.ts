// One attempt at a WebRTC connection with a peer: what is known of it. Data, and what makes it.

import type { LinkId } from '../../link/link-id.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { DirectSignal } from '../../wire/direct-signal.ts'
import { encodeDirectSignal } from '../../wire/direct-signal.ts'
import type { CandidatePolicy } from '../../wire/ice-candidate.ts'
import { filterCandidate, filterSdp, isTakenCandidate } from '../../wire/ice-candidate.ts'
import { RTC_MAX_CANDIDATES, RTC_OPEN_TIMEOUT_MS } from '../../wire/limits.ts'
import type { RtcSignal } from '../rtc-host.ts'

export interface Opening {
  readonly kind: 'opening'
  /** Chosen by the one that offers. */
  readonly id: number
  /** The peer's offer and candidates, for our host once the link has an id: they may have come in one packet. */
  readonly early: RtcSignal[]
  readonly begunAt: number
  /** Whether there was anybody to ask for our public address. */
  readonly hasIceServers: boolean
  link: LinkId | undefined
  isAnswered: boolean
  toldCandidates: number
  heardCandidates: number
}

export type Attempt =
  /** The peer was asked to offer. */
  { readonly kind: 'asked'; readonly until: number } | Opening

export function newAttempt(
  now: number,
  id: number,
  { offer, hasIceServers }: { readonly offer: string | undefined; readonly hasIceServers: boolean },
): Opening {
  return {
    kind: 'opening',
    id,
    early: offer === undefined ? [] : [{ kind: 'offer', sdp: offer }],
    begunAt: now,
    hasIceServers,
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

/** @returns the attempt, if it is the one of that number */
export function numbered(attempt: Attempt | undefined, id: number): Opening | undefined {
  return attempt?.kind === 'opening' && attempt.id === id ? attempt : undefined
}

/** @returns the attempt, if that link is what it makes */
export function making(attempt: Attempt | undefined, link: LinkId): Opening | undefined {
  return attempt?.kind === 'opening' && attempt.link === link ? attempt : undefined
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

/** Whether the peer had all the time that there is. What ended sooner ended here: there is no way out. */
export function isUnanswered({ isAnswered, begunAt }: Opening, now: number): boolean {
  return !isAnswered && now - begunAt >= RTC_OPEN_TIMEOUT_MS
}

/** @returns what the peer is told of what our host says; `undefined`: nothing */
export function toldSignal(
  attempt: Opening,
  signal: RtcSignal,
  policy: CandidatePolicy,
): DirectSignal | undefined {
  if (signal.kind !== 'candidate') {
    return { ...signal, sdp: filterSdp(signal.sdp, policy), attempt: attempt.id }
  }
  const { mid } = signal
  const isEnd = signal.candidate === ''
  const candidate = isEnd ? '' : filterCandidate(signal.candidate, policy)
  if (candidate === undefined) return undefined
  if (!isEnd && attempt.toldCandidates >= RTC_MAX_CANDIDATES) return undefined
  if (!isEnd) attempt.toldCandidates += 1
  return { kind: 'candidate', attempt: attempt.id, candidate, mid }
}

/** Whether our host is to have that candidate of the peer's. */
export function takesCandidate(attempt: Opening, candidate: string): boolean {
  // One more is the end of them.
  const most = RTC_MAX_CANDIDATES + (candidate === '' ? 1 : 0)
  if (attempt.heardCandidates >= most) return false
  attempt.heardCandidates += 1
  return isTakenCandidate(candidate)
}
