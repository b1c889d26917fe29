// Whoever could change what two nodes say to each other about a WebRTC connection, in the page of one of them: the
// library's connection leads to somebody in the middle, who has another one to the peer and passes on all that comes,
// either way. Both are good connections, each with the certificate that its description tells; what the library reads
// of its own one (`current…Description`) is the truth.

import { createChannel } from '../../host/rtc/chunked-channel.ts'

/** Messages that were passed on. */
export interface MiddleReport {
  readonly toPeer: number
  readonly fromPeer: number
}

const report = { toPeer: 0, fromPeer: 0 }

export function middleReport(): MiddleReport {
  return report
}

/** One of the two connections of the one in the middle. */
class Leg {
  readonly #pc: RTCPeerConnection
  #channel: RTCDataChannel | undefined
  #early: RTCIceCandidateInit[] | undefined = []
  readonly #unsent: ArrayBuffer[] = []
  found: (event: RTCPeerConnectionIceEvent) => void = () => {}
  gathered: () => void = () => {}
  received: (data: ArrayBuffer) => void = () => {}

  constructor(pc: RTCPeerConnection) {
    this.#pc = pc
    pc.onicecandidate = event => this.found(event)
    pc.onicegatheringstatechange = () => this.gathered()
    pc.ondatachannel = ({ channel }) => this.#attach(channel)
  }

  get gathering(): RTCIceGatheringState {
    return this.#pc.iceGatheringState
  }

  get description(): RTCSessionDescription {
    const { localDescription } = this.#pc
    if (localDescription === null) throw new Error('not described yet')
    return localDescription
  }

  async offer(): Promise<void> {
    this.#attach(createChannel(this.#pc))
    await this.#pc.setLocalDescription()
  }

  /** Of an offer, also answers it. */
  async hear(description: RTCSessionDescriptionInit): Promise<void> {
    await this.#pc.setRemoteDescription(description)
    for (const candidate of this.#early ?? []) void this.#pc.addIceCandidate(candidate)
    this.#early = undefined
    if (description.type === 'offer') await this.#pc.setLocalDescription()
  }

  add(candidate: RTCIceCandidateInit): void {
    if (this.#early === undefined) void this.#pc.addIceCandidate(candidate)
    else this.#early.push(candidate)
  }

  send(data: ArrayBuffer): void {
    if (this.#channel?.readyState === 'open') this.#channel.send(data)
    else this.#unsent.push(data)
  }

  close(): void {
    this.#pc.close()
  }

  #attach(channel: RTCDataChannel): void {
    this.#channel = channel
    channel.binaryType = 'arraybuffer'
    channel.onopen = () => {
      for (const data of this.#unsent.splice(0)) channel.send(data)
    }
    channel.onmessage = ({ data }) => this.received(data)
  }
}

/** @param Genuine the platform's @returns what the page has in its place */
export function middleConnection(Genuine: typeof RTCPeerConnection): typeof RTCPeerConnection {
  return class extends Genuine {
    /** To this page's own connection, and to the peer's. */
    readonly #near = new Leg(new Genuine())
    readonly #far = new Leg(new Genuine())
    #toOwn: RTCIceCandidate[] | undefined = []
    #onFound: RTCPeerConnection['onicecandidate'] = null
    #onGathered: RTCPeerConnection['onicegatheringstatechange'] = null

    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      const [near, far] = [this.#near, this.#far]
      this.addEventListener('icecandidate', ({ candidate }) => {
        if (candidate !== null) near.add(candidate)
      })
      near.found = ({ candidate }) => {
        if (candidate === null) return
        if (this.#toOwn === undefined) void super.addIceCandidate(candidate)
        else this.#toOwn.push(candidate)
      }
      far.found = event => this.#onFound?.call(this, event)
      far.gathered = () => this.#onGathered?.call(this, new Event('icegatheringstatechange'))
      near.received = data => {
        report.toPeer += 1
        far.send(data)
      }
      far.received = data => {
        report.fromPeer += 1
        near.send(data)
      }
    }

    override get onicecandidate() {
      return this.#onFound
    }

    override set onicecandidate(handler) {
      this.#onFound = handler
    }

    override get onicegatheringstatechange() {
      return this.#onGathered
    }

    override set onicegatheringstatechange(handler) {
      this.#onGathered = handler
    }

    override get iceGatheringState() {
      return this.#far.gathering
    }

    override get localDescription() {
      return this.#far.description
    }

    override async setLocalDescription(): Promise<void> {
      await super.setLocalDescription()
      const own = super.localDescription
      if (own === null) throw new Error('not described')
      await this.#near.hear(own)
      if (own.type === 'offer') await this.#far.offer()
    }

    override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
      await this.#far.hear(description)
      if (description.type === 'offer') await this.#near.offer()
      await super.setRemoteDescription(this.#near.description)
      for (const candidate of this.#toOwn ?? []) void super.addIceCandidate(candidate)
      this.#toOwn = undefined
    }

    override async addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      this.#far.add(candidate ?? {})
    }

    override close(): void {
      super.close()
      this.#near.close()
      this.#far.close()
    }
  }
}
