// What the attempts at WebRTC connections are given, and what they say. Types only.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import type { DirectRefusal } from '../../wire/direct-signal.ts'
import type { CandidatePolicy } from '../../wire/ice-candidate.ts'
import type { IceServer, RtcOptions, RtcSignal } from '../rtc-host.ts'

/** Between the applications, or for signals alone (mesh/): there may be both with one peer. */
export type SessionKind = 'application' | 'signals'

export interface SessionFacts {
  /** Default: `application`. */
  readonly kind?: SessionKind
  /** Whether the peer wanted it, and not we. */
  readonly isIncoming?: boolean
}

export interface DirectConfig {
  readonly random: RandomBytes
  readonly ownKey: KeyId
  /** Connections that the host makes in its life. */
  readonly maxCreated: number
  /** Which of our addresses peers may see. */
  readonly candidates: CandidatePolicy
  /** Those that are asked now: the user's, or our servers. */
  iceServers(): readonly IceServer[]
  /** Whether the mode of that peer lets it see our addresses. */
  isAllowed(peer: KeyId): boolean
  /** Whether there is a link to that peer already, of whatever kind. */
  hasLinkTo(peer: KeyId): boolean
  /** Whether circuits run over that link. */
  isCarrying(link: LinkId): boolean
  /** Whether a link to that peer is worth keeping although nothing runs over it. */
  isKept(peer: KeyId): boolean
  /** Whether it must not make way for another one. */
  isPinned(peer: KeyId): boolean
  /** When the session with that peer last carried something of the application's; `undefined` without one. */
  usedAt(peer: KeyId): number | undefined
}

export type DirectEffect =
  /** The parent opens one, if `awaitsLink` still says so, and answers with `opening`. */
  | { readonly kind: 'open'; readonly peer: KeyId; readonly options: RtcOptions }
  | { readonly kind: 'signalRtc'; readonly link: LinkId; readonly signal: RtcSignal }
  /** In the session with that peer. */
  | { readonly kind: 'tell'; readonly peer: KeyId; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly link: LinkId; readonly reason: CloseReason }

/** Why there is no direct connection, or not yet another attempt: the last reason. */
export type DirectFailure =
  /** What the peer says. */
  | DirectRefusal
  /** The peer did not say anything to it. */
  | 'silent'
  /** No two candidates reached each other, or the login over the connection failed. */
  | 'unreachable'
  /** A connection that was open ended. */
  | 'lost'
  /** This node has as many connections as it may. */
  | 'full'

/** How it stands with one peer. */
export interface DirectView {
  readonly state: 'idle' | 'trying' | 'open' | 'waiting'
  readonly failure?: DirectFailure
  /** Until the next attempt, in milliseconds. */
  readonly retryInMs?: number
}
