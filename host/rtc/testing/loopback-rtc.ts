// WebRTC in Node bound to this machine, for tests: they work without a network, and nothing of them goes out.

import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { nodeRtc } from '../../node/rtc-platform.ts'
import type { RtcPlatform } from '../rtc-platform.ts'

/** The library's own option beside the standard ones. */
const BOUND = { bindAddress: '127.0.0.1' }

export const loopbackRtc: RtcPlatform = {
  holdMs: nodeRtc.holdMs,
  connection: configuration =>
    new RTCPeerConnection({
      ...configuration,
      ...BOUND,
    }) as unknown as globalThis.RTCPeerConnection,
}
