import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DirectState, Explanation } from '../client/node.ts'
import { explanationOf, routeOf } from '../client/testing/explanations.ts'
import { DIRECT_WAIT_MS, explanationAfterDirect } from './direct-wait.ts'

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: undefined, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve, reject) => {
      const giveUp = (): void => reject(signal.reason)
      signal.addEventListener('abort', giveUp)
      setTimeout(() => {
        signal.removeEventListener('abort', giveUp)
        resolve(value)
      }, ms)
    }),
}))

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const viaServer = routeOf({ state: 'active' })
const directly = routeOf({ state: 'active', hops: [] })

/** Answers with these one after the other, the last one for ever. */
function ask(...answers: (readonly [DirectState | undefined, ...Explanation['routes']])[]) {
  let asked = 0
  const aborting = new AbortController()
  const { signal } = aborting
  const next = async (): Promise<Explanation> => {
    signal.throwIfAborted()
    const [direct, ...routes] = answers[Math.min(asked, answers.length - 1)] ?? [undefined]
    asked += 1
    return explanationOf({ routes, ...(direct && { direct }) })
  }
  const last = explanationAfterDirect(next, { waitMs: DIRECT_WAIT_MS, signal })
  return { last, aborting, asked: () => asked }
}

describe('an explanation', () => {
  it.each<[string, DirectState | undefined]>([
    ['switched off', undefined],
    ['not wanted', { state: 'idle' }],
    ['refused', { state: 'idle', reason: 'unsupported' }],
    ['tried in vain', { state: 'waiting', reason: 'unreachable', retryAt: 9 }],
  ])('is asked for once where a direct connection is %s', async (_, direct) => {
    const { last, asked } = ask([direct, viaServer])
    expect((await last).direct).toEqual(direct)
    expect(asked()).toBe(1)
  })

  it.each<[string, DirectState]>([
    ['about to be tried', { state: 'waiting', retryAt: 9 }],
    ['tried', { state: 'trying' }],
    ['tried again', { state: 'trying', reason: 'silent' }],
    ['open, and not in use yet', { state: 'open' }],
  ])('is asked for until it is told what came of one that is %s', async (_, direct) => {
    const { last, asked } = ask(
      [direct, viaServer],
      [direct, viaServer],
      [{ state: 'open' }, directly],
    )
    await vi.advanceTimersByTimeAsync(1_000)
    expect((await last).routes).toEqual([directly])
    expect(asked()).toBe(3)
  })

  it('is not waited for longer than the time that there is', async () => {
    const { last } = ask([{ state: 'trying' }])
    const done = vi.fn()
    last.then(done)
    await vi.advanceTimersByTimeAsync(DIRECT_WAIT_MS - 1)
    expect(done).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect((await last).direct).toEqual({ state: 'trying' })
  })

  it('is what there is when the command is given up', async () => {
    const { last, aborting, asked } = ask([{ state: 'trying' }])
    await vi.advanceTimersByTimeAsync(300)
    aborting.abort()
    expect((await last).direct).toEqual({ state: 'trying' })
    expect(asked()).toBe(2)
  })
})
