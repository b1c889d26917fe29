// How many bytes a client passes on for others in a day (docs/PROTOCOL.md 6.6), 24 hours from its first one, and no more
// for one neighbour than it leaves for all others: whoever comes next always finds something. Kept over restarts: what
// may be spent next is written down before it is, so that a restart gives nothing back. Within a life only the monotonic
// clock counts, as the wall clock of a node follows what servers say.

import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap, getUint } from '../bytes/cbor-fields.ts'
import { tryDecode } from '../bytes/try-decode.ts'
import type { KeyId } from '../identity/node-id.ts'
import { LruMap } from '../machine/lru-map.ts'
import type { Time } from '../machine/machine.ts'
import {
  RELAY_BUDGET_MIN_BYTES,
  RELAY_BUDGET_NEIGHBOURS,
  RELAY_BUDGET_STEPS,
  RELAY_BUDGET_WINDOW_MS,
} from '../wire/limits.ts'

interface Window {
  /** On the monotonic clock. */
  readonly endsAt: number
  /** When it began, on the wall clock, for the next life. */
  readonly startUnixMs: number
  usedBytes: number
  /** Of this life. Whoever is forgotten may use as much as it leaves once more. */
  readonly usedBy: LruMap<KeyId, number>
  /** Written down as used: never less than `usedBytes`. */
  savedBytes: number
}

export class DailyBudget {
  readonly #bytesPerDay: number
  readonly #stepBytes: number
  /** None before the first byte of a day. */
  #window: Window | undefined
  #isSpent = false
  #isUnsaved = false

  /**
   * @param saved what `takeSave` gave in an earlier life; a damaged one counts as none
   * @throws RangeError for less than RELAY_BUDGET_MIN_BYTES, or no whole number
   */
  constructor(bytesPerDay: number, time: Time, saved: Uint8Array | undefined) {
    if (!Number.isSafeInteger(bytesPerDay) || bytesPerDay < RELAY_BUDGET_MIN_BYTES) {
      throw new RangeError(`a relay's bytes per day are at least ${RELAY_BUDGET_MIN_BYTES}`)
    }
    this.#bytesPerDay = bytesPerDay
    this.#stepBytes = Math.ceil(bytesPerDay / RELAY_BUDGET_STEPS)
    if (saved !== undefined) this.#restore(time, saved)
  }

  /** Whether there is nothing left until the day is over. */
  isSpent({ now }: Time): boolean {
    this.#renew(now)
    return this.#isSpent
  }

  /** @returns whether these bytes may be passed on; the first that may not for anybody end it for the day */
  spend(time: Time, neighbour: KeyId, bytes: number): boolean {
    this.#renew(time.now)
    if (this.#isSpent) return false
    const window = this.#window ?? this.#begin(time, RELAY_BUDGET_WINDOW_MS, 0)
    const leftBytes = this.#bytesPerDay - window.usedBytes - bytes
    if (leftBytes < bytes) {
      this.#isSpent = true
      this.#save(window, this.#bytesPerDay)
      return false
    }
    const ownBytes = (window.usedBy.get(neighbour) ?? 0) + bytes
    if (ownBytes > leftBytes) return false
    window.usedBy.set(neighbour, ownBytes)
    window.usedBytes += bytes
    if (window.usedBytes > window.savedBytes) {
      this.#save(window, Math.min(window.usedBytes + this.#stepBytes, this.#bytesPerDay))
    }
    return true
  }

  /** What is to be kept for the next life, if that changed: seldom, and ahead of what is spent. */
  takeSave(): Uint8Array | undefined {
    if (!this.#isUnsaved || this.#window === undefined) return undefined
    this.#isUnsaved = false
    const { startUnixMs, savedBytes } = this.#window
    return encodeCbor(
      new Map<string, CborValue>([
        ['at', startUnixMs],
        ['used', savedBytes],
      ]),
    )
  }

  /** When a spent budget is whole again. */
  nextTimeout(): number | undefined {
    return this.#isSpent ? this.#window?.endsAt : undefined
  }

  #renew(now: number): void {
    if (this.#window === undefined || now < this.#window.endsAt) return
    this.#window = undefined
    this.#isSpent = false
  }

  #begin({ now, unixMs }: Time, leftMs: number, usedBytes: number): Window {
    const startUnixMs = Math.floor(unixMs) - (RELAY_BUDGET_WINDOW_MS - leftMs)
    const usedBy = new LruMap<KeyId, number>(RELAY_BUDGET_NEIGHBOURS)
    const savedBytes = usedBytes
    this.#window = { endsAt: now + leftMs, startUnixMs, usedBytes, usedBy, savedBytes }
    return this.#window
  }

  #save(window: Window, bytes: number): void {
    window.savedBytes = bytes
    this.#isUnsaved = true
  }

  #restore(time: Time, saved: Uint8Array): void {
    const state = tryDecode(() => readState(asMap(decodeCbor(saved))))
    if (state === undefined) return
    // A clock that went back cannot say how much of the day is over: all of it is still to come.
    const passedMs = Math.max(0, Math.floor(time.unixMs) - state.atMs)
    if (passedMs >= RELAY_BUDGET_WINDOW_MS) return
    this.#begin(time, RELAY_BUDGET_WINDOW_MS - passedMs, state.usedBytes)
    this.#isSpent = state.usedBytes >= this.#bytesPerDay
  }
}

function readState(map: CborMap): { readonly atMs: number; readonly usedBytes: number } {
  return { atMs: getUint(map, 'at'), usedBytes: getUint(map, 'used') }
}
