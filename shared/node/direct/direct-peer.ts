// The WebRTC connection with one peer (docs/PROTOCOL.md 9): one attempt at a time, which the lower key offers and the
// higher one may ask for, so there is no glare. Each attempt has a number: what is said of an older one is nothing.
// When to try, and whether there is room, is direct-links.ts.

import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import { keepsInitiatorRole } from '../../session/handshake.ts'
import type { DirectRefusal, DirectSignal } from '../../wire/direct-signal.ts'
import { takenSdp } from '../../wire/ice-candidate.ts'
import {
  RTC_ASK_AFTER_MS,
  RTC_ASK_TIMEOUT_MS,
  RTC_SIGNALS_BURST,
  RTC_SIGNALS_PER_S,
} from '../../wire/limits.ts'
import type { RtcSignal } from '../rtc-host.ts'
import type { Attempt } from './direct-attempt.ts'
import {
  encodedSignal,
  isUnanswered,
  making,
  newAttempt,
  newAttemptId,
  numbered,
  takesCandidate,
  toldSignal,
} from './direct-attempt.ts'
import { DirectRetry } from './direct-retry.ts'
import type { DirectConfig, DirectEffect, DirectFailure } from './direct-types.ts'

const SIGNAL_RATE = { perSecond: RTC_SIGNALS_PER_S, burst: RTC_SIGNALS_BURST }

export interface DirectPeerPorts {
  push(effect: DirectEffect): void
  /** Whether this peer may cost one more connection now; then it counts. */
  takeAttempt(now: number): boolean
  /** Whether there may be one more with it, once the one that is being made is given up. */
  mayReplace(): boolean
}

export class DirectPeer {
  readonly key: KeyId
  readonly retry: DirectRetry
  readonly #config: DirectConfig
  readonly #ports: DirectPeerPorts
  readonly #isOfferer: boolean
  /** What the peer may have us read. */
  readonly #signals: TokenBucket
  #attempt: Attempt | undefined
  /** The open one. */
  #link: LinkId | undefined

  constructor(config: DirectConfig, key: KeyId, now: number, ports: DirectPeerPorts) {
    this.key = key
    this.retry = new DirectRetry(config.random)
    this.#config = config
    this.#ports = ports
    this.#isOfferer = keepsInitiatorRole(publicKeyOf(config.ownKey), publicKeyOf(key))
    this.#signals = new TokenBucket(SIGNAL_RATE, now)
  }

  /** Whether it is ours to offer. */
  get isOfferer(): boolean {
    return this.#isOfferer
  }

  get openLink(): LinkId | undefined {
    return this.#link
  }

  /** Whether it has a connection, or one that is being made: each takes a place. */
  get takesPlace(): boolean {
    return this.#link !== undefined || this.#attempt?.kind === 'opening'
  }

  get isTrying(): boolean {
    return this.#attempt !== undefined
  }

  /** Whether an attempt waits for the link that it asked for. */
  get awaitsLink(): boolean {
    return this.#attempt?.kind === 'opening' && this.#attempt.link === undefined
  }

  /** Tries, from this side. */
  begin({ now }: Time): void {
    this.retry.began()
    if (this.#isOfferer) {
      this.#open(now, newAttemptId(this.#config.random), undefined)
      return
    }
    this.#attempt = { kind: 'asked', until: now + RTC_ASK_TIMEOUT_MS }
    this.#tell({ kind: 'want', attempt: 0 })
  }

  /** We may be somewhere else now: what failed may work, and what is open may be dead. */
  networkChanged(time: Time): void {
    this.retry.networkChanged(time.now)
    this.#beginAnew(time)
  }

