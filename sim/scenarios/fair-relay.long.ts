// A hundred thousand setups thrown at one relay (threat 17): minutes, not seconds.

import { expect, it } from 'vitest'
import { MAX_CIRCUITS_PER_LINK } from '../../shared/wire/limits.ts'
import { runFairRelay } from './fair-relay.ts'

it('a hundred thousand setups of a neighbour slow no word of others', () => {
  const quiet = { greedySmall: 0, greedyLarge: 0, quiet: 20, stuck: 0, durationMs: 100_000 }
  const alone = runFairRelay(1, quiet)
  const among = runFairRelay(1, { ...quiet, setups: 100_000 })
  expect(among).toMatchObject({ closed: { quiet: 0 }, wordsLost: 0 })
  expect(among.wordMs.p99).toBeLessThan(1.1 * alone.wordMs.p99)
  expect(among.peakCircuits).toBeLessThanOrEqual(20 + MAX_CIRCUITS_PER_LINK)
})
