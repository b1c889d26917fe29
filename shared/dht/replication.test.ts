import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import {
  MAX_REPAIR_POSTPONEMENTS,
  REPAIR_INTERVAL_MS,
  REPAIRS_PER_S,
  THIN_REPAIR_MS,
} from '../wire/limits.ts'
import { Replication } from './replication.ts'

const OWN = keyOf(0)
const [A, B] = [keyOf(1), keyOf(2)] as const

function keyOf(number: number): KeyId {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return keyIdOf(bytes)
}

/** What `random` gives: the first byte decides where between one and two intervals a repair falls. */
let share = 0
let keys: Set<KeyId>
let replication: Replication

beforeEach(() => {
  share = 0
  keys = new Set()
  replication = new Replication(
    {
      random: length => new Uint8Array(length).fill(share),
      ownKey: OWN,
      kept: keys,
      holders: () => [OWN],
    },
    0,
  )
})

function dueAt(now: number): KeyId[] {
  const due: KeyId[] = []
  for (let key = replication.due(now); key !== undefined; key = replication.due(now)) due.push(key)
  return due
}

describe('a repair', () => {
  it.each([
    [0x00, REPAIR_INTERVAL_MS],
    [0x80, 1.5 * REPAIR_INTERVAL_MS],
    [0xff, 2 * REPAIR_INTERVAL_MS],
  ])('falls between one and two intervals, as chance has it (%i)', (byte, atMs) => {
    share = byte
    expect(replication.nextTimeout()).toBeUndefined()
    replication.kept(0, A)
    const at = replication.nextTimeout() ?? 0
    expect(Math.abs(at - atMs)).toBeLessThan(0.003 * REPAIR_INTERVAL_MS)
    expect(at).toBeLessThanOrEqual(2 * REPAIR_INTERVAL_MS)
    expect(dueAt(at - 1)).toEqual([])
    expect(dueAt(at)).toEqual([A])
  })

  it('comes again and again', () => {
    replication.kept(0, A)
    for (let n = 1; n <= 5; n++) {
      expect(dueAt(n * REPAIR_INTERVAL_MS - 1)).toEqual([])
      expect(dueAt(n * REPAIR_INTERVAL_MS)).toEqual([A])
    }
  })

  it('waits anew when a newer value is kept, and ends when it is dropped', () => {
    replication.kept(0, A)
    replication.kept(100_000, A)
    expect(dueAt(REPAIR_INTERVAL_MS)).toEqual([])
    expect(dueAt(REPAIR_INTERVAL_MS + 100_000)).toEqual([A])
    replication.dropped(A)
    expect(replication.nextTimeout()).toBeUndefined()
    expect(dueAt(Number.MAX_SAFE_INTEGER)).toEqual([])
  })

  it(`is put off while others do it, ${MAX_REPAIR_POSTPONEMENTS} times in a row`, () => {
    replication.kept(0, A)
    let now = 0
    for (let n = 0; n < MAX_REPAIR_POSTPONEMENTS; n++) {
      now += REPAIR_INTERVAL_MS - 1
      expect(replication.postponed(now, A)).toBe(true)
      expect(dueAt(now + 1)).toEqual([])
    }
    expect(replication.postponed(now + 1, A)).toBe(false)
    expect(dueAt(now + REPAIR_INTERVAL_MS)).toEqual([A])
    // Done once, it may be put off again.
    expect(replication.postponed(now + REPAIR_INTERVAL_MS, A)).toBe(true)
  })

  it('comes soon while there are too few copies, later each time, and as usual once there are enough', () => {
    replication.kept(0, A)
    let now = 0
    for (const factor of [1, 2, 4, 8]) {
      replication.spread(now, A, true)
      expect(dueAt(now + factor * THIN_REPAIR_MS - 1)).toEqual([])
      now += factor * THIN_REPAIR_MS
      expect(dueAt(now)).toEqual([A])
    }
    replication.spread(now, A, false)
    expect(dueAt(now + REPAIR_INTERVAL_MS - 1)).toEqual([])
    expect(dueAt(now + REPAIR_INTERVAL_MS)).toEqual([A])
    replication.spread(now, A, true)
    expect(replication.nextTimeout()).toBe(now + THIN_REPAIR_MS)
  })

  it('is never put off by there being few copies, nor begun of what is not kept', () => {
    replication.spread(0, B, true)
    expect(replication.nextTimeout()).toBeUndefined()
    replication.kept(0, A)
    for (let n = 0; n < 100; n++) replication.spread(0, A, true)
    expect(replication.nextTimeout()).toBeLessThanOrEqual(REPAIR_INTERVAL_MS)
  })

  it('of what is not kept cannot be put off', () => {
    expect(replication.postponed(0, A)).toBe(false)
    replication.kept(0, A)
    replication.postponed(0, A)
    replication.dropped(A)
    expect(replication.postponed(0, A)).toBe(false)
    expect(replication.nextTimeout()).toBeUndefined()
  })

  it(`is begun ${REPAIRS_PER_S} times a second at most, each in its turn`, () => {
    const count = 3 * REPAIRS_PER_S
    const all = Array.from({ length: count }, (_, i) => keyOf(i + 1))
    for (const key of all) replication.kept(0, key)
    const begun: KeyId[] = []
    let now = REPAIR_INTERVAL_MS
    let wakes = 0
    while (begun.length < count) {
      begun.push(...dueAt(now))
      wakes++
      if (begun.length === count) break
      const next = replication.nextTimeout() ?? Number.NaN
      expect(next).toBeGreaterThan(now)
      now = next
    }
    expect(begun).toEqual(all)
    expect(wakes).toBeLessThanOrEqual(count)
    const seconds = (now - REPAIR_INTERVAL_MS) / 1_000
    expect(count / seconds).toBeLessThan(REPAIRS_PER_S * 1.05)
    expect(seconds).toBeLessThan(3.2)
  })
})

describe('a push', () => {
  it('goes to a contact that is new, until it is gone', () => {
    keys = new Set([A, B])
    const contact = keyOf(9)
    replication = new Replication(
      {
        random: length => new Uint8Array(length),
        ownKey: OWN,
        kept: keys,
        holders: () => [OWN, contact],
      },
      0,
    )
    expect(replication.pushDue(0)).toBeUndefined()
    replication.verified(0, contact)
    expect(replication.nextTimeout()).toBe(0)
    expect(replication.pushDue(0)).toEqual({ contact, key: A })
    replication.lost(contact)
    expect(replication.pushDue(1_000)).toBeUndefined()
    expect(replication.nextTimeout()).toBeUndefined()
  })
})
