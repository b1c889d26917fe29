import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REPLAY_WINDOW_PACKETS } from '../wire/limits.ts'
import { ReplayWindow } from './replay-window.ts'

const SIZE = REPLAY_WINDOW_PACKETS

/** Counters in order, each with what the window says (the shape of WireGuard's replay test). */
const STEPS: readonly (readonly [counter: number, isNew: boolean])[] = [
  [0, true],
  [1, true],
  [1, false],
  [9, true],
  [8, true],
  [7, true],
  [7, false],
  [SIZE, true],
  [SIZE - 1, true],
  [SIZE - 1, false],
  [1, false], // Just inside, and seen.
  [2, true],
  [2, false],
  [SIZE + 16, true],
  [3, false], // Behind the window, though never seen.
  [SIZE + 16, false],
  [SIZE * 4, true],
  [SIZE * 4 - (SIZE - 1), true],
  [SIZE * 4 - (SIZE - 1), false],
  [SIZE * 4 - SIZE, false],
  [SIZE * 4 - SIZE - 1, false],
  [SIZE * 4 + 1, true],
  [SIZE * 4 - (SIZE - 1), false],
  [2 ** 53 - 1, true],
  [2 ** 53 - 2, true],
  [2 ** 53 - 1, false],
]

describe('ReplayWindow', () => {
  it('follows the truth table', () => {
    const window = new ReplayWindow()
    for (const [step, [counter, isNew]] of STEPS.entries()) {
      expect(window.isNew(counter), `step ${step}`).toBe(isNew)
      if (isNew) window.add(counter)
    }
  })

  it('changes nothing when asked only', () => {
    const window = new ReplayWindow()
    window.isNew(5_000)
    expect(window.isNew(0)).toBe(true)
  })

  it('agrees with a plain set, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4 * SIZE), { maxLength: 400 }), counters => {
        const window = new ReplayWindow()
        const seen = new Set<number>()
        let greatest = -1
        for (const counter of counters) {
          const isNew = !seen.has(counter) && counter > greatest - SIZE
          expect(window.isNew(counter)).toBe(isNew)
          if (!isNew) continue
          window.add(counter)
          seen.add(counter)
          greatest = Math.max(greatest, counter)
        }
      }),
      { seed: 7 },
    )
  })
})