  /** Since now there is somebody to ask for our public address. */
  iceServersCame(time: Time): void {
    const lacksThem = this.#attempt?.kind === 'opening' && !this.#attempt.hasIceServers
    if (lacksThem && this.#config.iceServers().length > 0) this.#beginAnew(time)
  }

  /** The parent has asked the host for that link. */
  opening(link: LinkId): void {
    const attempt = this.#attempt
    if (attempt?.kind !== 'opening') return
    attempt.link = link
    for (const signal of attempt.early.splice(0)) this.#pass(link, signal)
  }

  /**
   * The peer signals.
   * @param refusal asked when it wants a connection: why it may not have one now, if so
   * @returns whether it asks for an offer that we may make
   */
  heard({ now }: Time, signal: DirectSignal, refusal: () => DirectRefusal | undefined): boolean {
    if (!this.#signals.take(now)) return false
    const { attempt } = signal
    switch (signal.kind) {
      case 'want':
        return this.#wanted(now, attempt, refusal)
      case 'offer':
        this.#offered(now, attempt, signal.sdp, refusal)
        break
      case 'answer':
        this.#answered(attempt, signal.sdp)
        break
      case 'candidate':
        this.#heardCandidate(attempt, signal.candidate, signal.mid)
        break
      case 'refuse':
        this.#refused(now, attempt, signal.reason)
    }
    return false
  }

  /** Our host has something to say to the peer's. */
  hostSignal(link: LinkId, signal: RtcSignal): void {
    const attempt = making(this.#attempt, link)
    if (attempt === undefined) return
    const told = toldSignal(attempt, signal, this.#config.candidates)
    if (told !== undefined) this.#tell(told)
  }

  /** @returns whether the link is this attempt's */
  opened(link: LinkId): boolean {
    if (making(this.#attempt, link) === undefined) return false
    this.#attempt = undefined
    if (this.#link !== undefined) this.#close(this.#link, 'replaced')
    this.#link = link
    this.retry.succeeded()
    return true
  }

  /** @returns whether the link was ours */
  closed({ now }: Time, link: LinkId): boolean {
    if (this.#link === link) {
      this.#link = undefined
      if (this.#attempt === undefined) this.retry.failed(now, 'lost')
      return true
    }
    const attempt = making(this.#attempt, link)
    if (attempt === undefined) return false
    this.#tell({ kind: 'refuse', attempt: attempt.id, reason: 'failed' })
    this.#failed(now, this.#isOfferer && isUnanswered(attempt, now) ? 'silent' : 'unreachable')
    return true
  }

  /** Nothing that needs the session goes on. An open connection stays. */
  giveUp(): void {
    this.#closeAttempt()
    this.retry.stop()
  }

  closeLink(): void {
    if (this.#link !== undefined) this.#close(this.#link, 'normal')
    this.#link = undefined
  }

  timeout({ now }: Time): void {
    if (this.#attempt?.kind === 'asked' && this.#attempt.until <= now) this.#failed(now, 'silent')
  }

  nextTimeout(): number | undefined {
    return this.#attempt?.kind === 'asked' ? this.#attempt.until : this.retry.at
  }

  /** An attempt under way has told of addresses that are ours no longer, or of too few. */
  #beginAnew(time: Time): void {
    const attempt = this.#attempt
    if (attempt?.kind !== 'opening' || !this.#ports.mayReplace()) return
    // An offer takes the one before it back. An answer is taken back by a word, and another offer asked for.
    if (!this.#isOfferer) this.#tell({ kind: 'refuse', attempt: attempt.id, reason: 'failed' })
    else if (!this.#ports.takeAttempt(time.now)) return
    this.#closeAttempt()
    this.begin(time)
  }

  #wanted(now: number, attempt: number, refusal: () => DirectRefusal | undefined): boolean {
    // Who asks has none: one that is open here is dead.
    if (!this.#isOfferer || this.#isUnderWay(now)) return false
    const why = this.#ports.takeAttempt(now) ? refusal() : 'tooSoon'
    if (why !== undefined) this.#tell({ kind: 'refuse', attempt, reason: why })
    else this.#closeAttempt()
    return why === undefined
  }

  /** A peer that still asks after a while knows nothing of our offer: it was away when that came. */
  #isUnderWay(now: number): boolean {
    const attempt = this.#attempt
    if (attempt?.kind !== 'opening') return false
    return attempt.isAnswered || now - attempt.begunAt < RTC_ASK_AFTER_MS
  }

  #offered(now: number, id: number, sdp: string, refusal: () => DirectRefusal | undefined): void {
    if (this.#isOfferer) return
    const why = this.#ports.takeAttempt(now) ? refusal() : 'tooSoon'
    if (why !== undefined) {
      this.#tell({ kind: 'refuse', attempt: id, reason: why })
      return
    }
    // Whoever offers anew has given up what it offered before.
    this.#closeAttempt()
    this.#open(now, id, takenSdp(sdp))
  }

  #answered(id: number, sdp: string): void {
    const attempt = numbered(this.#attempt, id)
    if (attempt?.link === undefined || !this.#isOfferer || attempt.isAnswered) return
    attempt.isAnswered = true
    this.#pass(attempt.link, { kind: 'answer', sdp: takenSdp(sdp) })
  }

  #heardCandidate(id: number, candidate: string, mid: string): void {
    const attempt = numbered(this.#attempt, id)
    if (attempt === undefined || !takesCandidate(attempt, candidate)) return
    const signal = { kind: 'candidate', candidate, mid } as const
    if (attempt.link === undefined) attempt.early.push(signal)
    else this.#pass(attempt.link, signal)
  }

  #refused(now: number, id: number, reason: DirectRefusal): void {
    if (this.#attempt?.kind === 'asked') {
      if (id === 0) this.#failed(now, reason)
    } else if (numbered(this.#attempt, id) !== undefined) {
      this.#closeAttempt()
      this.#failed(now, reason === 'failed' ? 'unreachable' : reason)
    }
  }

  #open(now: number, id: number, offer: string | undefined): void {
    this.retry.began()
    const iceServers = this.#config.iceServers()
    this.#attempt = newAttempt(now, id, { offer, hasIceServers: iceServers.length > 0 })
    const options = {
      isOfferer: offer === undefined,
      iceServers,
      isRelayOnly: this.#config.candidates === 'relay',
    }
    this.#ports.push({ kind: 'open', peer: this.key, options })
  }

  #failed(now: number, failure: DirectFailure): void {
    this.#attempt = undefined
    this.retry.failed(now, failure)
  }

  /** The link is forgotten before it is closed: nothing more is heard of it. */
  #closeAttempt(): void {
    const link = this.#attempt?.kind === 'opening' ? this.#attempt.link : undefined
    this.#attempt = undefined
    if (link !== undefined) this.#close(link, 'normal')
  }

  #close(link: LinkId, reason: 'normal' | 'replaced'): void {
    this.#ports.push({ kind: 'close', link, reason })
  }

  #tell(signal: DirectSignal): void {
    const bytes = encodedSignal(signal)
    if (bytes !== undefined) this.#ports.push({ kind: 'tell', peer: this.key, bytes })
  }

  #pass(link: LinkId, signal: RtcSignal): void {
    this.#ports.push({ kind: 'signalRtc', link, signal })
  }
}
