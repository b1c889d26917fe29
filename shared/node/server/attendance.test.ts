import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { PRESENCE_GRACE_MS } from '../../wire/limits.ts'
import { Attendance } from './attendance.ts'

const ALICE = 'alice' as KeyId
const BOB = 'bob' as KeyId
let attendance: Attendance

beforeEach(() => {
  attendance = new Attendance()
})

function leave(key: KeyId, now: number): void {
  attendance.left({ now, unixMs: now }, key)
}

function gone(now: number): KeyId[] {
  return attendance.timeout({ now, unixMs: now })
}

describe('a key', () => {
  it('is here as long as one of its links is open', () => {
    expect(attendance.came(ALICE)).toBe(true)
    expect(attendance.came(ALICE)).toBe(false)
    leave(ALICE, 0)
    expect(attendance.nextTimeout()).toBeUndefined()
    expect(attendance.isHere(ALICE)).toBe(true)
    expect(attendance.isHere(BOB)).toBe(false)
  })

  it('counts as gone a moment after its last link ended, once', () => {
    attendance.came(ALICE)
    leave(ALICE, 10)
    expect(attendance.nextTimeout()).toBe(10 + PRESENCE_GRACE_MS)
    expect(gone(9 + PRESENCE_GRACE_MS)).toEqual([])
    expect(attendance.isHere(ALICE)).toBe(true)
    expect(gone(10 + PRESENCE_GRACE_MS)).toEqual([ALICE])
    expect(attendance.isHere(ALICE)).toBe(false)
    expect(gone(99_999)).toEqual([])
    expect(attendance.came(ALICE)).toBe(true)
  })

  it('that is back in time was never away', () => {
    attendance.came(ALICE)
    leave(ALICE, 0)
    expect(attendance.came(ALICE)).toBe(false)
    expect(gone(99_999)).toEqual([])
    leave(ALICE, 100_000)
    expect(gone(100_000 + PRESENCE_GRACE_MS)).toEqual([ALICE])
  })

  it('that was never here does not leave', () => {
    leave(ALICE, 0)
    expect(attendance.nextTimeout()).toBeUndefined()
  })
})

it('keys leave in their order', () => {
  for (const key of [ALICE, BOB]) attendance.came(key)
  leave(BOB, 0)
  leave(ALICE, 5)
  expect(gone(PRESENCE_GRACE_MS)).toEqual([BOB])
  expect(attendance.nextTimeout()).toBe(5 + PRESENCE_GRACE_MS)
  expect(gone(5 + PRESENCE_GRACE_MS)).toEqual([ALICE])
})
