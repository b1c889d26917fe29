// What makes WebRTC connections: a browser itself, or a library of the same interface. Types only.

export interface RtcPlatform {
  /** @throws for an ICE server that it cannot make sense of, or when there may be no more connections */
  connection(configuration: RTCConfiguration): RTCPeerConnection
  /**
   * How long an offerer keeps its candidates to itself after the answer, unless its packets go through before.
   * Zero where it can take a DTLS handshake that begins before they do.
   */
  readonly holdMs: number
}
