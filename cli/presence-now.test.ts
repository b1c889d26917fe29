import { describe, expect, it, vi } from 'vitest'
import type { Presence } from '../client/node.ts'
import { ANN } from '../client/testing/explanations.ts'
import { presenceNow } from './presence-now.ts'

function watchable(...atOnce: Presence['state'][]) {
  const listeners = new Set<(presence: Presence) => void>()
  let stopped = 0
  const node = {
    watch: (key: string, listener: (presence: Presence) => void) => {
      listeners.add(listener)
      for (const state of atOnce) listener({ key, state })
      return () => {
        stopped += 1
      }
    },
  }
  const tell = (state: Presence['state']): void => {
    for (const listener of listeners) listener({ key: ANN, state })
  }
  return { node, tell, stopped: () => stopped }
}

const { signal } = new AbortController()

describe('the presence of a key', () => {
  it('is what servers say first, and is watched no longer', async () => {
    const { node, tell, stopped } = watchable('unknown')
    const told = presenceNow(node, ANN, signal)
    tell('offline')
    tell('online')
    expect(await told).toBe('offline')
    expect(stopped()).toBe(1)
  })

  it('may be told at once', async () => {
    const { node, stopped } = watchable('online')
    expect(await presenceNow(node, ANN, signal)).toBe('online')
    expect(stopped()).toBe(1)
  })

  it('is unknown when nobody says, or it is given up', async () => {
    vi.useFakeTimers()
    try {
      const silent = watchable()
      const told = presenceNow(silent.node, ANN, signal)
      vi.advanceTimersByTime(1_500)
      expect(await told).toBe('unknown')
      expect(silent.stopped()).toBe(1)
    } finally {
      vi.useRealTimers()
    }
    const controller = new AbortController()
    const left = watchable()
    const told = presenceNow(left.node, ANN, controller.signal)
    controller.abort()
    expect(await told).toBe('unknown')
    expect(left.stopped()).toBe(1)
  })
})
