// The program that makes lines bad makes them as bad as it is told to.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BadLane } from '../fixtures/bad-lane.ts'
import { seededUnit } from '../fixtures/seeded-unit.ts'
import type { WireCondition } from '../fixtures/wire-condition.ts'
import { bufferBytes } from '../fixtures/wire-condition.ts'

const GOOD: WireCondition = {
  roundTripMs: 100,
  jitterMs: 0,
  kilobitsPerS: 1_000_000,
  loss: 0,
  burstPackets: 1,
}
const PACKETS = 100_000

let arrived: { number: number; atMs: number }[]
let startedAt: number

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  arrived = []
  startedAt = performance.now()
})

afterEach(() => {
  vi.useRealTimers()
})

function lane(changed: Partial<WireCondition>): BadLane {
  return new BadLane({ ...GOOD, ...changed }, seededUnit(1), packet => {
    arrived.push({ number: packet.readUInt32BE(), atMs: performance.now() - startedAt })
  })
}

function packet(number: number, bytes = 4): Buffer {
  const made = Buffer.alloc(bytes)
  made.writeUInt32BE(number)
  return made
}

function expectNear(value: number | undefined, wanted: number, by: number): void {
  expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThanOrEqual(by)
}

describe('a bad line', () => {
  it('takes half of the round trip one way', () => {
    lane({}).take(packet(0))
    vi.advanceTimersByTime(1_000)
    expect(arrived).toHaveLength(1)
    expectNear(arrived[0]?.atMs, 50, 1)
  })

  it('carries no more than its rate, and loses what its buffer does not hold', () => {
    const slow = { kilobitsPerS: 800 }
    const line = lane(slow)
    for (let number = 0; number < 100; number++) line.take(packet(number, 1_000))
    vi.advanceTimersByTime(10_000)
    expect(arrived).toHaveLength(Math.floor(bufferBytes({ ...GOOD, ...slow }) / 1_000))
    expectNear(arrived.at(-1)?.atMs, 50 + 10 * arrived.length, 1)
  })

  it('is late by the jitter at most, and keeps the order', () => {
    const line = lane({ jitterMs: 40 })
    for (let number = 0; number < 200; number++) {
      line.take(packet(number))
      vi.advanceTimersByTime(5)
    }
    vi.advanceTimersByTime(1_000)
    expect(arrived.map(({ number }) => number)).toEqual(Array.from({ length: 200 }, (_, n) => n))
    const late = arrived.map(({ number, atMs }) => atMs - 5 * number - 50)
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThan(42)
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(20)
  })

  it.each([
    [0.01, 6],
    [0.08, 20],
    [0.25, 40],
  ])('loses %d of the packets, %i in a row on average', (loss, burstPackets) => {
    const line = lane({ loss, burstPackets, roundTripMs: 0 })
    for (let number = 0; number < PACKETS; number++) {
      line.take(packet(number))
      vi.advanceTimersByTime(1)
    }
    const lost = PACKETS - arrived.length
    const gaps = arrived.filter(({ number }, at) => number !== (arrived[at - 1]?.number ?? -1) + 1)
    expectNear(lost / PACKETS, loss, 0.2 * loss)
    expectNear(lost / gaps.length, burstPackets, 0.2 * burstPackets)
  })

  it('loses all', () => {
    const line = lane({ loss: 1, burstPackets: Number.POSITIVE_INFINITY })
    for (let number = 0; number < 100; number++) line.take(packet(number))
    vi.advanceTimersByTime(1_000)
    expect(arrived).toEqual([])
  })
})
