// The one timer slot of a Node host. A time that is not in the future means the next macrotask. A later
// deadline does not move an earlier timer: waking early is harmless, and moving timers costs more.

/** Node takes longer times for no time at all. */
const MAX_DELAY_MS = 2 ** 31 - 1

export class Timer {
  readonly #now: () => number
  readonly #onWake: () => void
  #timeout: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  /** When the timer that is set will fire. */
  #firesAt = Number.POSITIVE_INFINITY
  #at: number | undefined

  constructor(now: () => number, onWake: () => void) {
    this.#now = now
    this.#onWake = onWake
  }

  /** @param at in milliseconds of the given clock */
  set(at: number | undefined): void {
    this.#at = at
    if (at === undefined) {
      this.#clear()
      return
    }
    if (this.#immediate !== undefined || this.#firesAt <= at) return
    const now = this.#now()
    const delayMs = Math.min(Math.ceil(at - now), MAX_DELAY_MS)
    if (delayMs <= 0) {
      this.#immediate = setImmediate(() => this.#fire())
      return
    }
    clearTimeout(this.#timeout)
    this.#firesAt = Math.min(at, now + delayMs)
    this.#timeout = setTimeout(() => this.#fire(), delayMs)
  }

  #fire(): void {
    const at = this.#at
    this.#clear()
    if (at === undefined) return
    if (at > this.#now()) this.set(at)
    else this.#onWake()
  }

  #clear(): void {
    clearTimeout(this.#timeout)
    clearImmediate(this.#immediate)
    this.#timeout = undefined
    this.#immediate = undefined
    this.#firesAt = Number.POSITIVE_INFINITY
  }
}
