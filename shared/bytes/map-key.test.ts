import { describe, expect, it } from 'vitest'
import { equalBytes } from './equal.ts'
import { fromMapKey, mapKey } from './map-key.ts'

describe('mapKey', () => {
  it('has one character per byte, and gives the bytes back', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    const key = mapKey(bytes)
    expect(key).toHaveLength(256)
    expect(key.charCodeAt(255)).toBe(255)
    expect(fromMapKey(key)).toEqual(bytes)
  })

  it.each([0, 4095, 4096, 4097, 200_000])('works for %i bytes', length => {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7)
    expect(equalBytes(fromMapKey(mapKey(bytes)), bytes)).toBe(true)
  })

  it('is equal exactly for equal bytes', () => {
    expect(mapKey(Uint8Array.of(1, 2))).toBe(mapKey(Uint8Array.of(1, 2)))
    expect(mapKey(Uint8Array.of(1, 2))).not.toBe(mapKey(Uint8Array.of(1, 3)))
  })
})
