// Each counter by hand: a checker that cannot see a fault proves nothing.

import { describe, expect, it } from 'vitest'
import { DeliveryObserver, Samples } from './observers.ts'

describe('DeliveryObserver', () => {
  it('counts lost, duplicate, disordered and forged messages', () => {
    const observer = new DeliveryObserver()
    for (let turn = 0; turn < 4; turn += 1) observer.sent('a', 'b', 100)
    observer.received('a', 'b', 1, 110)
    observer.received('a', 'b', 0, 120)
    observer.received('a', 'b', 0, 130)
    observer.received('a', 'b', 9, 130)
    observer.received('b', 'a', 0, 130)
    observer.received('a', 'b', 2, 140)
    observer.confirmed()
    expect(observer.waiting).toBe(1)
    expect(observer.report()).toEqual({
      sent: 4,
      received: 3,
      lost: 1,
      duplicates: 1,
      outOfOrder: 1,
      forged: 2,
      confirmed: 1,
      latencyMs: { count: 3, p50: 20, p95: 40, p99: 40, max: 40 },
    })
  })

  it('numbers each direction of each pair by itself', () => {
    const observer = new DeliveryObserver()
    expect(observer.sent('a', 'b', 0)).toBe(0)
    expect(observer.sent('b', 'a', 0)).toBe(0)
    expect(observer.sent('a', 'c', 0)).toBe(0)
    expect(observer.sent('a', 'b', 0)).toBe(1)
  })
})

describe('Samples', () => {
  it('takes the nearest rank', () => {
    const samples = new Samples()
    for (let value = 100; value >= 1; value -= 1) samples.add(value)
    expect(samples.percentiles()).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 })
  })

  it('is all zeros without a value', () => {
    expect(new Samples().percentiles()).toEqual({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 })
  })
})
