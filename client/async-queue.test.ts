import { describe, expect, it } from 'vitest'
import { AsyncQueue } from './async-queue.ts'

describe('AsyncQueue', () => {
  it('gives values in order, those pushed before and those pushed later', async () => {
    const queue = new AsyncQueue<number>()
    queue.push(1)
    const first = queue.next()
    const second = queue.next()
    queue.push(2)
    expect(await first).toEqual({ done: false, value: 1 })
    expect(await second).toEqual({ done: false, value: 2 })
  })

  it('serves several waiting takers in their order', async () => {
    const queue = new AsyncQueue<number>()
    const results = [queue.next(), queue.next(), queue.next()]
    for (const value of [1, 2, 3]) queue.push(value)
    expect((await Promise.all(results)).map(({ value }) => value)).toEqual([1, 2, 3])
  })

  it('closed, it gives what it holds and then ends', async () => {
    const queue = new AsyncQueue<number>()
    queue.push(1)
    queue.close()
    const taken: number[] = []
    for await (const value of queue) taken.push(value)
    expect(taken).toEqual([1])
  })

  it('closed, it releases those who wait', async () => {
    const queue = new AsyncQueue<number>()
    const waiting = queue.next()
    queue.close()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('tells of each value once, when it is taken', async () => {
    const told: number[] = []
    const queue = new AsyncQueue<number>(value => told.push(value))
    queue.push(1)
    expect(told).toEqual([])
    await queue.next()
    expect(told).toEqual([1])
    const waiting = queue.next()
    queue.push(2)
    await waiting
    expect(told).toEqual([1, 2])
  })

  it('counts what a loop left behind, and what comes after, as taken', async () => {
    const told: number[] = []
    let ends = 0
    const queue = new AsyncQueue<number>(
      value => told.push(value),
      () => {
        ends += 1
      },
    )
    for (const value of [1, 2, 3]) queue.push(value)
    for await (const value of queue) if (value === 1) break
    queue.push(4)
    queue.close()
    expect(told).toEqual([1, 2, 3, 4])
    expect(ends).toBe(1)
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('keeps the order over many values, taken in between', async () => {
    const queue = new AsyncQueue<number>()
    let expected = 0
    for (let i = 0; i < 10_000; i += 1) {
      queue.push(i)
      if (i % 3 === 0) expect((await queue.next()).value).toBe(expected++)
    }
    queue.close()
    for await (const value of queue) expect(value).toBe(expected++)
    expect(expected).toBe(10_000)
  })
})
