import { describe, expect, it } from 'vitest'
import { briefTime, clockTime, dayLabel, isSameDay } from './chat-time.ts'

const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime()
const now = at(2026, 2, 29, 0, 5)

describe('dayLabel', () => {
  it.each([
    ['Today', now],
    ['Today', at(2026, 2, 29, 23, 59)],
    ['Yesterday', at(2026, 2, 28, 23, 59)],
    ['Yesterday', at(2026, 2, 28, 0, 0)],
    ['27 March', at(2026, 2, 27, 12)],
    ['31 December 2025', at(2025, 11, 31, 12)],
  ])('%s', (label, atMs) => {
    expect(dayLabel(atMs, now)).toBe(label)
  })
})

describe('times', () => {
  it('are of the clock today, of the day before', () => {
    expect(briefTime(now, now)).toBe(clockTime(now))
    expect(briefTime(at(2026, 2, 28, 5), now)).toBe('Yesterday')
    expect(clockTime(now)).toMatch(/05/)
  })

  it('know a day from the next', () => {
    expect(isSameDay(at(2026, 2, 29, 0, 0), at(2026, 2, 29, 23, 59))).toBe(true)
    expect(isSameDay(at(2026, 2, 28, 23, 59), at(2026, 2, 29, 0, 0))).toBe(false)
  })
})
