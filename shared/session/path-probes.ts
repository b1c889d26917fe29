// Keeps what is known of a session's paths fresh while it has several and is in use: one that was not heard from
// for a while is asked. One side does so for both, the initiator. An idle session asks nothing and needs no timer.

import { PATH_PROBE_INTERVAL_MS, SESSION_IN_USE_MS } from '../wire/limits.ts'
import type { Path, PathId } from './path.ts'

export class PathProbes {
  readonly #paths: ReadonlyMap<PathId, Path>
  readonly #isProber: boolean
  #usedAt = Number.NEGATIVE_INFINITY

  constructor(paths: ReadonlyMap<PathId, Path>, isProber: boolean) {
    this.#paths = paths
    this.#isProber = isProber
  }

  /** When something was last sent, received or confirmed for the application, if anything ever was. */
  get usedAt(): number {
    return this.#usedAt
  }

  used(now: number): void {
    this.#usedAt = now
  }

  /** A path came up: what it is worth should be known before it is needed. */
  added(path: Path, now: number): void {
    path.heardAt = now
    if (this.#isProber && this.#paths.size > 1) path.isPingDue = true
  }

  expire(now: number): void {
    if (!this.#isAsking) return
    for (const path of this.#paths.values()) {
      const at = dueAt(path)
      if (now >= at && at < this.#idleAt) path.isPingDue = true
    }
  }

  nextTimeout(): number {
    let next = Number.POSITIVE_INFINITY
    if (!this.#isAsking) return next
    for (const path of this.#paths.values()) next = Math.min(next, dueAt(path))
    return next < this.#idleAt ? next : Number.POSITIVE_INFINITY
  }

  /** What would be due later is not asked. */
  get #idleAt(): number {
    return this.#usedAt + SESSION_IN_USE_MS
  }

  get #isAsking(): boolean {
    return this.#isProber && this.#paths.size > 1
  }
}

/** Never while an answer is awaited: that it comes is looked after already. */
function dueAt({ heardAt, isAwaited, isPingDue }: Path): number {
  return isAwaited || isPingDue ? Number.POSITIVE_INFINITY : heardAt + PATH_PROBE_INTERVAL_MS
}
