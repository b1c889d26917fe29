// The epochs of one session (WireGuard 6.3): `current` sends; `next`, made by the responder of a rekey, only
// receives until the peer proves to have its keys; `previous` receives stragglers for a minute. Counters and
// the replay window run through all epochs (as QUIC key updates, RFC 9001 6): acks need no epoch, and a
// counter is never used twice whatever the key.

import type { CryptoSuite } from '../crypto/suite.ts'
import { OLD_EPOCH_MS } from '../wire/limits.ts'
import { packetTagOf, readPacketHeader } from '../wire/session-packet.ts'
import type { EpochLimits } from './epoch.ts'
import { Epoch } from './epoch.ts'
import type { SessionSecrets } from './handshake.ts'
import { ReplayWindow } from './replay-window.ts'

export interface OpenedPacket {
  readonly counter: number
  readonly plaintext: Uint8Array
}

export class Epochs {
  readonly #suite: CryptoSuite
  readonly #limits: EpochLimits
  readonly #window = new ReplayWindow()
  #current: Epoch
  #next: Epoch | undefined
  #previous: Epoch | undefined
  #dropPreviousAt = Number.POSITIVE_INFINITY
  #counter = 0

  constructor(suite: CryptoSuite, secrets: SessionSecrets, limits: EpochLimits, now: number) {
    this.#suite = suite
    this.#limits = limits
    this.#current = new Epoch(suite, secrets, limits, now)
  }

  get current(): Epoch {
    return this.#current
  }

  /** The peer asked for new keys and did not use them yet. */
  get hasNext(): boolean {
    return this.#next !== undefined
  }

  /** Counters below were sent. */
  get nextCounter(): number {
    return this.#counter
  }

  /** @returns the packet; its counter was `nextCounter`. */
  seal(plaintext: Uint8Array): Uint8Array {
    return this.#current.seal(this.#counter++, plaintext)
  }

  /** @returns `undefined` for a packet that is forged, replayed, or under keys that are gone. */
  open(now: number, packet: Uint8Array): OpenedPacket | undefined {
    const header = readPacketHeader(packet)
    if (header === undefined || !this.#window.isNew(header.counter)) return undefined
    const epoch = this.#byTag(header.tag)
    if (epoch === undefined || epoch.isExhausted(now)) return undefined
    const plaintext = epoch.open(header.counter, packet)
    if (plaintext === undefined) return undefined
    this.#window.add(header.counter)
    if (epoch === this.#next) this.#promote(now, epoch)
    return { counter: header.counter, plaintext }
  }

  /** Whether packets of these keys could be told from those in use. */
  isTagFree(tag: Uint8Array): boolean {
    return this.#byTag(packetTagOf(tag)) === undefined
  }

  /** We began a rekey and the peer answered: it has the keys. */
  installCurrent(now: number, secrets: SessionSecrets): void {
    this.#promote(now, new Epoch(this.#suite, secrets, this.#limits, now))
  }

  /** The peer began a rekey. */
  installNext(now: number, secrets: SessionSecrets): void {
    this.#next?.wipe()
    this.#next = new Epoch(this.#suite, secrets, this.#limits, now)
  }

  expire(now: number): void {
    if (now >= this.#dropPreviousAt) this.#dropPrevious()
  }

  nextExpiry(): number {
    return Math.min(this.#dropPreviousAt, this.#current.exhaustedAt())
  }

  wipe(): void {
    this.#dropPrevious()
    this.#next?.wipe()
    this.#next = undefined
    this.#current.wipe()
  }

  #byTag(tag: number): Epoch | undefined {
    if (tag === this.#current.packetTag) return this.#current
    if (tag === this.#next?.packetTag) return this.#next
    return tag === this.#previous?.packetTag ? this.#previous : undefined
  }

  #promote(now: number, epoch: Epoch): void {
    this.#dropPrevious()
    if (this.#next !== epoch) this.#next?.wipe()
    this.#next = undefined
    this.#previous = this.#current
    this.#dropPreviousAt = now + OLD_EPOCH_MS
    this.#current = epoch
  }

  #dropPrevious(): void {
    this.#previous?.wipe()
    this.#previous = undefined
    this.#dropPreviousAt = Number.POSITIVE_INFINITY
  }
}
