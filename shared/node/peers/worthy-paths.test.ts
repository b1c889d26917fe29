// The rule of which paths are worth having: whatever there is, what is opened by it is kept by it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { REUSED_RELAY_COST_MS } from '../../routes/relay-uses.ts'
import type { RankedRoute } from '../../routes/route.ts'
import { cheapest, isWorthOpening, worthHaving } from './worthy-paths.ts'

function route(names: string, total: number): RankedRoute {
  const metrics = { hops: names.length + 1, latencyMs: total, isMeasured: true, reliability: 1 }
  const score = { total, latency: total, hops: 0, reliability: 0, throughput: 0 }
  return { relays: [...names] as KeyId[], metrics, score }
}

const LEAD = route('ax', 100)

function worthy(...others: RankedRoute[]): string[] {
  return [...worthHaving(LEAD, others)].map(({ relays }) => relays.join('')).sort()
}

const anyRoute = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'x', 'y'), { maxLength: 3 }),
    fc.integer({ min: 1, max: 900 }),
  )
  .map(([names, total]) => route(names.join(''), total))

describe('worth having', () => {
  it('is the best spare, which shares no relay unless the others cost much more', () => {
    expect(worthy()).toEqual([])
    expect(worthy(route('ay', 90))).toEqual(['ay'])
    expect(worthy(route('ay', 90), route('by', 89 + REUSED_RELAY_COST_MS))).toEqual(['by'])
    expect(worthy(route('ay', 90), route('by', 91 + REUSED_RELAY_COST_MS))).toEqual(['ay'])
  })

  it('is also one that is so much better that it will soon be in use', () => {
    expect(worthy(route('ay', 80), route('by', 200))).toEqual(['ay', 'by'])
    expect(worthy(route('ay', 81), route('by', 200))).toEqual(['by'])
  })

  it('is one when it is both', () => {
    expect(worthy(route('by', 20), route('cy', 30))).toEqual(['by'])
  })
})

describe('worth opening', () => {
  it('is what is clearly better than every open path, or a clearly better spare', () => {
    const open = [route('by', 200)]
    expect(isWorthOpening(route('ay', 80), LEAD, open)).toBe(true)
    expect(isWorthOpening(route('ay', 81), LEAD, open)).toBe(false)
    expect(isWorthOpening(route('cz', 160), LEAD, open)).toBe(true)
    expect(isWorthOpening(route('cz', 161), LEAD, open)).toBe(false)
    expect(isWorthOpening(route('ay', 75), LEAD, [route('by', 90)])).toBe(false)
  })

  it('is any spare where there is none', () => {
    expect(isWorthOpening(route('ay', 900), LEAD, [])).toBe(true)
  })

  it('is nothing that is not worth having once it is open', () => {
    const seen = { worth: 0 }
    fc.assert(
      fc.property(
        anyRoute,
        anyRoute,
        fc.array(anyRoute, { maxLength: 4 }),
        (found, lead, others) => {
          if (!isWorthOpening(found, lead, others)) return
          seen.worth += 1
          expect(worthHaving(lead, [...others, found]).has(found)).toBe(true)
        },
      ),
      { seed: 1, numRuns: 2_000 },
    )
    expect(seen.worth).toBeGreaterThan(200)
  })
})

describe('the cheapest', () => {
  it('is the first of equals, and none of none', () => {
    const [one, other] = [route('a', 5), route('b', 5)]
    expect(cheapest([one, other])).toBe(one)
    expect(cheapest([])).toBeUndefined()
  })
})
