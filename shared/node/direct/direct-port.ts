// What peers tell of their sessions to the part that makes direct connections (direct-links.ts). A node without WebRTC
// has this instead, so that others know at once.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CandidatePair } from '../rtc-host.ts'
import type { DirectView, SessionFacts, SessionKind } from './direct-types.ts'

export interface DirectPort {
  sessionUp(time: Time, peer: KeyId, facts?: SessionFacts): void
  sessionDown(time: Time, peer: KeyId, kind?: SessionKind): void
  modeChanged(time: Time, peer: KeyId): void
  /** The peer sent that signal in its session. */
  heard(time: Time, peer: KeyId, signal: Uint8Array): void
  /** @returns `undefined` without WebRTC */
  view(time: Time, peer: KeyId): DirectView | undefined
  /** @returns `undefined` for other links, and while it is not known; the same object as long as it is the same pair */
  pairOf(link: LinkId): CandidatePair | undefined
}

const WANT = 1
const OFFER = 2
const REFUSE = 5
const UNSUPPORTED = 1
const REFUSAL_BYTES = 6

/** @param tell sends a signal in the session with a peer */
export function withoutDirect(
  tell: (time: Time, peer: KeyId, signal: Uint8Array) => void,
): DirectPort {
  return {
    sessionUp: () => undefined,
    sessionDown: () => undefined,
    modeChanged: () => undefined,
    view: () => undefined,
    pairOf: () => undefined,
    heard: (time, peer, signal) => {
      if (signal[0] !== WANT && signal[0] !== OFFER) return
      const refusal = new Uint8Array(REFUSAL_BYTES)
      refusal.set(signal.subarray(0, REFUSAL_BYTES - 1))
      refusal[0] = REFUSE
      refusal[REFUSAL_BYTES - 1] = UNSUPPORTED
      tell(time, peer, refusal)
    },
  }
}
