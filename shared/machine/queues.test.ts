import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedQueue } from './bounded-queue.ts'
import { EffectQueue } from './effect-queue.ts'

describe('BoundedQueue', () => {
  it('is first-in first-out, and empty at both ends of its life', () => {
    const queue = new BoundedQueue<string>({ maxItems: 3 })
    expect(queue.shift()).toBeUndefined()
    expect(queue.peek()).toBeUndefined()
    expect(queue.push('a')).toBe(true)
    expect(queue.push('b')).toBe(true)
    expect(queue.unshift('first')).toBe(true)
    expect(queue.peek()).toBe('first')
    expect([queue.shift(), queue.shift(), queue.shift(), queue.shift()]).toEqual([
      'first',
      'a',
      'b',
      undefined,
    ])
    expect(queue.length).toBe(0)
  })

  it.each([1, 7, 8, 9, 64, 1000])('holds %i items and not one more', maxItems => {
    const queue = new BoundedQueue<number>({ maxItems })
    for (let i = 0; i < maxItems; i++) expect(queue.push(i)).toBe(true)
    expect(queue.push(-1)).toBe(false)
    expect(queue.unshift(-1)).toBe(false)
    expect(queue.length).toBe(maxItems)
    for (let i = 0; i < maxItems; i++) expect(queue.shift()).toBe(i)
    expect(queue.shift()).toBeUndefined()
  })

  it('holds maxBytes and not one more', () => {
    const queue = new BoundedQueue<Uint8Array>({
      maxItems: 100,
      maxBytes: 10,
      sizeOf: bytes => bytes.length,
    })
    expect(queue.push(new Uint8Array(11))).toBe(false)
    expect(queue.push(new Uint8Array(9))).toBe(true)
    expect(queue.push(new Uint8Array(2))).toBe(false)
    expect(queue.bytes).toBe(9)
    expect(queue.push(new Uint8Array(1))).toBe(true)
    expect(queue.push(new Uint8Array(1))).toBe(false)
    expect(queue.push(new Uint8Array(0))).toBe(true)
    queue.shift()
    expect(queue.bytes).toBe(1)
    queue.clear()
    expect([queue.length, queue.bytes, queue.peek()]).toEqual([0, 0, undefined])
    expect(queue.push(new Uint8Array(10))).toBe(true)
  })

  it('does what an array does, whatever the calls', () => {
    const call = fc.constantFrom('push', 'push', 'unshift', 'shift', 'clear')
    const calls = fc.array(
      fc.oneof(
        { weight: 20, arbitrary: call.filter(c => c !== 'clear') },
        { weight: 1, arbitrary: call },
      ),
      {
        maxLength: 200,
      },
    )
    fc.assert(
      fc.property(calls, names => {
        const queue = new BoundedQueue<number>({ maxItems: 40, maxBytes: 500, sizeOf: n => n % 31 })
        const plain: number[] = []
        const bytes = (): number => plain.reduce((sum, n) => sum + (n % 31), 0)
        for (const [n, name] of names.entries()) {
          const fits = plain.length < 40 && bytes() + (n % 31) <= 500
          if (name === 'push') {
            expect(queue.push(n)).toBe(fits)
            if (fits) plain.push(n)
          } else if (name === 'unshift') {
            expect(queue.unshift(n)).toBe(fits)
            if (fits) plain.unshift(n)
          } else if (name === 'shift') {
            expect(queue.shift()).toBe(plain.shift())
          } else {
            queue.clear()
            plain.length = 0
          }
          expect([queue.length, queue.bytes, queue.peek()]).toEqual([
            plain.length,
            bytes(),
            plain[0],
          ])
        }
      }),
      { seed: 1, numRuns: 300 },
    )
  })
})

describe('EffectQueue', () => {
  it('is first-in first-out through many drains', () => {
    const queue = new EffectQueue<number>()
    expect(queue.shift()).toBeUndefined()
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 1000; i++) queue.push(i)
      expect(queue.length).toBe(1000)
      for (let i = 0; i < 1000; i++) expect(queue.shift()).toBe(i)
      expect(queue.shift()).toBeUndefined()
      expect(queue.length).toBe(0)
    }
  })

  it('takes effects that are pushed while it is drained', () => {
    const queue = new EffectQueue<string>()
    queue.push('a')
    expect(queue.shift()).toBe('a')
    queue.push('b')
    queue.push('c')
    expect(queue.shift()).toBe('b')
    queue.push('d')
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['c', 'd', undefined])
  })

  it('can be emptied', () => {
    const queue = new EffectQueue<string>()
    queue.push('a')
    queue.clear()
    expect(queue.shift()).toBeUndefined()
    queue.push('b')
    expect([queue.length, queue.shift()]).toEqual([1, 'b'])
  })
})
