// The shape of every part of the core (sans-IO). A machine is told the time and an input, changes
// its state once, and is then drained by polling. It holds no timer, promise, socket or clock.

/** `now` is monotonic, in milliseconds, and never goes back; `unixMs` is the wall clock, for expiry only. */
export interface Time {
  readonly now: number
  readonly unixMs: number
}

export interface Machine<Input, Effect> {
  /** Changes state. Never throws for what a peer sent: hostile bytes become an effect with a code. */
  handle(time: Time, input: Input): void
  /** The next output, or `undefined` when drained. Call until drained after every `handle`. */
  poll(): Effect | undefined
  /** When to call `handle` with a timeout input, in `Time.now` milliseconds. Early or late is harmless. */
  nextTimeout(): number | undefined
}

/** Cryptographically secure random bytes, handed in by the host (a seeded generator in the simulator). */
export type RandomBytes = (length: number) => Uint8Array
