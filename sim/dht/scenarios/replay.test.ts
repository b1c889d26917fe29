// Threat 4; ten seeds are in replay.long.ts.

import { expect, it } from 'vitest'
import { formatTable, print } from '../../print/table.ts'
import { expectNoWayBack } from '../testing/expect-no-way-back.ts'
import { replayRows, runReplay } from './replay.ts'

it('no reader goes back to an old record', () => {
  const report = runReplay(1, { servers: 40, records: 20, liars: 8 })
  print(formatTable('replays at all holders', replayRows(report)))
  expectNoWayBack(report)
  expect(report.found).toBe(1)
}, 60_000)
