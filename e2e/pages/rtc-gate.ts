// The WebRTC of a page, as a network lets it be: while it is forbidden, new connections find no way to anybody, as
// behind a firewall that drops UDP. Those that are open stay. Counts what is asked of them. Works from its import on.

let isForbidden = false
const counts = { made: 0, candidates: 0 }

/** Of the page so far. */
export interface RtcCounts {
  readonly made: number
  /** Of peers, that were taken. */
  readonly candidates: number
}

class GatedConnection extends RTCPeerConnection {
  constructor(configuration: RTCConfiguration = {}) {
    // With relays only, and none to be had, there is not one candidate pair.
    super(
      isForbidden
        ? { ...configuration, iceServers: [], iceTransportPolicy: 'relay' }
        : configuration,
    )
    counts.made += 1
  }

  override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    counts.candidates += 1
    return super.addIceCandidate(candidate)
  }
}
globalThis.RTCPeerConnection = GatedConnection

export function forbidConnections(isNow: boolean): void {
  isForbidden = isNow
}

export function rtcCounts(): RtcCounts {
  return counts
}
