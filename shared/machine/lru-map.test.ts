import { describe, expect, it } from 'vitest'
import { LruMap } from './lru-map.ts'

function filled(): LruMap<string, number> {
  const map = new LruMap<string, number>(3)
  for (const [i, key] of ['a', 'b', 'c'].entries()) expect(map.set(key, i)).toBeUndefined()
  return map
}

describe('LruMap', () => {
  it('evicts the oldest when one more comes, and says which', () => {
    const map = filled()
    expect(map.set('d', 3)).toEqual(['a', 0])
    expect(map.size).toBe(3)
    expect(map.has('a')).toBe(false)
    expect([...map.entries()]).toEqual([
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ])
  })

  it('counts a get and a set as a use, a peek and a has not', () => {
    const map = filled()
    expect(map.peek('a')).toBe(0)
    expect(map.has('a')).toBe(true)
    expect(map.set('d', 3)).toEqual(['a', 0])
    expect(map.get('b')).toBe(1)
    expect(map.set('e', 4)).toEqual(['c', 2])
    expect(map.set('d', 5)).toBeUndefined()
    expect(map.set('f', 6)).toEqual(['b', 1])
  })

  it('deletes and clears', () => {
    const map = filled()
    expect(map.delete('b')).toBe(true)
    expect(map.delete('b')).toBe(false)
    expect(map.set('d', 3)).toBeUndefined()
    map.clear()
    expect([map.size, map.get('a'), map.peek('a')]).toEqual([0, undefined, undefined])
  })

  it('keeps undefined as a value', () => {
    const map = new LruMap<string, undefined>(2)
    map.set('a', undefined)
    map.set('b', undefined)
    expect(map.get('a')).toBeUndefined()
    expect(map.set('c', undefined)).toEqual(['b', undefined])
  })

  it('needs room for one', () => {
    expect(() => new LruMap(0)).toThrow(RangeError)
    expect(new LruMap<string, number>(1).set('a', 1)).toBeUndefined()
  })
})
