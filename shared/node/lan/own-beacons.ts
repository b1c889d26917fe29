// When a node says that it is on the LAN, and with what beacon (docs/PROTOCOL.md 12): a few times at first, then
// every half minute, and a little sooner for somebody new. Hears nothing, sends nothing: its owner does.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { jittered, unitInterval } from '../../link/jitter.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import { signBeacon } from '../../wire/beacon.ts'
import {
  BEACON_ANSWER_MS,
  BEACON_ANSWERS_BURST,
  BEACON_ANSWERS_PER_S,
  BEACON_INTERVAL_MS,
  BEACON_REPEAT_MS,
  BEACON_REPEATS,
} from '../../wire/limits.ts'
import type { NodeType, SignedRecord } from '../../wire/record.ts'

export interface OwnBeaconsConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly identity: Identity
  readonly type: NodeType
  /** 16 bytes. */
  readonly net: Uint8Array
  /** Our own record as it stands. */
  readonly record: (time: Time) => SignedRecord
}

type State =
  | { readonly kind: 'silent' }
  | {
      readonly kind: 'speaking'
      readonly port: number
      nextAt: number
      lastAt: number
      /** Beacons to come in quick succession. */
      repeats: number
    }

export class OwnBeacons {
  readonly #config: OwnBeaconsConfig
  readonly #outOfTurn: TokenBucket
  #state: State = { kind: 'silent' }
  /** Of the last beacon: the next one is newer, whatever the clock does. */
  #atMs = 0

  constructor(config: OwnBeaconsConfig, time: Time) {
    this.#config = config
    const rate = { perSecond: BEACON_ANSWERS_PER_S, burst: BEACON_ANSWERS_BURST }
    this.#outOfTurn = new TokenBucket(rate, time.now)
  }

  /** @param port 1 to 65535, on which we take links */
  start({ now }: Time, port: number): void {
    const lastAt = Number.NEGATIVE_INFINITY
    this.#state = { kind: 'speaking', port, nextAt: now, lastAt, repeats: BEACON_REPEATS }
  }

  stop(): void {
    this.#state = { kind: 'silent' }
  }

  get nextAt(): number | undefined {
    return this.#state.kind === 'silent' ? undefined : this.#state.nextAt
  }

  /** As after the start: those who hear us now may be others. */
  repeat({ now }: Time): void {
    const state = this.#state
    if (state.kind === 'silent') return
    state.repeats = BEACON_REPEATS
    state.nextAt = Math.min(state.nextAt, Math.max(now, state.lastAt + BEACON_REPEAT_MS))
  }

  /** Somebody new should hear of us before our turn comes; not too often, and not all at once. */
  soon({ now }: Time): void {
    const state = this.#state
    if (state.kind === 'silent' || state.nextAt <= now + BEACON_ANSWER_MS) return
    if (!this.#outOfTurn.take(now)) return
    const pauseMs = Math.floor(unitInterval(this.#config.random) * BEACON_ANSWER_MS)
    state.nextAt = Math.max(now + pauseMs, state.lastAt + BEACON_REPEAT_MS)
  }

  /** The datagram that is due, if one is. */
  take(time: Time): Uint8Array | undefined {
    const state = this.#state
    if (state.kind === 'silent' || time.now < state.nextAt) return undefined
    state.lastAt = time.now
    state.repeats = Math.max(0, state.repeats - 1)
    state.nextAt = time.now + (state.repeats > 0 ? BEACON_REPEAT_MS : this.#intervalMs())
    return this.#sign(time, state.port)
  }

  #intervalMs(): number {
    return jittered(this.#config.random, BEACON_INTERVAL_MS, 1 / 10)
  }

  #sign(time: Time, port: number): Uint8Array {
    const { suite, identity, type, net, record } = this.#config
    this.#atMs = Math.max(this.#atMs + 1, Math.floor(time.unixMs), 0)
    const { bytes } = record(time)
    return signBeacon(suite, identity, { type, net, port, atMs: this.#atMs, record: bytes })
  }
}
