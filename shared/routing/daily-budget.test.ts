import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../bytes/cbor.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import {
  RELAY_BUDGET_MIN_BYTES,
  RELAY_BUDGET_NEIGHBOURS,
  RELAY_BUDGET_STEPS,
  RELAY_BUDGET_WINDOW_MS,
} from '../wire/limits.ts'
import { DailyBudget } from './daily-budget.ts'

const DAY = RELAY_BUDGET_WINDOW_MS
const LIMIT = 64 * RELAY_BUDGET_MIN_BYTES
const STEP = LIMIT / RELAY_BUDGET_STEPS
const UNIX = 1_800_000_000_000

const at = (now: number, unixMs = UNIX + now) => ({ now, unixMs })
const budget = (saved?: Uint8Array, time = at(0)) => new DailyBudget(LIMIT, time, saved)

const ANN = 'ann' as KeyId
const BOB = 'bob' as KeyId
let strangers = 0

/** Of a neighbour that was never seen before. */
function spend(spender: DailyBudget, time: Time, bytes: number): boolean {
  strangers += 1
  return spender.spend(time, `stranger ${strangers}` as KeyId, bytes)
}

/** Spends in pieces of a step, each for somebody else, until one is refused. @returns the bytes */
function drain(spender: DailyBudget, now: number, piece = STEP): number {
  let bytes = 0
  while (spend(spender, at(now), piece)) bytes += piece
  return bytes
}

