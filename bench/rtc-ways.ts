// Two ways from one process to another over WebRTC, with one interface: our link, and a bare data channel of the
// same library as its examples use it. Signals go over a socket that both processes share.

import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { nodeRtc } from '../host/node/rtc-platform.ts'
import { RtcLink } from '../host/rtc/rtc-link.ts'
import { withoutCandidates } from '../host/rtc/session-description.ts'
import type { RtcSignal } from '../shared/node/rtc-host.ts'

export type WayKind = 'bare' | 'link'

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

export function openWay(kind: WayKind, isOfferer: boolean, events: WayEvents): Way {
  return kind === 'link' ? openLink(isOfferer, events) : new BareWay(isOfferer, events)
}

function openLink(isOfferer: boolean, events: WayEvents): Way {
  const options = { isOfferer, iceServers: [], isRelayOnly: false }
  const link = new RtcLink(nodeRtc, options, {
    ...events,
    lost: () => {},
  })
  return {
    signal: signal => link.signal(signal),
    send: bytes => link.send(bytes),
    close: () => link.close('normal'),
  }
}

const FULL_BYTES = 1_048_576

class BareWay implements Way {
  readonly #pc = new RTCPeerConnection({ iceServers: [] })
  readonly #events: WayEvents
  readonly #early: RtcSignal[] = []
  #channel: RTCDataChannel | undefined
  #isDescribed = false

  constructor(isOfferer: boolean, events: WayEvents) {
    this.#events = events
    this.#pc.onicecandidate = ({ candidate }) => {
      if (candidate === null) return
      events.signal({ kind: 'candidate', candidate: candidate.candidate, mid: '0' })
    }
    this.#pc.ondatachannel = ({ channel }) => this.#attach(channel)
    if (!isOfferer) return
    this.#attach(this.#pc.createDataChannel('bench'))
    this.#describe('offer')
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

  /** The library describes itself as soon as there is what to describe, and does not take candidates in there. */
  #describe(kind: 'offer' | 'answer'): void {
    this.#events.signal({ kind, sdp: withoutCandidates(this.#pc.localDescription.sdp) })
  }

  async #apply(kind: 'offer' | 'answer', sdp: string): Promise<void> {
    await this.#pc.setRemoteDescription({ type: kind, sdp })
    this.#isDescribed = true
    for (const candidate of this.#early.splice(0)) this.#add(candidate)
    if (kind === 'offer') this.#describe('answer')
  }

  #add(signal: RtcSignal): void {
    if (signal.kind !== 'candidate' || signal.candidate === '') return
    this.#pc
      .addIceCandidate({ candidate: signal.candidate, sdpMid: signal.mid })
      .catch(() => undefined)
  }
}
