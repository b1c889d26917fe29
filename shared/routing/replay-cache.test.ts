import { describe, expect, it } from 'vitest'
import { REPLAY_WINDOW_MS } from '../wire/limits.ts'
import { ReplayCache } from './replay-cache.ts'

const tag = (n: number) => new Uint8Array(16).fill(n)

describe('ReplayCache', () => {
  it.each([0, 12_345_678])('remembers a tag for the whole window and forgets it later', start => {
    const cache = new ReplayCache()
    expect(cache.admit(start, tag(1))).toBe('new')
    expect(cache.admit(start, tag(1))).toBe('seen')
    expect(cache.admit(start + REPLAY_WINDOW_MS - 1, tag(2))).toBe('new')
    expect(cache.admit(start + REPLAY_WINDOW_MS, tag(1))).toBe('seen')
    // Tag 2 came at the end of its generation and is still inside its own window.
    expect(cache.admit(start + 2 * REPLAY_WINDOW_MS - 2, tag(2))).toBe('seen')
    expect(cache.admit(start + 2 * REPLAY_WINDOW_MS, tag(1))).toBe('new')
    expect(cache.admit(start + 2 * REPLAY_WINDOW_MS, tag(2))).toBe('new')
  })

  it('forgets everything after a long silence', () => {
    const cache = new ReplayCache()
    cache.admit(0, tag(1))
    expect(cache.admit(2 * REPLAY_WINDOW_MS, tag(1))).toBe('new')
    expect(cache.size).toBe(1)
  })

  it('refuses when both generations are full together, and forgets nothing', () => {
    const cache = new ReplayCache(3)
    cache.admit(0, tag(1))
    cache.admit(0, tag(2))
    expect(cache.admit(REPLAY_WINDOW_MS, tag(3))).toBe('new')
    expect(cache.admit(REPLAY_WINDOW_MS, tag(4))).toBe('full')
    for (const n of [1, 2, 3]) expect(cache.admit(REPLAY_WINDOW_MS, tag(n))).toBe('seen')
    expect(cache.size).toBe(3)
    expect(cache.admit(2 * REPLAY_WINDOW_MS, tag(4))).toBe('new')
  })
})
