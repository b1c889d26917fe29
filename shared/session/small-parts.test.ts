// The parts of a session that need no file of tests each: ring, seen ids, credit, round-trip time, path.

import { describe, expect, it } from 'vitest'
import {
  MESSAGE_OVERHEAD_BYTES,
  MESSAGE_WINDOW_BYTES,
  PROBE_MIN_MS,
  TIMER_DRIFT_MS,
} from '../wire/limits.ts'
import { ReceiveCredit, SendCredit } from './flow.ts'
import type { PathId } from './path.ts'
import { Path } from './path.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { Ring } from './ring.ts'
import { Rtt } from './rtt.ts'
import { SeenIds } from './seen-ids.ts'

describe('Ring', () => {
  it('keeps items at their positions through growth and wrapping', () => {
    const ring = new Ring<number>()
    for (let i = 0; i < 1_000; i++) {
      ring.push(i)
      if (i % 3 === 1) expect(ring.shift()).toBe((i - 1) / 3)
      expect(ring.at(i)).toBe(i)
      expect(ring.at(i + 1)).toBeUndefined()
      expect(ring.first()).toBe(ring.length > 0 ? ring.start : undefined)
    }
    expect([ring.start, ring.end, ring.length]).toEqual([333, 1_000, 667])
    expect(ring.at(332)).toBeUndefined()
    ring.clear()
    ring.push(7)
    expect([ring.at(1_000), ring.length]).toEqual([7, 1])
  })
})

describe('SeenIds', () => {
  it('knows the newest, forgets the oldest', () => {
    const seen = new SeenIds(2)
    const [a, b, c] = [1, 2, 3].map(fill => new Uint8Array(16).fill(fill)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    expect([a, a, b, b, c, b, a].map(id => seen.add(id))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ])
    expect(seen.size).toBe(2)
  })
})

describe('credit', () => {
  it('lets a sender begin what fits, to the byte', () => {
    const credit = new SendCredit()
    const whole = MESSAGE_WINDOW_BYTES - MESSAGE_OVERHEAD_BYTES
    expect([whole, whole + 1].map(length => credit.allows(length))).toEqual([true, false])
    credit.take(whole)
    expect(credit.allows(0)).toBe(false)
    credit.raise(MESSAGE_WINDOW_BYTES + MESSAGE_OVERHEAD_BYTES)
    credit.raise(5)
    expect(credit.allows(0)).toBe(true)
    expect(() => credit.raise(2 * MESSAGE_WINDOW_BYTES + 1)).toThrow(ProtocolViolation)
  })

  it('announces what came back in steps, and again when that was lost', () => {
    const credit = new ReceiveCredit()
    credit.giveBack(MESSAGE_WINDOW_BYTES / 4 - 1)
    expect(credit.isAnnouncementDue).toBe(false)
    credit.giveBack(1)
    expect(credit.isAnnouncementDue).toBe(true)
    credit.announced()
    expect(credit.isAnnouncementDue).toBe(false)
    credit.lost()
    expect(credit.isAnnouncementDue).toBe(true)
  })

  it('holds the peer to what was announced, not to what was meant', () => {
    const credit = new ReceiveCredit()
    credit.giveBack(1_000)
    credit.take(MESSAGE_WINDOW_BYTES - MESSAGE_OVERHEAD_BYTES)
    expect(() => credit.take(0)).toThrow(ProtocolViolation)
  })
})

describe('Rtt', () => {
  it('smooths samples without the peer’s delay, and never trusts that delay below zero', () => {
    const rtt = new Rtt()
    expect(rtt.probeAfterMs).toBe(PROBE_MIN_MS)
    rtt.sample(0, 100, 20)
    expect(rtt.smoothedMs).toBe(80)
    rtt.sample(0, 100, 5_000)
    expect(rtt.smoothedMs).toBe(82.5)
    rtt.sample(0, 20_000, 0)
    expect(rtt.probeAfterMs).toBeGreaterThan(PROBE_MIN_MS)
  })

  it.each([
    [999, 110],
    [1_000, 140],
  ])('counts a sample %i ms after the one before for as much as it is worth', (now, smoothedMs) => {
    const rtt = new Rtt()
    rtt.sample(0, 100, 0)
    rtt.sample(now, 180, 0)
    expect(rtt.smoothedMs).toBe(smoothedMs)
  })
})

describe('Path', () => {
  it('is suspect after two unanswered probes, and a late timer is no verdict', () => {
    const path = new Path(1 as PathId, { smallBytes: 932, largeBytes: 0 })
    path.sent(0)
    expect(path.probeAt).toBe(PROBE_MIN_MS)
    expect(path.probe(1_000)).toBe('probe')
    expect(path.probe(2_000)).toBe('probe')
    // Our own stall: both probes are owed again.
    expect(path.probe(3_000 + TIMER_DRIFT_MS + 1)).toBe('probe')
    expect(path.probe(7_000)).toBe('probe')
    expect(path.probe(8_000)).toBe('suspect')
    expect(path.probe(9_000)).toBe('probe')
    path.answered(9_000, 3)
    expect([path.isSuspect, path.largestAcked]).toEqual([false, 3])
  })

  it('reports its first round-trip time, then large changes, once a second', () => {
    const path = new Path(1 as PathId, { smallBytes: 932, largeBytes: 0 })
    expect(path.takeReport(0)).toBeUndefined()
    path.sample(0, 10, 0, false)
    expect(path.takeReport(0)).toEqual({ rttMs: 10 })
    path.sample(0, 100, 0, false)
    expect(path.takeReport(999)).toBeUndefined()
    expect(path.takeReport(1_000)).toEqual({ rttMs: 21.25 })
    path.sample(0, 22, 0, false)
    expect(path.takeReport(5_000)).toBeUndefined()
  })

  it('reports now and then that all is as before', () => {
    const path = new Path(1 as PathId, { smallBytes: 932, largeBytes: 0 })
    path.sample(0, 10, 0, false)
    const reports = [0, 1_000, 29_999, 30_000, 59_999, 60_001].map(now => path.takeReport(now))
    const same = { rttMs: 10 }
    expect(reports).toEqual([same, undefined, undefined, same, undefined, same])
  })

  it('is not told to be further away for a queue, and no nearer than what came through one', () => {
    const path = new Path(1 as PathId, { smallBytes: 932, largeBytes: 0 })
    path.sample(0, 100, 0, true)
    expect(path.takeReport(0)).toEqual({ rttMs: 100 })
    path.sample(2_000, 900, 0, true)
    expect(path.takeReport(2_000)).toBeUndefined()
    path.sample(4_000, 20, 0, true)
    expect(path.takeReport(4_000)).toEqual({ rttMs: 60 })
  })
})
