// Profiles depend on the seed and the pair alone, and stay within their bounds.

import { describe, expect, it } from 'vitest'
import { Rng } from './rng.ts'
import { planarTopology, uniformTopology } from './topology.ts'

const OPTIONS = { minLatencyMs: 10, maxLatencyMs: 200, jitterMs: 3, bytesPerMs: 100 }
const MAKERS = [
  ['uniform', uniformTopology],
  ['planar', planarTopology],
] as const

describe.each(MAKERS)('%s topology', (_, make) => {
  const topology = make(new Rng(1), OPTIONS)
  const pairs = Array.from({ length: 400 }, (_unused, n) => [n % 20, Math.floor(n / 20)] as const)

  it('is symmetric and the same each time', () => {
    for (const [a, b] of pairs) {
      expect(topology(a, b)).toEqual(topology(b, a))
      expect(make(new Rng(1), OPTIONS)(a, b)).toEqual(topology(a, b))
    }
  })

  it('stays within its bounds, with the rest as given', () => {
    for (const [a, b] of pairs) {
      const { latencyMs, jitterMs, bytesPerMs, bufferBytes } = topology(a, b)
      expect(latencyMs >= 10 && latencyMs <= 200).toBe(true)
      expect({ jitterMs, bytesPerMs, bufferBytes }).toEqual({
        jitterMs: 3,
        bytesPerMs: 100,
        bufferBytes: 1_048_576,
      })
    }
  })

  it('is another one for another seed', () => {
    expect(make(new Rng(2), OPTIONS)(1, 2)).not.toEqual(topology(1, 2))
  })
})

it('the planar one keeps the triangle inequality', () => {
  const topology = planarTopology(new Rng(1), { ...OPTIONS, minLatencyMs: 0 })
  const latency = (a: number, b: number) => topology(a, b).latencyMs
  for (let a = 0; a < 15; a += 1) {
    for (let b = 0; b < 15; b += 1) {
      for (let c = 0; c < 15; c += 1) {
        expect(latency(a, c)).toBeLessThanOrEqual(latency(a, b) + latency(b, c) + 1e-9)
      }
    }
  }
})
