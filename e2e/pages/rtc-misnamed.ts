// WebRTC connections that tell the peer of another certificate than the one that it will see.

const FINGERPRINT = /(a=fingerprint:sha-256 )([\dA-F]{2})/i

/** @param Genuine the platform's @returns what the page has in its place */
export function misnamedConnection(Genuine: typeof RTCPeerConnection): typeof RTCPeerConnection {
  return class extends Genuine {
    override get localDescription() {
      const genuine = super.localDescription
      if (genuine === null) return null
      const { type, sdp } = genuine
      return new RTCSessionDescription({ type, sdp: sdp.replace(FINGERPRINT, otherByte) })
    }
  }
}

function otherByte(_: string, head: string, byte: string): string {
  const other = Number.parseInt(byte, 16) ^ 0xff
  return `${head}${other.toString(16).padStart(2, '0').toUpperCase()}`
}
