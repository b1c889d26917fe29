import { describe, expect, it } from 'vitest'
import { ShareCounts } from './share-counts.ts'

describe('ShareCounts', () => {
  it('has room up to the most, and for those without an owner always', () => {
    const counts = new ShareCounts<string>(2)
    const peer = 'one'
    expect(counts.hasRoom(peer)).toBe(true)
    counts.added(peer)
    expect(counts.hasRoom(peer)).toBe(true)
    counts.added(peer)
    expect(counts.hasRoom(peer)).toBe(false)
    expect(counts.hasRoom('two')).toBe(true)
    for (let i = 0; i < 5; i++) counts.added(undefined)
    expect(counts.hasRoom(undefined)).toBe(true)
    counts.removed(undefined)
    counts.removed(peer)
    expect(counts.hasRoom(peer)).toBe(true)
    counts.removed(peer)
    counts.removed(peer)
    counts.added(peer)
    expect(counts.hasRoom(peer)).toBe(true)
  })
})
