import { expect, it } from 'vitest'
import { deadlineIn } from './deadline.ts'

it('shares one time limit between steps, and leaves a little to the last', () => {
  let nowMs = 1_000
  const deadline = deadlineIn(100, () => nowMs)
  expect(deadline.leftMs()).toBe(100)
  nowMs += 30.5
  expect(deadline.leftMs()).toBe(70)
  nowMs += 500
  expect(deadline.leftMs()).toBe(1)
})
