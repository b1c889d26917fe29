// Threat 4 over ten seeds.

import { expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { expectNoWayBack } from '../testing/expect-no-way-back.ts'
import { replayRows, runReplay } from './replay.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

it.each(TEN_SEEDS)('no reader goes back to an old record (seed %i)', seed => {
  const report = runReplay(seed, { servers: 300, records: 300, liars: 60 })
  print(formatTable(`replays at all holders, seed ${seed}`, replayRows(report)))
  expectNoWayBack(report)
  expect(report.found).toBe(1)
})
