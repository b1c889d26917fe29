// A bare data channel, as examples of WebRTC use one: what links and sessions are measured against, in Node and in
// browsers.

import type { RtcSignal } from '../shared/node/rtc-host.ts'

export interface Way {
  signal(signal: RtcSignal): void
  /** `full`: wait for `writable`. */
  send(bytes: Uint8Array): 'ok' | 'full'
  close(): void
}

export interface WayEvents {
  signal(signal: RtcSignal): void
  opened(): void
  message(): void
  writable(): void
}

const FULL_BYTES = 1_048_576

export class BareWay implements Way {
  readonly #pc: RTCPeerConnection
  readonly #events: WayEvents
  readonly #early: RtcSignal[] = []
  #channel: RTCDataChannel | undefined
  #isDescribed = false

  constructor(pc: RTCPeerConnection, isOfferer: boolean, events: WayEvents) {
    this.#pc = pc
    this.#events = events
    pc.onicecandidate = ({ candidate }) => {
      if (candidate === null) return
      events.signal({ kind: 'candidate', candidate: candidate.candidate, mid: '0' })
    }
    pc.ondatachannel = ({ channel }) => this.#attach(channel)
    if (!isOfferer) return
    this.#attach(pc.createDataChannel('bench'))
    void this.#describe('offer')
  }

  signal(signal: RtcSignal): void {
    if (signal.kind !== 'candidate') void this.#apply(signal.kind, signal.sdp)
    else if (this.#isDescribed) this.#add(signal)
    else this.#early.push(signal)
  }

  send(bytes: Uint8Array): 'ok' | 'full' {
    const channel = this.#channel
    if (channel === undefined) return 'ok'
    channel.send(bytes as Uint8Array<ArrayBuffer>)
    return channel.bufferedAmount < FULL_BYTES ? 'ok' : 'full'
  }

  close(): void {
    this.#pc.close()
  }

  #attach(channel: RTCDataChannel): void {
    this.#channel = channel
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = FULL_BYTES / 2
    channel.onbufferedamountlow = () => this.#events.writable()
    channel.onmessage = () => this.#events.message()
    if (channel.readyState === 'open') this.#events.opened()
    else channel.onopen = () => this.#events.opened()
  }

  async #describe(kind: 'offer' | 'answer'): Promise<void> {
    await this.#pc.setLocalDescription()
    this.#events.signal({ kind, sdp: this.#pc.localDescription?.sdp ?? '' })
  }

  async #apply(kind: 'offer' | 'answer', sdp: string): Promise<void> {
    await this.#pc.setRemoteDescription({ type: kind, sdp })
    this.#isDescribed = true
    for (const candidate of this.#early.splice(0)) this.#add(candidate)
    if (kind === 'offer') await this.#describe('answer')
  }

  #add(signal: RtcSignal): void {
    if (signal.kind !== 'candidate' || signal.candidate === '') return
    this.#pc
      .addIceCandidate({ candidate: signal.candidate, sdpMid: signal.mid })
      .catch(() => undefined)
  }
}
