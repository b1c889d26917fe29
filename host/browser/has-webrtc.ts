// Whether pages may make WebRTC connections here. Some browsers leave the interface out (Lockdown Mode, workers), some
// have it and refuse: only one that is made tells.

export function hasWebRtc(): boolean {
  if (typeof RTCPeerConnection === 'undefined') return false
  try {
    new RTCPeerConnection().close()
    return true
  } catch {
    return false
  }
}
