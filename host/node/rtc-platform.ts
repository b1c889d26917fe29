// WebRTC links over `node-datachannel`, a binary that is not there for every machine. Loaded on demand
// (node-host.ts): without it a node works over relays (docs/decisions/027).

import { RTCPeerConnection } from 'node-datachannel/polyfill'
import type { MakeRtcLink } from '../rtc/rtc-connections.ts'
import { RtcLink } from '../rtc/rtc-link.ts'
import type { RtcPlatform } from '../rtc/rtc-platform.ts'
import { usableServer } from './ice-servers.ts'

/** Loses what arrives before its own checks came through, and the DTLS of the other side waits 1 s to try again. */
const HOLD_CANDIDATES_MS = 50

export const nodeRtc: RtcPlatform = {
  // Its types leave out media, which a data channel does not need.
  connection: configuration =>
    new RTCPeerConnection({
      ...configuration,
      iceServers: (configuration.iceServers ?? []).flatMap(usableServer),
    }) as unknown as globalThis.RTCPeerConnection,
  holdMs: HOLD_CANDIDATES_MS,
}

export const makeRtcLink: MakeRtcLink = (options, events) => new RtcLink(nodeRtc, options, events)
