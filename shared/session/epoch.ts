// The keys of one handshake while packets travel under them: sealing, opening, counting towards the limits
// of docs/PROTOCOL.md 7, wiping. Which epoch serves what is decided in epochs.ts.

import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { REKEY_AFTER_BYTES, REKEY_AFTER_MS, REKEY_AFTER_PACKETS } from '../wire/limits.ts'
import {
  PACKET_HEADER_BYTES,
  PACKET_OVERHEAD_BYTES,
  packetTagOf,
  writePacketHeader,
} from '../wire/session-packet.ts'
import type { SessionSecrets } from './handshake.ts'

/** When keys are renewed. They are refused after twice this. */
export interface EpochLimits {
  readonly ageMs: number
  readonly packets: number
  readonly bytes: number
}

export const EPOCH_LIMITS: EpochLimits = {
  ageMs: REKEY_AFTER_MS,
  packets: REKEY_AFTER_PACKETS,
  bytes: REKEY_AFTER_BYTES,
}

const HARD_FACTOR = 2

export class Epoch {
  readonly packetTag: number
  readonly handshakeHash: Uint8Array
  readonly startedAt: number
  readonly #suite: CryptoSuite
  readonly #sendKey: Uint8Array
  readonly #receiveKey: Uint8Array
  readonly #limits: EpochLimits
  // Both directions count: each side sees the same total within what is in flight.
  #packets = 0
  #bytes = 0

  constructor(suite: CryptoSuite, secrets: SessionSecrets, limits: EpochLimits, now: number) {
    this.#suite = suite
    this.packetTag = packetTagOf(secrets.tag)
    this.handshakeHash = secrets.handshakeHash
    this.#sendKey = secrets.sendKey
    this.#receiveKey = secrets.receiveKey
    this.#limits = limits
    this.startedAt = now
  }

  /** `factor` stretches the limits, so that the two sides do not renew in the same moment. */
  isRekeyDue(now: number, factor: number): boolean {
    return this.#isPast(now, factor)
  }

  /** When age alone makes it due. */
  rekeyAt(factor: number): number {
    return this.startedAt + factor * this.#limits.ageMs
  }

  /** Nothing may be sent or accepted any more. */
  isExhausted(now: number): boolean {
    return this.#isPast(now, HARD_FACTOR)
  }

  exhaustedAt(): number {
    return this.rekeyAt(HARD_FACTOR)
  }

  /** `counter` is never used twice. @returns the whole packet. */
  seal(counter: number, plaintext: Uint8Array): Uint8Array {
    const tagAt = PACKET_HEADER_BYTES + plaintext.length
    const packet = new Uint8Array(plaintext.length + PACKET_OVERHEAD_BYTES)
    writePacketHeader(packet, this.packetTag, counter)
    this.#suite.sealInto(
      this.#sendKey,
      counter,
      packet.subarray(0, PACKET_HEADER_BYTES),
      plaintext,
      packet.subarray(PACKET_HEADER_BYTES, tagAt),
      packet.subarray(tagAt),
    )
    this.#count(packet.length)
    return packet
  }

  /** @returns the plaintext, `undefined` when the packet is not authentic. */
  open(counter: number, packet: Uint8Array): Uint8Array | undefined {
    const header = packet.subarray(0, PACKET_HEADER_BYTES)
    const ciphertext = packet.subarray(PACKET_HEADER_BYTES)
    const plaintext = this.#suite.open(this.#receiveKey, counter, header, ciphertext)
    if (plaintext !== undefined) this.#count(packet.length)
    return plaintext
  }

  wipe(): void {
    wipe(this.#sendKey, this.#receiveKey)
  }

  #isPast(now: number, factor: number): boolean {
    const { ageMs, packets, bytes } = this.#limits
    return (
      now - this.startedAt >= factor * ageMs ||
      this.#packets >= factor * packets ||
      this.#bytes >= factor * bytes
    )
  }

  #count(bytes: number): void {
    this.#packets++
    this.#bytes += bytes
  }
}
