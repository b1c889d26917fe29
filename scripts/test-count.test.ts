import { describe, expect, it } from 'vitest'
import { countTests } from './test-count.mjs'

const report = (numPassedTests: number, numFailedTests: number) =>
  JSON.stringify({ numPassedTests, numFailedTests })

describe('countTests', () => {
  it.each([
    ['all passed', true, report(7, 0), { passed: 7, failed: 0 }],
    ['some failed', false, report(7, 2), { passed: 7, failed: 2 }],
    ['an error outside the tests', false, report(7, 0), { passed: 7, failed: 1 }],
    ['no test ran', true, report(0, 0), { passed: 0, failed: 1 }],
    ['no report was written', false, '', { passed: 0, failed: 1 }],
  ])('%s', (_, ok, text, expected) => {
    expect(countTests(ok, text)).toEqual(expected)
  })
})
