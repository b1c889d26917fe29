// Two ways from one process to another over WebRTC, with one interface: our link, and a bare data channel of the
// same library. Signals go over a socket that both processes share.

import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { nodeRtc } from '../host/node/rtc-platform.ts'
import { RtcLink } from '../host/rtc/rtc-link.ts'
import { withoutCandidates } from '../host/rtc/session-description.ts'
import type { Way, WayEvents } from './bare-way.ts'
import { BareWay } from './bare-way.ts'

export type WayKind = 'bare' | 'link'

export function openWay(kind: WayKind, isOfferer: boolean, events: WayEvents): Way {
  return kind === 'link' ? openLink(isOfferer, events) : openBare(isOfferer, events)
}

/**
 * The library describes itself as soon as there is what to describe, and is better not told to. Nor does it take
 * candidates in a description beside the same ones one by one.
 */
export function openBare(isOfferer: boolean, events: WayEvents): Way {
  const pc = new RTCPeerConnection({ iceServers: [] }) as unknown as globalThis.RTCPeerConnection
  pc.setLocalDescription = async () => {}
  return new BareWay(pc, isOfferer, {
    ...events,
    signal: signal =>
      events.signal(
        signal.kind === 'candidate' ? signal : { ...signal, sdp: withoutCandidates(signal.sdp) },
      ),
  })
}

function openLink(isOfferer: boolean, events: WayEvents): Way {
  const options = { isOfferer, iceServers: [], isRelayOnly: false }
  const link = new RtcLink(nodeRtc, options, {
    ...events,
    paired: () => {},
    lost: () => {},
  })
  return {
    signal: signal => link.signal(signal),
    send: bytes => link.send(bytes),
    close: () => link.close('normal'),
  }
}
