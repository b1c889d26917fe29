import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeadlineHeap } from './deadline-heap.ts'
import { Deadlines } from './deadlines.ts'

/** What both tables must do: a list sorted by time, stable, searched by hand. */
class PlainTable {
  #rows: { name: number; atMs: number }[] = []

  set(name: number, atMs: number): void {
    this.clear(name)
    this.#rows.push({ name, atMs })
    this.#rows.sort((a, b) => a.atMs - b.atMs)
  }

  clear(name: number): void {
    this.#rows = this.#rows.filter(row => row.name !== name)
  }

  has(name: number): boolean {
    return this.#rows.some(row => row.name === name)
  }

  next(): number | undefined {
    return this.#rows[0]?.atMs
  }

  takeExpired(now: number): number | undefined {
    if (this.#rows[0] === undefined || this.#rows[0].atMs > now) return undefined
    return this.#rows.shift()?.name
  }
}

const step = fc.record({
  kind: fc.constantFrom('set', 'set', 'clear', 'take' as const),
  name: fc.integer({ min: 0, max: 12 }),
  atMs: fc.integer({ min: 0, max: 20 }),
})

describe('Deadlines', () => {
  it('starts empty', () => {
    const deadlines = new Deadlines<string>()
    expect(deadlines.next()).toBeUndefined()
    expect(deadlines.takeExpired(Number.POSITIVE_INFINITY)).toBeUndefined()
    expect(deadlines.has('ping')).toBe(false)
    deadlines.clear('ping')
  })

  it('expires at its time, not before', () => {
    const deadlines = new Deadlines<'ping' | 'dead'>()
    deadlines.set('dead', 20)
    deadlines.set('ping', 10)
    expect(deadlines.next()).toBe(10)
    expect(deadlines.takeExpired(9.999)).toBeUndefined()
    expect(deadlines.takeExpired(10)).toBe('ping')
    expect(deadlines.takeExpired(10)).toBeUndefined()
    expect(deadlines.next()).toBe(20)
  })

  it('can be set again to earlier and later', () => {
    const deadlines = new Deadlines<string>()
    deadlines.set('a', 10)
    deadlines.set('b', 20)
    deadlines.set('a', 30)
    expect(deadlines.next()).toBe(20)
    deadlines.set('a', 5)
    expect(deadlines.takeExpired(100)).toBe('a')
    expect(deadlines.takeExpired(100)).toBe('b')
    expect(deadlines.takeExpired(100)).toBeUndefined()
  })

  it('forgets everything at once', () => {
    const deadlines = new Deadlines<string>()
    deadlines.set('a', 10)
    deadlines.set('b', 20)
    deadlines.clearAll()
    expect(deadlines.next()).toBeUndefined()
    expect(deadlines.has('a')).toBe(false)
  })

  it('does what a sorted list does, whatever the calls', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const deadlines = new Deadlines<number>()
        const plain = new PlainTable()
        for (const { kind, name, atMs } of steps) {
          if (kind === 'take') {
            expect(deadlines.takeExpired(atMs)).toBe(plain.takeExpired(atMs))
          } else {
            for (const table of [deadlines, plain]) {
              if (kind === 'set') table.set(name, atMs)
              else table.clear(name)
            }
          }
          expect(deadlines.next()).toBe(plain.next())
          expect(deadlines.has(name)).toBe(plain.has(name))
        }
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('DeadlineHeap', () => {
  it('starts empty', () => {
    const heap = new DeadlineHeap<string>()
    expect(heap.size).toBe(0)
    expect(heap.next()).toBeUndefined()
    expect(heap.takeExpired(1)).toBeUndefined()
    expect(heap.delete('x')).toBe(false)
  })

  it('an unchanged deadline keeps its turn', () => {
    const heap = new DeadlineHeap<string>()
    heap.set('a', 5)
    heap.set('b', 5)
    heap.set('a', 5)
    expect(heap.takeExpired(5)).toBe('a')
    expect(heap.takeExpired(5)).toBe('b')
  })

  it('does what a sorted list does, whatever the calls', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const heap = new DeadlineHeap<number>()
        const plain = new PlainTable()
        const current = new Map<number, number>()
        for (const { kind, name, atMs } of steps) {
          if (kind === 'take') {
            const taken = heap.takeExpired(atMs)
            expect(taken).toBe(plain.takeExpired(atMs))
            if (taken !== undefined) current.delete(taken)
          } else if (kind === 'clear') {
            expect(heap.delete(name)).toBe(plain.has(name))
            plain.clear(name)
            current.delete(name)
          } else {
            heap.set(name, atMs)
            if (current.get(name) !== atMs) plain.set(name, atMs)
            current.set(name, atMs)
          }
          expect(heap.next()).toBe(plain.next())
          expect(heap.has(name)).toBe(plain.has(name))
          expect(heap.size).toBe(current.size)
        }
      }),
      { seed: 2, numRuns: 500 },
    )
  })

  it('keeps 10,000 ids in order while they move', () => {
    const heap = new DeadlineHeap<number>()
    for (let id = 0; id < 10_000; id++) heap.set(id, (id * 7919) % 10_007)
    for (let id = 0; id < 10_000; id += 2) heap.set(id, (id * 104_729) % 10_007)
    for (let id = 0; id < 10_000; id += 5) heap.delete(id)
    let last = -1
    let count = 0
    for (;;) {
      const due = heap.next()
      if (due === undefined) break
      expect(due).toBeGreaterThanOrEqual(last)
      last = due
      heap.takeExpired(due)
      count++
    }
    expect(count).toBe(8000)
    expect(heap.size).toBe(0)
  })
})
