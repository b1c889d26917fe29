// What was tried, as a list to read: the newest first, and the same again with the same outcome as one row. Pure.

import type { ReachStep } from '../../client/api.ts'

export interface StepGroup {
  /** Tells it from the others. */
  readonly name: string
  /** The last of them. */
  readonly step: ReachStep
  readonly count: number
}

/** @param steps the oldest first */
export function stepGroups(steps: readonly ReachStep[]): readonly StepGroup[] {
  const groups = new Map<string, StepGroup>()
  for (const step of steps.toReversed()) {
    const name = JSON.stringify([step.step, step.hops, step.error?.message])
    const newer = groups.get(name)
    groups.set(name, { name, step: newer?.step ?? step, count: (newer?.count ?? 0) + 1 })
  }
  return [...groups.values()]
}
