// Round trips that the owner asked to have measured. A ping rides in the next packet and is answered when
// that packet is acknowledged; one whose packet is lost goes out again. Giving up is the owner's.

import type { EffectQueue } from '../machine/effect-queue.ts'
import { SESSION_MAX_PINGS } from '../wire/limits.ts'
import type { SessionEffect } from './effects.ts'

export class Pings {
  readonly #effects: EffectQueue<SessionEffect>
  #due: number[] = []

  constructor(effects: EffectQueue<SessionEffect>) {
    this.#effects = effects
  }

  get isDue(): boolean {
    return this.#due.length > 0
  }

  /** Beyond the cap a ping is dropped: it stays unanswered. */
  add(ids: readonly number[]): void {
    for (const id of ids) if (this.#due.length < SESSION_MAX_PINGS) this.#due.push(id)
  }

  /** All that are due, for one PING frame. */
  take(): readonly number[] {
    const ids = this.#due
    this.#due = []
    return ids
  }

  answered(ids: readonly number[], rttMs: number): void {
    for (const id of ids) this.#effects.push({ kind: 'pong', id, rttMs })
  }

  clear(): void {
    this.#due = []
  }
}