describe('a daily budget', () => {
  it.each([
    [STEP - 1, true],
    [STEP, true],
    [STEP + 1, false],
  ])('with two steps left takes %i bytes: %s', (bytes, isTaken) => {
    const spender = budget()
    for (let i = 2; i < RELAY_BUDGET_STEPS; i++) spend(spender, at(0), STEP)
    expect(spend(spender, at(0), bytes)).toBe(isTaken)
    expect(spender.isSpent(at(0))).toBe(!isTaken)
  })

  it('once refused, refuses the smallest piece too, until the day is over', () => {
    const spender = budget()
    expect(spender.nextTimeout()).toBeUndefined()
    expect(drain(spender, 5)).toBe(LIMIT - STEP)
    expect(spend(spender, at(7), 1)).toBe(false)
    expect(spender.nextTimeout()).toBe(5 + DAY)
    expect(spender.isSpent(at(5 + DAY - 1))).toBe(true)
    expect(spender.isSpent(at(5 + DAY))).toBe(false)
    expect(spender.nextTimeout()).toBeUndefined()
    expect(drain(spender, 5 + DAY)).toBe(LIMIT - STEP)
  })

  it('counts a day from its first byte, on the monotonic clock', () => {
    const spender = budget()
    expect(drain(spender, 1_000)).toBe(LIMIT - STEP)
    expect(spend(spender, at(2_000, UNIX + 100 * DAY), 1)).toBe(false)
    expect(spend(spender, at(1_000 + DAY, UNIX), 1)).toBe(true)
  })

  it.each([0, -1, 1.5, RELAY_BUDGET_MIN_BYTES - 1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
    'cannot be of %d bytes',
    bytes => {
      expect(() => new DailyBudget(bytes, at(0), undefined)).toThrow(RangeError)
    },
  )

  it('may be of the least bytes', () => {
    const spender = new DailyBudget(RELAY_BUDGET_MIN_BYTES, at(0), undefined)
    expect(spend(spender, at(0), RELAY_BUDGET_MIN_BYTES / 2)).toBe(true)
  })
})

describe('a neighbour', () => {
  it('uses no more than it leaves for the others, which goes on for these', () => {
    const spender = budget()
    let bytes = 0
    while (spender.spend(at(0), ANN, 1_024)) bytes += 1_024
    expect(bytes).toBe(LIMIT / 2)
    expect(spender.isSpent(at(0))).toBe(false)
    expect(spender.spend(at(0), BOB, 1_024)).toBe(true)
    expect(spender.spend(at(0), ANN, 1_024)).toBe(false)
    expect(spender.spend(at(DAY), ANN, 1_024)).toBe(true)
  })

  it('that comes after many greedy ones still finds something', () => {
    const spender = budget()
    for (let greedy = 0; greedy < 8; greedy++) {
      while (spender.spend(at(0), `greedy ${greedy}` as KeyId, 1_024));
    }
    expect(spender.spend(at(0), ANN, LIMIT / 1_024)).toBe(true)
  })

  it('is forgotten after so many others, and has then half of what is left', () => {
    const spender = budget()
    while (spender.spend(at(0), ANN, 1_024));
    for (let other = 1; other < RELAY_BUDGET_NEIGHBOURS; other++) spend(spender, at(0), 1)
    expect(spender.spend(at(0), ANN, 1_024)).toBe(false)
    for (let other = 0; other < RELAY_BUDGET_NEIGHBOURS; other++) spend(spender, at(0), 1)
    let bytes = 0
    while (spender.spend(at(0), ANN, 1_024)) bytes += 1_024
    expect(bytes).toBeGreaterThan(LIMIT / 4 - 4_096)
    expect(bytes).toBeLessThanOrEqual(LIMIT / 4)
  })
})

describe('a restart', () => {
  it('gives nothing back, wherever it comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 5 * STEP }), { maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        (pieces, restarts) => {
          let disk: Uint8Array | undefined
          let spender = budget()
          let sent = 0
          pieces.forEach((piece, i) => {
            if (restarts.includes(i)) spender = budget(disk, at(i))
            if (spend(spender, at(i), piece)) sent += piece
            // Written before the bytes go out.
            disk = spender.takeSave() ?? disk
          })
          expect(sent).toBeLessThanOrEqual(LIMIT)
        },
      ),
      { seed: 3, numRuns: 300 },
    )
  })

  it('costs less than two steps', () => {
    const first = budget()
    first.spend(at(0), ANN, 10 * STEP)
    const second = budget(first.takeSave(), at(1_000))
    expect(drain(second, 1_000, 1_024)).toBeGreaterThan(LIMIT - 12 * STEP)
  })

  it('of a spent budget finds it spent, for the rest of the day', () => {
    const first = budget()
    drain(first, 0)
    const saved = first.takeSave()
    const hours = 3_600_000
    const second = budget(saved, at(7, UNIX + 20 * hours))
    expect(second.isSpent(at(7))).toBe(true)
    expect(second.nextTimeout()).toBe(7 + 4 * hours)
    expect(spend(second, at(7 + 4 * hours), 1)).toBe(true)
    expect(budget(saved, at(7, UNIX + 24 * hours)).isSpent(at(7))).toBe(false)
  })

  it('with a clock that went back waits a whole day', () => {
    const first = budget()
    drain(first, 0)
    const second = budget(first.takeSave(), at(7, UNIX - 300 * DAY))
    expect(second.nextTimeout()).toBe(7 + DAY)
  })

  it('with a smaller budget holds to that', () => {
    const first = budget()
    first.spend(at(0), ANN, 2 * STEP)
    const second = new DailyBudget(RELAY_BUDGET_MIN_BYTES, at(1), first.takeSave())
    expect(second.isSpent(at(1))).toBe(true)
  })

  it('with damaged bytes begins anew', () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(9), encodeCbor(new Map([['at', -1]]))]) {
      expect(drain(budget(bytes), 0)).toBe(LIMIT - STEP)
    }
  })

  it('is written down in steps, not with every cell', () => {
    const spender = budget()
    let writes = 0
    for (let i = 0; i < LIMIT / 1_024; i++) {
      spend(spender, at(i), 1_024)
      if (spender.takeSave() !== undefined) writes += 1
    }
    // And once that nothing is left.
    expect(writes).toBeLessThanOrEqual(RELAY_BUDGET_STEPS + 1)
    expect(writes).toBeGreaterThan(RELAY_BUDGET_STEPS / 2)
  })
})
