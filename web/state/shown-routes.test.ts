import { describe, expect, it } from 'vitest'
import type { PathMode, Route } from '../../client/api.ts'
import { OTHER_SERVER, routeOf, SERVER } from '../../client/testing/explanations.ts'
import { shownRoutes } from './shown-routes.ts'

const cost = (total: number) => ({ total, latency: total, hops: 0, reliability: 0, throughput: 0 })
const over = (hops: readonly string[], total: number, state: Route['state']) =>
  routeOf({ hops, score: cost(total), state })
const LONG = [SERVER, OTHER_SERVER, 'c']

function words(routes: readonly Route[], mode: PathMode = 'fast'): string[] {
  return shownRoutes({ routes, mode }).map(
    ({ hops, score, word }) => `${hops.length} ${score.total} ${word}`,
  )
}

describe('the routes that are shown', () => {
  it('are the one in use, then the cheapest, whatever came of it', () => {
    const routes = [
      over(LONG, 90, 'idle'),
      over([], 5, 'failed'),
      over([SERVER], 40, 'active'),
      over([OTHER_SERVER], 30, 'spare'),
    ]
    expect(words(routes)).toEqual(['1 40 in use', '0 5 failed', '1 30 spare', '3 90 not open'])
  })

  it('are none twice: the one stays that there is more to say of', () => {
    const routes = [over([SERVER], 30, 'idle'), over([SERVER], 30, 'spare')]
    expect(words(routes)).toEqual(['1 30 spare'])
    expect(words([over([SERVER], 20, 'active'), ...routes])).toEqual(['1 20 in use'])
  })

  it.each([
    ['fast', ['0 1 spare', '1 2 spare', '3 3 spare']],
    ['relay', ['0 1 not for this mode', '1 2 spare', '3 3 spare']],
    ['private', ['0 1 not for this mode', '1 2 not for this mode', '3 3 spare']],
  ] as const)('say what mode %s does not allow', (mode, shown) => {
    const routes = [over([], 1, 'spare'), over([SERVER], 2, 'spare'), over(LONG, 3, 'spare')]
    expect(words(routes, mode)).toEqual(shown)
  })

  it('say which ones the peer opened: nothing of their cost is known', () => {
    const routes = [
      over([SERVER], 40, 'active'),
      { ...over([OTHER_SERVER], 50, 'spare'), openedBy: 'peer' } as const,
      { ...over(LONG, 60, 'spare'), openedBy: 'us' } as const,
      // Of a direct one all is known, whoever opened it.
      { ...over([], 70, 'spare'), openedBy: 'peer' } as const,
    ]
    const shown = shownRoutes({ routes, mode: 'fast' })
    expect(shown.map(({ isPeers }) => isPeers)).toEqual([false, true, false, false])
  })
})
