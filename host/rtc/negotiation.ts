// How two connections come to know each other (RFC 8829): one offer, one answer, and candidates one by one as
// they are found (RFC 8838), both ways. Whether packets go through is not looked at here.

import type { RtcSignal } from '../../shared/node/rtc-host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import { RTC_MAX_CANDIDATES } from '../../shared/wire/limits.ts'
import { fingerprintOf, isForDataOnly, withoutCandidates } from './session-description.ts'

export interface NegotiationEvents {
  signal(signal: RtcSignal): void
  failed(reason: CloseReason): void
}

export interface NegotiationOptions {
  readonly isOfferer: boolean
  /** How long an offerer keeps its candidates to itself once it has the answer; see `RtcPlatform`. */
  readonly holdMs: number
}

type Candidate = Extract<RtcSignal, { kind: 'candidate' }>

export class Negotiation {
  readonly #pc: RTCPeerConnection
  readonly #events: NegotiationEvents
  readonly #options: NegotiationOptions
  /** Ours, until the other side may have them. */
  #held: Candidate[] | undefined = []
  #holdTimer: ReturnType<typeof setTimeout> | undefined
  /** The other side's, until its description is in force. */
  #early: Candidate[] | undefined = []
  #toldCandidates = 0
  #heardCandidates = 0
  #isDescribed = false
  #heard: string | undefined
  #hasToldEnd = false
  #isStopped = false

  constructor(pc: RTCPeerConnection, options: NegotiationOptions, events: NegotiationEvents) {
    this.#pc = pc
    this.#options = options
    this.#events = events
    pc.onicecandidate = ({ candidate }) => {
      if (candidate !== null) this.#found(candidate)
    }
    pc.onicegatheringstatechange = () => {
      // The last candidates may still be on their way here.
      if (pc.iceGatheringState === 'complete') setTimeout(() => this.#foundAll(), 0)
    }
  }

  /** The other side's description, in force or about to be: there is one only. */
  get heard(): string | undefined {
    return this.#heard
  }

  /** The offerer begins, once its data channel is made. */
  offer(): void {
    void this.#describe('offer')
  }

  take(signal: RtcSignal): void {
    if (signal.kind === 'candidate') this.#heardCandidate(signal)
    else this.#heardDescription(signal.kind, signal.sdp)
  }

  /** The way is open: whoever held candidates back need not do so any more. */
  release(): void {
    clearTimeout(this.#holdTimer)
    const held = this.#held
    if (held === undefined || !this.#isDescribed) return
    this.#held = undefined
    for (const candidate of held) this.#events.signal(candidate)
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#holdTimer)
    this.#pc.onicecandidate = null
    this.#pc.onicegatheringstatechange = null
  }

  #heardDescription(kind: 'offer' | 'answer', sdp: string): void {
    const isDue = this.#options.isOfferer
      ? kind === 'answer' && this.#isDescribed
      : kind === 'offer'
    if (!isDue || this.#heard !== undefined || !isForDataOnly(sdp)) {
      this.#events.failed('protocol')
      return
    }
    this.#heard = sdp
    if (fingerprintOf(sdp) === undefined) this.#events.failed('unauthenticated')
    else void this.#apply(kind, sdp)
  }

  async #apply(kind: 'offer' | 'answer', sdp: string): Promise<void> {
    try {
      // Candidates that it brings would be more than are counted.
      await this.#pc.setRemoteDescription({ type: kind, sdp: withoutCandidates(sdp) })
    } catch {
      this.#fail('protocol')
      return
    }
    if (this.#isStopped) return
    for (const candidate of this.#early ?? []) this.#add(candidate)
    this.#early = undefined
    if (kind === 'offer') await this.#describe('answer')
    else this.#holdTimer = setTimeout(() => this.release(), this.#options.holdMs)
  }

  async #describe(kind: 'offer' | 'answer'): Promise<void> {
    try {
      await this.#pc.setLocalDescription()
    } catch {
      this.#fail('unreachable')
      return
    }
    const sdp = this.#pc.localDescription?.sdp
    if (this.#isStopped) return
    if (!sdp) {
      this.#fail('unreachable')
      return
    }
    this.#isDescribed = true
    this.#events.signal({ kind, sdp: withoutCandidates(sdp) })
    if (kind === 'answer' || this.#options.holdMs === 0) this.release()
  }

  #found({ candidate, sdpMid }: RTCIceCandidate): void {
    // Some mark the end by an empty one before gathering is complete.
    if (candidate === '' || this.#toldCandidates >= RTC_MAX_CANDIDATES) return
    this.#toldCandidates += 1
    this.#tell({ kind: 'candidate', candidate: candidate.replace(/^a=/, ''), mid: sdpMid ?? '0' })
  }

  #foundAll(): void {
    if (this.#isStopped || this.#hasToldEnd) return
    this.#hasToldEnd = true
    this.#tell({ kind: 'candidate', candidate: '', mid: '0' })
  }

  #tell(candidate: Candidate): void {
    if (this.#held === undefined) this.#events.signal(candidate)
    else this.#held.push(candidate)
  }

  #heardCandidate(candidate: Candidate): void {
    this.#heardCandidates += 1
    // One more for the empty one at the end.
    if (this.#heardCandidates > RTC_MAX_CANDIDATES + 1) this.#events.failed('protocol')
    else if (this.#early === undefined) this.#add(candidate)
    else this.#early.push(candidate)
  }

  /** Not waited for: what it promises may never settle. One of no use here (another family, another name) is no fault. */
  #add({ candidate, mid }: Candidate): void {
    this.#pc.addIceCandidate({ candidate, sdpMid: mid }).catch(() => {})
  }

  #fail(reason: CloseReason): void {
    if (!this.#isStopped) this.#events.failed(reason)
  }
}
