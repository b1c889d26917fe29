// The onion keys of this node (docs/PROTOCOL.md 6): one serves now and one comes next, both in the
// record; used ones are kept a while for setups under way and then erased. Private halves live in memory
// only: a restart makes fresh keys, so that no setup recorded before it can be replayed after it.
// The parent calls `advance` when `nextTimeout` is due and publishes `entries()` whenever it says so.

import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { KEY_LENGTH } from '../crypto/suite.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import { ONION_KEY_KEEP_MS, ONION_KEY_ROTATE_MS } from '../wire/limits.ts'

export interface OnionKeyPair {
  readonly onionPrivate: Uint8Array
  readonly onionPublic: Uint8Array
}

/** As in the record: callers use the first entry that has not expired (unix ms). */
export interface PublishedOnionKey {
  readonly key: Uint8Array
  readonly expiresMs: number
}

/** Both clocks, and whichever is due first counts: the monotonic one may sleep, the other may jump. */
interface Deadline {
  readonly atMs: number
  readonly atUnixMs: number
}

interface HeldKey extends OnionKeyPair {
  readonly retires: Deadline
}

interface UsedKey extends OnionKeyPair {
  readonly erases: Deadline
}

export class OnionKeys {
  readonly #suite: CryptoSuite
  readonly #random: RandomBytes
  #current: HeldKey
  #next: HeldKey
  #used: UsedKey[] = []

  constructor(suite: CryptoSuite, random: RandomBytes, time: Time) {
    this.#suite = suite
    this.#random = random
    this.#current = this.#newKey(after(time, ONION_KEY_ROTATE_MS))
    this.#next = this.#newKey(after(time, 2 * ONION_KEY_ROTATE_MS))
  }

  /** Rotates and erases what is due. @returns true when `entries()` changed. */
  advance(time: Time): boolean {
    const isRotating = isDue(this.#current.retires, time)
    if (isRotating) this.#rotate(time)
    for (const key of this.#used) if (isDue(key.erases, time)) wipe(key.onionPrivate)
    this.#used = this.#used.filter(key => !isDue(key.erases, time))
    return isRotating
  }

  /** In `Time.now` milliseconds. */
  nextTimeout(): number {
    return Math.min(this.#current.retires.atMs, ...this.#used.map(key => key.erases.atMs))
  }

  /** Current first. */
  entries(): readonly PublishedOnionKey[] {
    return [this.#current, this.#next].map(({ onionPublic, retires }) => ({
      key: onionPublic,
      expiresMs: retires.atUnixMs,
    }))
  }

  /** Every key that a setup may have been made for, the likeliest first. */
  candidates(): readonly OnionKeyPair[] {
    return [this.#current, ...this.#used, this.#next]
  }

  /** The node stops: erases everything. */
  wipe(): void {
    for (const key of this.candidates()) wipe(key.onionPrivate)
  }

  #rotate(time: Time): void {
    const { onionPrivate, onionPublic } = this.#current
    this.#used.unshift({ onionPrivate, onionPublic, erases: after(time, ONION_KEY_KEEP_MS) })
    if (isDue(this.#next.retires, time)) {
      // Asleep for longer than a key lives: nobody could use the next key any more either.
      wipe(this.#next.onionPrivate)
      this.#current = this.#newKey(after(time, ONION_KEY_ROTATE_MS))
    } else {
      this.#current = this.#next
    }
    const { atMs, atUnixMs } = this.#current.retires
    this.#next = this.#newKey({
      atMs: atMs + ONION_KEY_ROTATE_MS,
      atUnixMs: atUnixMs + ONION_KEY_ROTATE_MS,
    })
  }

  #newKey(retires: Deadline): HeldKey {
    const onionPrivate = this.#random(KEY_LENGTH)
    return { onionPrivate, onionPublic: this.#suite.dhPublic(onionPrivate), retires }
  }
}

function after(time: Time, ms: number): Deadline {
  return { atMs: time.now + ms, atUnixMs: time.unixMs + ms }
}

function isDue(deadline: Deadline, time: Time): boolean {
  return time.now >= deadline.atMs || time.unixMs >= deadline.atUnixMs
}
