// The price of a relay that is used once more, and the order that follows from it.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import type { CostedRoute } from './relay-uses.ts'
import { REUSED_RELAY_COST_MS, RelayUses } from './relay-uses.ts'

function route(names: string, cost: number): CostedRoute {
  return { relays: [...names] as KeyId[], cost }
}

function chosen(routes: readonly CostedRoute[], uses = new RelayUses(), count?: number): string[] {
  return uses.choose(routes, count).map(({ relays }) => relays.join(''))
}

describe('uses of relays', () => {
  it('cost for each route before that has the relay, and nothing for others', () => {
    const uses = new RelayUses([['a', 'b'] as KeyId[], ['a'] as KeyId[]])
    expect(uses.costOf([])).toBe(0)
    expect(uses.costOf(['c'] as KeyId[])).toBe(0)
    expect(uses.costOf(['b', 'c'] as KeyId[])).toBe(REUSED_RELAY_COST_MS)
    expect(uses.costOf(['a', 'b'] as KeyId[])).toBe(3 * REUSED_RELAY_COST_MS)
  })

  it('put a route over other relays first, unless it costs more than they do', () => {
    const limit = 1 + REUSED_RELAY_COST_MS
    const withCost = (cost: number) => [route('a', 0), route('ab', 1), route('c', cost)]
    expect(chosen(withCost(limit - 1))).toEqual(['a', 'c', 'ab'])
    expect(chosen(withCost(limit + 1))).toEqual(['a', 'ab', 'c'])
  })

  it('count those that were there before', () => {
    const uses = new RelayUses([['a'] as KeyId[]])
    expect(chosen([route('a', 0), route('b', 1)], uses)).toEqual(['b', 'a'])
    expect(chosen([route('b', 0), route('c', 1)], uses)).toEqual(['c', 'b'])
  })

  it('leave equals to the shorter one, then to the first', () => {
    expect(chosen([route('ab', 5), route('c', 5), route('d', 5), route('', 5)])).toEqual([
      '',
      'c',
      'd',
      'ab',
    ])
  })

  it('end with as many as are wanted', () => {
    expect(chosen([route('a', 1), route('b', 2), route('c', 3)], new RelayUses(), 2)).toEqual([
      'a',
      'b',
    ])
    expect(chosen([], new RelayUses(), 2)).toEqual([])
  })
})
