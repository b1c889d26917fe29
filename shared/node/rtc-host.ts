// WebRTC as the core sees it (docs/PROTOCOL.md 9): a connection is opened under a LinkId like any other link, with
// descriptions that go to and fro between the two hosts by way of the session of their nodes. Types only.

import type { LinkId } from '../link/link-id.ts'
import type { CandidateKind } from '../wire/ice-candidate.ts'

/** Left out of a host where there is no WebRTC. */
export interface RtcHost {
  /**
   * Starts to make a connection with one data channel. What is to be told to the other host comes by
   * `rtcSignal`. Ends in `linkOpened` with `channel.rtc`, or in `linkLost`, always. From then on it is a
   * link like others: `Host.send`, `Host.close`, `linkMessage`, `linkWritable`.
   */
  open(link: LinkId, options: RtcOptions): void
  /** What the other host said. Harmless after the link was lost or closed; what makes no sense loses the link. */
  signal(link: LinkId, signal: RtcSignal): void
}

/** What the driver offers a host with WebRTC. */
export interface RtcEvents {
  /** For the host at the other end of a connection that is being made. */
  rtcSignal(link: LinkId, signal: RtcSignal): void
  /** Which candidates an open connection goes over, once that is known and when it changes. */
  rtcPaired(link: LinkId, pair: CandidatePair): void
}

export interface RtcOptions {
  /** The offerer makes the data channel. */
  readonly isOfferer: boolean
  readonly iceServers: readonly IceServer[]
  /** Gather candidates of TURN servers only: neither side's addresses are seen by the other. */
  readonly isRelayOnly: boolean
}

/** As of RTCConfiguration. */
export interface IceServer {
  /** `stun:host:port`, `turn:host:port?transport=…` or `turns:…`. */
  readonly urls: readonly string[]
  readonly username?: string
  readonly credential?: string
}

export type RtcSignal =
  /** Without candidates: these come one by one. */
  | { readonly kind: 'offer' | 'answer'; readonly sdp: string }
  /** A line as of RFC 8839 5.1 without `a=`; empty when there are no more. `mid` names the media section. */
  | { readonly kind: 'candidate'; readonly candidate: string; readonly mid: string }

/** Of what kind the two candidates are that a connection goes over, and by which protocol. Says no address. */
export interface CandidatePair {
  readonly own: CandidateKind
  readonly peer: CandidateKind
  readonly protocol: 'udp' | 'tcp'
}

/** SHA-256 of the DTLS certificates of both ends, of the descriptions that the connection was made by: 32 bytes each. */
export interface DtlsFingerprints {
  readonly own: Uint8Array
  readonly peer: Uint8Array
}
