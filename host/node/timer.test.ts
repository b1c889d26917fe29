import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Timer } from './timer.ts'

let nowMs = 0
let wakes: number[] = []
let timer: Timer

/** Fake timers move by whole milliseconds; the clock of a host does not. */
async function advance(ms: number): Promise<void> {
  nowMs += ms
  await vi.advanceTimersByTimeAsync(ms)
}

beforeEach(() => {
  vi.useFakeTimers()
  nowMs = 1_000
  wakes = []
  timer = new Timer(
    () => nowMs,
    () => wakes.push(nowMs),
  )
})

afterEach(() => {
  timer.set(undefined)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('Timer', () => {
  it('wakes once, at its time and not before', async () => {
    timer.set(1_100)
    await advance(99)
    expect(wakes).toEqual([])
    await advance(1)
    expect(wakes).toEqual([1_100])
    await advance(10_000)
    expect(wakes).toHaveLength(1)
  })

  it.each([
    ['past', 900],
    ['present', 1_000],
  ])('a time in the %s means the next macrotask, never at once', async (_, at) => {
    timer.set(at)
    expect(wakes).toEqual([])
    await advance(0)
    expect(wakes).toEqual([1_000])
  })

  it('never wakes early for a fraction of a millisecond', async () => {
    timer.set(1_010.4)
    await advance(10)
    expect(wakes).toEqual([])
    await advance(1)
    expect(wakes).toEqual([1_011])
  })

  it('moves to an earlier time', async () => {
    timer.set(2_000)
    timer.set(1_050)
    await advance(50)
    expect(wakes).toEqual([1_050])
    await advance(10_000)
    expect(wakes).toHaveLength(1)
  })

  it('a later time replaces the earlier one without waking for it', async () => {
    timer.set(1_050)
    timer.set(1_200)
    await advance(50)
    expect(wakes).toEqual([])
    await advance(150)
    expect(wakes).toEqual([1_200])
  })

  it('cleared, it does not wake; set again, it does', async () => {
    timer.set(1_050)
    timer.set(undefined)
    await advance(100)
    expect(wakes).toEqual([])
    timer.set(1_150)
    await advance(50)
    expect(wakes).toEqual([1_150])
  })

  it('cleared after a time that was due, it does not wake', async () => {
    timer.set(1_000)
    timer.set(undefined)
    await advance(10)
    expect(wakes).toEqual([])
  })

  it('can be set from within its wake-up', async () => {
    const again: Timer = new Timer(
      () => nowMs,
      () => {
        wakes.push(nowMs)
        if (wakes.length < 3) again.set(nowMs + 10)
      },
    )
    again.set(1_010)
    for (let step = 0; step < 5; step += 1) await advance(10)
    expect(wakes).toEqual([1_010, 1_020, 1_030])
  })

  it('waits longer than Node counts in one go, without waking in between', async () => {
    const setTimeoutSpy = vi.spyOn(globalThis, 'setTimeout')
    const maxDelayMs = 2 ** 31 - 1
    timer.set(nowMs + maxDelayMs + 500)
    await advance(maxDelayMs)
    expect(wakes).toEqual([])
    await advance(500)
    expect(wakes).toHaveLength(1)
    expect(setTimeoutSpy.mock.calls.map(([, delayMs]) => delayMs)).toEqual([maxDelayMs, 500])
    setTimeoutSpy.mockRestore()
  })
})
