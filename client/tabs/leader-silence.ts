// How long the tab that leads has given no sign of life, and when that is enough. Counts only what a tab that was awake
// can have missed.

import {
  TAB_HIDDEN_DELAY_MS,
  TAB_LEADER_SILENT_MS,
  TAB_STEAL_SPREAD_MS,
} from '../../shared/wire/limits.ts'
import type { TabSurroundings } from './tab-surroundings.ts'

/** What a late timer counts at most: whoever was asleep hears first what came meanwhile. */
const LATE_TICK_MS = TAB_LEADER_SILENT_MS / 2

export class LeaderSilence {
  readonly #surroundings: TabSurroundings
  #ms = 0
  #patienceMs = 0
  #tickAt: number

  constructor(surroundings: TabSurroundings) {
    this.#surroundings = surroundings
    this.#tickAt = surroundings.now()
  }

  /** Another leader, or none yet. */
  begin(): void {
    const { random, isHidden } = this.#surroundings
    this.#ms = 0
    const hiddenMs = isHidden() ? TAB_HIDDEN_DELAY_MS : 0
    this.#patienceMs = TAB_LEADER_SILENT_MS + hiddenMs + random() * TAB_STEAL_SPREAD_MS
  }

  /** The leader was heard. */
  end(): void {
    this.#ms = 0
  }

  /** Call every so often. @returns milliseconds that count since the last time */
  tick(): number {
    const now = this.#surroundings.now()
    const gapMs = Math.min(now - this.#tickAt, LATE_TICK_MS)
    this.#tickAt = now
    return gapMs
  }

  /** @returns whether that is too long; then it begins anew */
  isTooLong(gapMs: number): boolean {
    this.#ms += gapMs
    if (this.#ms < this.#patienceMs) return false
    this.begin()
    return true
  }
}
