import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { CLOCK_SLACK_MS } from '../wire/limits.ts'
import { InitiatorTimestamps, RisingStamps } from './initiator-timestamps.ts'

const UNIX_MS = 1_800_000_000_000
const at = (now: number) => ({ now, unixMs: UNIX_MS + now })
const key = (name: string) => name as KeyId

describe('InitiatorTimestamps', () => {
  it('takes only a greater stamp of the same initiator', () => {
    const stamps = new InitiatorTimestamps()
    expect(stamps.check(at(0), key('a'), UNIX_MS)).toBe('fresh')
    stamps.commit(at(0), key('a'), UNIX_MS)
    expect(stamps.check(at(0), key('a'), UNIX_MS - 1)).toBe('clock')
    expect(stamps.check(at(0), key('a'), UNIX_MS)).toBe('clock')
    expect(stamps.check(at(0), key('a'), UNIX_MS + 1)).toBe('fresh')
    expect(stamps.check(at(0), key('b'), UNIX_MS)).toBe('fresh')
  })

  it('refuses new initiators when full, never forgets a guarded one', () => {
    const stamps = new InitiatorTimestamps(2)
    stamps.commit(at(0), key('a'), UNIX_MS)
    stamps.commit(at(1), key('b'), UNIX_MS)
    expect(stamps.check(at(2), key('c'), UNIX_MS)).toBe('busy')
    expect(stamps.check(at(2), key('a'), UNIX_MS + 1)).toBe('fresh')
  })

  it('forgets when the slack alone refuses the recorded handshake', () => {
    const stamps = new InitiatorTimestamps(1)
    // The worst case: a stamp as far ahead as is accepted.
    stamps.commit(at(0), key('a'), UNIX_MS + CLOCK_SLACK_MS)
    const late = 2 * CLOCK_SLACK_MS
    expect(stamps.check(at(late - 1), key('b'), UNIX_MS + late)).toBe('busy')
    expect(stamps.check(at(late + 1), key('b'), UNIX_MS + late)).toBe('fresh')
    expect(stamps.size).toBe(0)
    expect(stamps.check(at(late + 1), key('a'), UNIX_MS + CLOCK_SLACK_MS)).toBe('clock')
  })
})

describe('RisingStamps', () => {
  it('rises within one millisecond and after a small step back', () => {
    const stamps = new RisingStamps()
    expect([100, 100, 50, 200].map(now => stamps.next(UNIX_MS + now) - UNIX_MS)).toEqual([
      100, 101, 102, 200,
    ])
  })

  it('follows the clock after a large step back', () => {
    const stamps = new RisingStamps()
    stamps.next(UNIX_MS)
    expect(stamps.next(UNIX_MS - CLOCK_SLACK_MS)).toBe(UNIX_MS - CLOCK_SLACK_MS)
  })
})
