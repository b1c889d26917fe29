// WebRTC links over the browser's own connections. Loaded on demand (browser-host.ts).

import type { MakeRtcLink } from '../rtc/rtc-connections.ts'
import { RtcLink } from '../rtc/rtc-link.ts'
import type { RtcPlatform } from '../rtc/rtc-platform.ts'

export const browserRtc: RtcPlatform = {
  connection: configuration => new RTCPeerConnection(configuration),
  holdMs: 0,
}

export const makeRtcLink: MakeRtcLink = (options, events) =>
  new RtcLink(browserRtc, options, events)
