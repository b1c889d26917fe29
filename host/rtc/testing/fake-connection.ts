// A peer connection that does nothing by itself: tests say what happens to it. Its promises settle when told to.

const HEX = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
export const OWN_PRINT = HEX
export const PEER_PRINT = HEX.replace('00', 'ff')

export function sdpOf(print: string, ...more: readonly string[]): string {
  const value = print.replace(/..(?=.)/g, '$&:').toUpperCase()
  return ['v=0', `a=fingerprint:sha-256 ${value}`, ...more, ''].join('\r\n')
}

export class FakeChannel {
  readonly label: string = 'keymesh'
  readonly ordered: boolean = true
  readonly maxRetransmits: number | null = null
  readonly maxPacketLifeTime: number | null = null
  readonly sent: Uint8Array[] = []
  binaryType = 'blob'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  readyState = 'connecting'
  isFullToTheBrim = false
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onbufferedamountlow: (() => void) | null = null
  onclose: (() => void) | null = null
  onerror: (() => void) | null = null

  constructor(unlike: Partial<Pick<FakeChannel, 'label' | 'ordered' | 'maxRetransmits'>> = {}) {
    Object.assign(this, unlike)
  }

  send(bytes: Uint8Array): void {
    if (this.isFullToTheBrim) throw new DOMException('full', 'OperationError')
    this.sent.push(bytes.slice())
    this.bufferedAmount += bytes.length
  }

  close(): void {
    this.readyState = 'closed'
  }

  opens(): void {
    this.readyState = 'open'
    this.onopen?.()
  }

  hears(bytes: Uint8Array | string): void {
    const data = typeof bytes === 'string' ? bytes : bytes.slice().buffer
    this.onmessage?.({ data })
  }

  drains(): void {
    this.bufferedAmount = 0
    this.onbufferedamountlow?.()
  }
}

interface Description {
  readonly type: string
  readonly sdp: string
}

export class FakeConnection {
  readonly configuration: RTCConfiguration
  readonly channel = new FakeChannel()
  readonly candidates: unknown[] = []
  localSdp = sdpOf(OWN_PRINT, 'a=candidate:1 1 UDP 1 192.0.2.1 1 typ host')
  localDescription: Description | null = null
  currentLocalDescription: Description | null = null
  currentRemoteDescription: Description | null = null
  iceConnectionState = 'new'
  iceGatheringState = 'new'
  connectionState = 'new'
  closes = 0
  stats: ReadonlyMap<string, object> = new Map()
  /** What `setRemoteDescription` waits for. */
  readiness: Promise<void> = Promise.resolve()
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null
  onicegatheringstatechange: (() => void) | null = null
  oniceconnectionstatechange: (() => void) | null = null
  onconnectionstatechange: (() => void) | null = null
  ondatachannel: ((event: { channel: FakeChannel }) => void) | null = null

  constructor(configuration: RTCConfiguration) {
    this.configuration = configuration
  }

  createDataChannel(): FakeChannel {
    return this.channel
  }

  async setLocalDescription(): Promise<void> {
    const type = this.currentRemoteDescription === null ? 'offer' : 'answer'
    this.localDescription = { type, sdp: this.localSdp }
    this.currentLocalDescription = this.localDescription
  }

  async setRemoteDescription(description: Description): Promise<void> {
    await this.readiness
    this.currentRemoteDescription = description
  }

  addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate)
    return Promise.reject(new Error('of no use here'))
  }

  async getStats(): Promise<ReadonlyMap<string, object>> {
    return this.stats
  }

  /** The pair in use is one of such candidates. */
  goesOver(own: string, peer: string): void {
    this.stats = new Map(
      [
        { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
        { id: 'P', type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' },
        { id: 'L', candidateType: own, protocol: 'udp' },
        { id: 'R', candidateType: peer, protocol: 'udp' },
      ].map(stats => [stats.id, stats]),
    )
  }

  close(): void {
    this.closes += 1
  }

  finds(candidate: string): void {
    this.onicecandidate?.({ candidate: { candidate, sdpMid: '0' } })
  }

  gathersAll(): void {
    this.iceGatheringState = 'complete'
    this.onicegatheringstatechange?.()
  }

  iceBecomes(state: string): void {
    this.iceConnectionState = state
    this.oniceconnectionstatechange?.()
  }

  becomes(state: string): void {
    this.connectionState = state
    this.onconnectionstatechange?.()
  }
}
