import { describe, expect, it } from 'vitest'
import { TokenBuckets } from './token-buckets.ts'

const RATE = { perSecond: 1, burst: 2 }

describe('TokenBuckets', () => {
  it('gives each owner a rate of its own, and does not count those without one', () => {
    const buckets = new TokenBuckets<string>(RATE, 10)
    expect([1, 2, 3].map(() => buckets.take(0, 'one'))).toEqual([true, true, false])
    expect(buckets.take(0, 'two', 2)).toBe(true)
    expect(buckets.take(0, 'two')).toBe(false)
    expect(buckets.take(1_000, 'one')).toBe(true)
    for (let i = 0; i < 9; i++) expect(buckets.take(0, undefined)).toBe(true)
  })

  it('says what would be taken, and takes nothing by that', () => {
    const buckets = new TokenBuckets<string>(RATE, 10)
    for (let i = 0; i < 9; i++) expect(buckets.has(0, 'one', 2)).toBe(true)
    expect(buckets.has(0, 'one', 3)).toBe(false)
    expect(buckets.has(0, undefined, 3)).toBe(true)
    buckets.take(0, 'one')
    expect(buckets.has(0, 'one', 2)).toBe(false)
  })

  it('remembers so many owners, the latest', () => {
    const buckets = new TokenBuckets<string>(RATE, 2)
    for (const owner of ['one', 'two', 'one', 'three']) buckets.take(0, owner, 2)
    expect(buckets.take(0, 'one')).toBe(false)
    expect(buckets.take(0, 'two')).toBe(true)
  })
})
