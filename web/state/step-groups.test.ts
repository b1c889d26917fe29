import { expect, it } from 'vitest'
import type { ReachStep } from '../../client/api.ts'
import { SERVER } from '../../client/testing/explanations.ts'
import { stepGroups } from './step-groups.ts'

const step = (startedAt: number, change: Partial<ReachStep> = {}): ReachStep => ({
  step: 'circuit',
  hops: [SERVER],
  startedAt,
  tookMs: startedAt,
  ...change,
})
const error = { code: 'OFFLINE', message: 'Away.' } as const

it('what was tried is told newest first, the same again as one row with the newest times', () => {
  const steps = [
    step(1, { step: 'lookup', hops: [] }),
    step(2, { error }),
    step(3, { error: { ...error, message: 'Cut.' } }),
    step(4, { error }),
    step(5, { hops: [] }),
    step(6, { error }),
  ]
  const groups = stepGroups(steps).map(group => [group.step.startedAt, group.count])
  expect(groups).toEqual([
    [6, 3],
    [5, 1],
    [3, 1],
    [1, 1],
  ])
  expect(new Set(stepGroups(steps).map(({ name }) => name)).size).toBe(4)
  expect(stepGroups([])).toEqual([])
})
