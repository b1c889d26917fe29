import { describe, expect, it } from 'vitest'
import { isMetered } from './metered.ts'

describe('a connection', () => {
  it.each([
    [{}, false],
    [{ connection: undefined }, false],
    [{ connection: {} }, false],
    [{ connection: { type: 'wifi', saveData: false } }, false],
    [{ connection: { type: 'cellular' } }, true],
    [{ connection: { type: 'wifi', saveData: true } }, true],
  ])('%j is metered: %s', (browser, expected) => {
    expect(isMetered(browser)).toBe(expected)
  })
})
