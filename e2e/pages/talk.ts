// Somebody who writes without a pause, each message when the one before was delivered: `0`, `1`, `2`, so whoever reads
// sees what is lost, doubled or out of order. In pages and programs alike.

const EVERY_MS = 20

export class Talk {
  readonly #send: (text: string) => Promise<unknown>
  readonly #running: Promise<void>
  #count = 0
  #isEnding = false
  #wake = (): void => {}

  constructor(send: (text: string) => Promise<unknown>) {
    this.#send = send
    this.#running = this.#run()
    // Whoever waits is told.
    this.#running.catch(() => {})
  }

  /** Resolves once so many more are. Rejects when one failed. */
  async delivered(more: number): Promise<void> {
    const wanted = this.#count + more
    while (this.#count < wanted) {
      const next = new Promise<void>(resolve => {
        this.#wake = resolve
      })
      await Promise.race([next, this.#running])
    }
  }

  /** @returns how many were sent; all of them are delivered */
  async end(): Promise<number> {
    this.#isEnding = true
    await this.#running
    return this.#count
  }

  async #run(): Promise<void> {
    while (!this.#isEnding) {
      await this.#send(String(this.#count))
      this.#count += 1
      this.#wake()
      await new Promise(resolve => setTimeout(resolve, EVERY_MS))
    }
  }
}
