// What the death of a relay may cost, for the quick tests and the long ones.

import { expect } from 'vitest'
import { LINK_DEAD_MS } from '../../shared/wire/limits.ts'
import type { Percentiles } from '../observers.ts'
import { Samples } from '../observers.ts'
import type { RelayDeathOptions, RelayDeathReport } from '../scenarios/relay-death.ts'
import { PIECE_BYTES, REBUILD_MS } from '../scenarios/relay-death.ts'

/** Every place that a relay has on the ways there are between two clients. */
export const DEATHS: readonly Pick<RelayDeathOptions, 'servers' | 'victim'>[] = [
  { servers: 'shared', victim: 0 },
  { servers: 'apart', victim: 0 },
  { servers: 'apart', victim: 1 },
]

/** Nothing failed, was lost or came twice; the loss was noticed and another way found in time (R11, R17). */
export function expectOneSwitch(
  report: RelayDeathReport,
  { bytes, isSilent }: Pick<RelayDeathOptions, 'bytes' | 'isSilent'>,
): void {
  const sent = bytes > 0 ? Math.ceil(bytes / PIECE_BYTES) : 2
  expect(report.failures).toEqual([])
  expect(report.delivery).toMatchObject({
    sent,
    received: sent,
    confirmed: sent,
    lost: 0,
    duplicates: 0,
    outOfOrder: 0,
    forged: 0,
  })
  expect(report.peersDown).toBe(0)
  expect(report.stalls).toBeLessThanOrEqual(isSilent ? 2 : 1)
  expect(report.noticedMs).toBeLessThanOrEqual(LINK_DEAD_MS + 100)
  expect(report.rebuiltMs).toBeLessThanOrEqual(REBUILD_MS)
}

export function stallsOf(reports: readonly RelayDeathReport[]): Percentiles {
  const stalls = new Samples()
  for (const { stallMs } of reports) stalls.add(stallMs)
  return stalls.percentiles()
}
