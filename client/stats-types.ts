// The public face of what a node tells of itself: its links, what went over them, and its sessions. Types only; a part
// of client/api.ts.

import type { CandidatePair } from '../shared/node/rtc-host.ts'
import type { Path } from './api.ts'

/**
 * Of what kind the candidates at the two ends of a WebRTC connection are (RFC 8445), and their protocol. `host`: an
 * address of the device itself. `srflx`: one that a NAT has for it, told by STUN. `prflx`: one that only the other end saw.
 * `relay`: of a TURN server. No address is told.
 */
export type { CandidatePair }

/** `server`: a server of yours. `lan`: another client, found on the local network. `rtc`: another client, by WebRTC. */
export type LinkKind = 'server' | 'lan' | 'rtc'

/** In bytes of link messages, as handed to the WebSocket or data channel and taken from it. */
export interface Traffic {
  readonly sentBytes: number
  readonly receivedBytes: number
}

/** An open link: one hop, to whoever is at its other end. */
export interface LinkStats extends Traffic {
  /** Of the node at the other end, proven. */
  readonly key: string
  readonly kind: LinkKind
  readonly openedBy: 'us' | 'peer'
  /** Milliseconds since 1970. */
  readonly since: number
  /** Smoothed round-trip time of the link; absent until measured. */
  readonly rttMs?: number
  /** Of kind `rtc`, and there absent for a moment after it opened. */
  readonly candidates?: CandidatePair
}

export interface SessionStats {
  /** Of the peer. */
  readonly key: string
  /** The one in use; absent while there is none. */
  readonly path?: Path
}

export interface NodeStats {
  /** The oldest first. */
  readonly links: readonly LinkStats[]
  /** Over all links of a kind since the node was started, those that are closed by now included. */
  readonly totals: Readonly<Record<LinkKind, Traffic>>
  readonly sessions: readonly SessionStats[]
}
