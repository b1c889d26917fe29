// Ends a command from outside: Ctrl-C, a signal, or an output that nobody reads any more. The command
// sees an AbortSignal, closes what it opened, and the process ends with the code that shells expect.

import type { Interruption } from './errors.ts'
import { INTERRUPT_EXIT_CODES } from './errors.ts'

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const

/** npm passes a signal on that the terminal has already sent; only a later one is meant as a second. */
const SAME_PRESS_MS = 1_000

export class Interrupt {
  readonly #controller = new AbortController()
  readonly #process: NodeJS.Process
  #interruption: Interruption | undefined
  #atMs = 0

  constructor(ofProcess: NodeJS.Process) {
    this.#process = ofProcess
    for (const name of SIGNALS) ofProcess.on(name, this.#onSignal)
    // Listeners stay to the end of the process: without one, a late EPIPE would be an uncaught error.
    ofProcess.stdout.on('error', () => this.trigger('SIGPIPE'))
    ofProcess.stderr.on('error', () => {})
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** `undefined` unless the command was ended from outside. */
  get exitCode(): number | undefined {
    return this.#interruption && INTERRUPT_EXIT_CODES[this.#interruption]
  }

  trigger(interruption: Interruption): void {
    if (this.#interruption !== undefined) return
    this.#interruption = interruption
    this.#atMs = performance.now()
    this.#controller.abort()
  }

  dispose(): void {
    for (const name of SIGNALS) this.#process.off(name, this.#onSignal)
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    const isSecond = this.#interruption !== undefined
    if (isSecond && performance.now() - this.#atMs > SAME_PRESS_MS) {
      // The user will not wait for a clean end.
      this.#process.exit(INTERRUPT_EXIT_CODES[name as Interruption])
    }
    this.trigger(name as Interruption)
  }
}

/** Settles when the signal does. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
