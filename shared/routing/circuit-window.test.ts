import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CIRCUIT_CREDIT_UNITS, CIRCUIT_WINDOW_UNITS, LARGE_CELL_UNITS } from '../wire/limits.ts'
import { ReceiveWindow, SendWindow } from './circuit-window.ts'

const tagOf = (n: number) => Uint8Array.from({ length: 16 }, (_, i) => (n >>> (8 * (i % 4))) & 255)

describe('SendWindow', () => {
  it('runs out at exactly the window', () => {
    const window = new SendWindow()
    for (let n = 0; n < CIRCUIT_WINDOW_UNITS; n++) {
      expect(window.room).toBe(CIRCUIT_WINDOW_UNITS - n)
      window.sent(1, tagOf(n))
    }
    expect(window.room).toBe(0)
  })

  it('takes credits in order, for the cell at each mark only', () => {
    const window = new SendWindow()
    for (let n = 1; n <= 2 * CIRCUIT_CREDIT_UNITS; n++) window.sent(1, tagOf(n))
    for (const wrong of [1, CIRCUIT_CREDIT_UNITS - 1, CIRCUIT_CREDIT_UNITS + 1]) {
      expect(window.credit(tagOf(wrong))).toBe(false)
    }
    expect(window.credit(tagOf(2 * CIRCUIT_CREDIT_UNITS))).toBe(false)
    expect(window.credit(tagOf(CIRCUIT_CREDIT_UNITS))).toBe(true)
    expect(window.credit(tagOf(CIRCUIT_CREDIT_UNITS))).toBe(false)
    expect(window.credit(tagOf(2 * CIRCUIT_CREDIT_UNITS))).toBe(true)
    expect(window.room).toBe(CIRCUIT_WINDOW_UNITS)
  })

  it('refuses a credit for what was not sent, and one of a wrong length', () => {
    const window = new SendWindow()
    for (let n = 1; n < CIRCUIT_CREDIT_UNITS; n++) window.sent(1, tagOf(n))
    expect(window.credit(tagOf(CIRCUIT_CREDIT_UNITS - 1))).toBe(false)
    window.sent(1, tagOf(9))
    expect(window.credit(tagOf(9).subarray(1))).toBe(false)
    expect(window.credit(tagOf(9))).toBe(true)
  })
})

describe('ReceiveWindow', () => {
  it('owes a credit from each mark on', () => {
    const window = new ReceiveWindow()
    for (let n = 1; n < CIRCUIT_CREDIT_UNITS; n++) window.received(1, tagOf(n))
    expect(window.takeCredit()).toBeUndefined()
    // A large cell that goes past the mark is the marked one.
    window.received(LARGE_CELL_UNITS, tagOf(77))
    expect(window.takeCredit()).toEqual(tagOf(77))
    expect(window.takeCredit()).toBeUndefined()
  })

  it('says when the sender overran the window by one', () => {
    const window = new ReceiveWindow()
    for (let n = 0; n < CIRCUIT_WINDOW_UNITS; n++) expect(window.received(1, tagOf(n))).toBe(true)
    expect(window.received(1, tagOf(0))).toBe(false)
  })

  it('copies the tag', () => {
    const window = new ReceiveWindow()
    const tag = tagOf(3)
    for (let n = 0; n < CIRCUIT_CREDIT_UNITS; n++) window.received(1, tag)
    tag.fill(0)
    expect(window.takeCredit()).toEqual(tagOf(3))
  })
})

it('keeps both ends in step for any mix of cells and delays', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3_000 }), steps => {
      const sender = new SendWindow()
      const receiver = new ReceiveWindow()
      const credits: Uint8Array[] = []
      steps.forEach((step, n) => {
        const units = step % 3 === 0 ? LARGE_CELL_UNITS : 1
        if (sender.room >= units) {
          sender.sent(units, tagOf(n))
          expect(receiver.received(units, tagOf(n))).toBe(true)
        }
        const credit = step > 5 ? receiver.takeCredit() : undefined
        if (credit !== undefined) credits.push(credit)
        const arrived = step > 7 ? credits.shift() : undefined
        if (arrived !== undefined) expect(sender.credit(arrived)).toBe(true)
        expect(sender.room).toBeGreaterThanOrEqual(0)
        expect(sender.room).toBeLessThanOrEqual(CIRCUIT_WINDOW_UNITS)
      })
    }),
    { seed: 7, numRuns: 50 },
  )
})
