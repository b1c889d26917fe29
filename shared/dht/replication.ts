// When kept values are repaired and pushed (docs/PROTOCOL.md 4): each at a random time between one and two
// intervals after it was last seen whole, put off a few times while other holders do it, and soon while there are few
// copies; and to new contacts by push-scan.ts. Knows keys and times only: who looks up and stores is the DHT.

import type { KeyId } from '../identity/node-id.ts'
import { unitInterval } from '../link/jitter.ts'
import { DeadlineHeap } from '../machine/deadline-heap.ts'
import { earliest } from '../machine/earliest.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { TokenBucket } from '../machine/token-bucket.ts'
import {
  MAX_REPAIR_POSTPONEMENTS,
  REPAIR_INTERVAL_MS,
  REPAIRS_PER_S,
  THIN_REPAIR_MS,
} from '../wire/limits.ts'
import type { Push, PushScanConfig } from './push-scan.ts'
import { PushScan } from './push-scan.ts'

export interface ReplicationConfig extends PushScanConfig {
  readonly random: RandomBytes
}

export class Replication {
  readonly #random: RandomBytes
  readonly #repairs = new DeadlineHeap<KeyId>()
  /** How often in a row others have put off the repair of a value. */
  readonly #postponements = new Map<KeyId, number>()
  /** How often in a row too few copies of a value were made. */
  readonly #thin = new Map<KeyId, number>()
  readonly #rate: TokenBucket
  readonly #pushes: PushScan
  #heldUntil = Number.NEGATIVE_INFINITY

  constructor({ random, ...pushScan }: ReplicationConfig, now: number) {
    this.#random = random
    this.#rate = new TokenBucket({ perSecond: REPAIRS_PER_S, burst: 1 }, now)
    this.#pushes = new PushScan(pushScan, now)
  }

  /** A value, or a newer one, is kept from now on. */
  kept(now: number, key: KeyId): void {
    this.#postponements.delete(key)
    this.#schedule(now, key)
  }

  dropped(key: KeyId): void {
    this.#repairs.delete(key)
    this.#postponements.delete(key)
    this.#thin.delete(key)
  }

  /**
   * Another server repairs this value right now.
   * @returns whether ours waits for another interval: false when it is not kept or was put off too often in a
   * row, so that one server that only says it repairs cannot stop those that do
   */
  postponed(now: number, key: KeyId): boolean {
    const before = this.#postponements.get(key) ?? 0
    if (before >= MAX_REPAIR_POSTPONEMENTS || !this.#repairs.has(key)) return false
    this.#postponements.set(key, before + 1)
    this.#schedule(now, key)
    return true
  }

  /**
   * A value was brought to where it belongs.
   * @param isThin to fewer servers than it takes: whoever was there may be cut off, so it is not left at that
   */
  spread(now: number, key: KeyId, isThin: boolean): void {
    if (!isThin) {
      this.#thin.delete(key)
      return
    }
    if (!this.#repairs.has(key)) return
    const before = this.#thin.get(key) ?? 0
    const soonMs = THIN_REPAIR_MS * 2 ** before
    if (soonMs >= REPAIR_INTERVAL_MS) return
    this.#thin.set(key, before + 1)
    this.#repairs.set(key, now + soonMs * (1 + 0.5 * unitInterval(this.#random)))
  }

  /** The next key whose value is to be repaired now, if any. Call until `undefined`. Has its next time already. */
  due(now: number): KeyId | undefined {
    const at = this.#repairs.next()
    if (at === undefined || at > now) return undefined
    if (!this.#rate.take(now)) {
      this.#heldUntil = now + this.#rate.msUntil(now, 1)
      return undefined
    }
    const key = this.#repairs.takeExpired(now)
    if (key !== undefined) this.kept(now, key)
    return key
  }

  /** A contact that was not in our table is there now: it may lack what it should hold. */
  verified(now: number, contact: KeyId): void {
    this.#pushes.verified(now, contact)
  }

  /** A contact has gone. */
  lost(contact: KeyId): void {
    this.#pushes.lost(contact)
  }

  /** The next value to store at a new contact now, if any. Call until `undefined`. */
  pushDue(now: number): Push | undefined {
    return this.#pushes.due(now)
  }

  nextTimeout(): number | undefined {
    const repairAt = this.#repairs.next()
    return earliest(
      repairAt === undefined ? undefined : Math.max(repairAt, this.#heldUntil),
      this.#pushes.nextTimeout(),
    )
  }

  #schedule(now: number, key: KeyId): void {
    this.#repairs.set(key, now + REPAIR_INTERVAL_MS * (1 + unitInterval(this.#random)))
  }
}
