// What every holder must have said to each kind of replay, for the quick tests and the long ones.

import { expect } from 'vitest'
import type { ReplayReport } from '../scenarios/replay.ts'

export function expectNoWayBack({ answers }: ReplayReport): void {
  expect(Object.keys(answers.older)).toEqual(['SEQ_TOO_LOW'])
  expect(Object.keys(answers.equal)).toEqual(['SEQ_REUSED'])
  expect(Object.keys(answers.future)).toEqual(['INVALID_RECORD'])
  // Of an expired record the lower sequence is seen first.
  expect(Object.keys(answers.expired)).toEqual(['SEQ_TOO_LOW'])
}
