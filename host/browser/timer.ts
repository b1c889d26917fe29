// The one timer slot of a browser host. A time that is not in the future means the next macrotask:
// a MessageChannel, because nested setTimeout calls are held back 4 ms by browsers.

export class Timer {
  readonly #onWake: () => void
  readonly #channel = new MessageChannel()
  #timeout: ReturnType<typeof setTimeout> | undefined
  #isPosted = false
  #at: number | undefined

  constructor(onWake: () => void) {
    this.#onWake = onWake
    this.#channel.port1.onmessage = () => {
      this.#isPosted = false
      this.#fire()
    }
  }

  /** @param at in `performance.now()` milliseconds */
  set(at: number | undefined): void {
    this.#at = at
    clearTimeout(this.#timeout)
    this.#timeout = undefined
    if (at === undefined) return
    const delayMs = at - performance.now()
    if (delayMs > 0) this.#timeout = setTimeout(() => this.#fire(), Math.ceil(delayMs))
    else this.#post()
  }

  /** Whatever holds timers back (a hidden page): what is due happens now. */
  check(): void {
    if (this.#at !== undefined && this.#at <= performance.now()) this.#fire()
  }

  #post(): void {
    if (this.#isPosted) return
    this.#isPosted = true
    this.#channel.port2.postMessage(undefined)
  }

  #fire(): void {
    if (this.#at === undefined) return
    this.#at = undefined
    this.#onWake()
  }
}
