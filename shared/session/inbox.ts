// Messages on their way in: put together, brought into order, shown exactly once, counted against the
// credit until the application took them. A whole message that is next in order, the common case, goes
// straight through. It does not decide when credit is announced.

import type { EffectQueue } from '../machine/effect-queue.ts'
import { MESSAGES_IN_FLIGHT } from '../wire/limits.ts'
import type { SessionEffect } from './effects.ts'
import type { ReceiveCredit } from './flow.ts'
import { creditCost } from './flow.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { Reassembly } from './reassembly.ts'
import { Ring } from './ring.ts'
import type { SeenIds } from './seen-ids.ts'

/** A sequence number whose message never comes. */
const SKIPPED = 'skipped'

export class Inbox {
  readonly #effects: EffectQueue<SessionEffect>
  readonly #credit: ReceiveCredit
  readonly #seen: SeenIds
  /** Every message below it was handed to the application. */
  #next = 0
  // What cannot be shown yet, by sequence number.
  readonly #slots = new Map<number, Reassembly | typeof SKIPPED>()
  /** Lengths of the messages that the application holds, and what it took of the first. */
  readonly #unconsumed = new Ring<number>()
  #taken = 0

  constructor(effects: EffectQueue<SessionEffect>, credit: ReceiveCredit, seen: SeenIds) {
    this.#effects = effects
    this.#credit = credit
    this.#seen = seen
  }

  /** For DELIVERED frames. */
  get deliveredSeq(): number {
    return this.#next
  }

  /** Messages that are incomplete or wait for an earlier one. */
  get held(): number {
    return this.#slots.size
  }

  /** As SessionFrameHandler.onMessage. @throws ProtocolViolation */
  onMessage(
    seq: number,
    totalBytes: number,
    offset: number,
    id: Uint8Array | undefined,
    bytes: Uint8Array,
  ): void {
    if (seq < this.#next) return
    if (
      seq === this.#next &&
      id !== undefined &&
      bytes.length === totalBytes &&
      !this.#slots.has(seq)
    ) {
      this.#credit.take(totalBytes)
      this.#show(id.slice(), bytes.slice())
      this.#showReady()
      return
    }
    const slot = this.#slots.get(seq) ?? this.#open(seq, totalBytes)
    if (slot === SKIPPED) return
    slot.add(totalBytes, offset, id, bytes)
    this.#showReady()
  }

  /** As SessionFrameHandler.onSkip: the sender told its application that this message failed. */
  onSkip(seq: number, totalBytes: number): void {
    if (seq < this.#next) return
    const slot = this.#slots.get(seq) ?? this.#open(seq, totalBytes)
    if (slot === SKIPPED) return
    if (slot.data.length !== totalBytes) throw new ProtocolViolation('message changes its length')
    this.#slots.set(seq, SKIPPED)
    this.#credit.giveBack(creditCost(totalBytes))
    this.#showReady()
  }

  /** The application took `bytes`, in the order in which messages were shown; empty ones go along. */
  consumed(bytes: number): void {
    this.#taken += bytes
    for (;;) {
      const length = this.#unconsumed.first()
      if (length === undefined || length > this.#taken) break
      this.#unconsumed.shift()
      this.#taken -= length
      this.#credit.giveBack(creditCost(length))
    }
    // An owner that counts too much must not run up credit for messages to come.
    if (this.#unconsumed.length === 0) this.#taken = 0
  }

  clear(): void {
    this.#slots.clear()
    this.#unconsumed.clear()
  }

  #open(seq: number, totalBytes: number): Reassembly {
    if (seq >= this.#next + MESSAGES_IN_FLIGHT) throw new ProtocolViolation('message too far ahead')
    this.#credit.take(totalBytes)
    const slot = new Reassembly(totalBytes)
    this.#slots.set(seq, slot)
    return slot
  }

  #showReady(): void {
    while (this.#slots.size > 0) {
      const slot = this.#slots.get(this.#next)
      if (slot === undefined) return
      if (slot === SKIPPED) {
        this.#slots.delete(this.#next++)
        continue
      }
      const id = slot.completeId
      if (id === undefined) return
      this.#slots.delete(this.#next)
      this.#show(id, slot.data)
    }
  }

  #show(id: Uint8Array, data: Uint8Array): void {
    this.#next++
    if (!this.#seen.add(id)) {
      this.#credit.giveBack(creditCost(data.length))
      return
    }
    this.#unconsumed.push(data.length)
    this.#effects.push({ kind: 'message', id, data })
  }
}
