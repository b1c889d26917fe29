import { describe, expect, it } from 'vitest'
import type { CborValue } from './cbor.ts'
import {
  asMap,
  getArray,
  getBoolean,
  getBytes,
  getBytesUpTo,
  getMap,
  getOptionalArray,
  getOptionalBytes,
  getOptionalBytesUpTo,
  getOptionalMap,
  getOptionalText,
  getOptionalUint,
  getText,
  getUint,
} from './cbor-fields.ts'
import { DecodeError } from './decode-error.ts'

const map = new Map<string, CborValue>([
  ['bytes', Uint8Array.of(1, 2, 3)],
  ['uint', 7],
  ['negative', -1],
  ['text', 'abc'],
  ['yes', true],
  ['array', [1, 2]],
  ['map', new Map([['inner', 1]])],
  ['null', null],
])

describe('cbor fields', () => {
  it('returns what is there', () => {
    expect(asMap(map)).toBe(map)
    expect(getBytes(map, 'bytes')).toEqual(Uint8Array.of(1, 2, 3))
    expect(getBytes(map, 'bytes', 3)).toEqual(Uint8Array.of(1, 2, 3))
    expect(getBytesUpTo(map, 'bytes', 3)).toHaveLength(3)
    expect(getUint(map, 'uint')).toBe(7)
    expect(getUint(map, 'uint', 7)).toBe(7)
    expect(getText(map, 'text', 3)).toBe('abc')
    expect(getBoolean(map, 'yes')).toBe(true)
    expect(getArray(map, 'array', 2)).toEqual([1, 2])
    expect(getMap(map, 'map').get('inner')).toBe(1)
  })

  it('returns undefined for an optional field that is absent, not for a wrong one', () => {
    expect(getOptionalBytes(map, 'x')).toBeUndefined()
    expect(getOptionalBytesUpTo(map, 'x', 1)).toBeUndefined()
    expect(getOptionalUint(map, 'x')).toBeUndefined()
    expect(getOptionalText(map, 'x', 1)).toBeUndefined()
    expect(getOptionalArray(map, 'x', 1)).toBeUndefined()
    expect(getOptionalMap(map, 'x')).toBeUndefined()
    for (const wrong of [
      () => getOptionalBytes(map, 'null'),
      () => getOptionalBytesUpTo(map, 'bytes', 2),
      () => getOptionalUint(map, 'negative'),
      () => getOptionalText(map, 'text', 2),
      () => getOptionalArray(map, 'array', 1),
      () => getOptionalMap(map, 'array'),
    ]) {
      expect(wrong).toThrow(DecodeError)
    }
  })

  it.each([
    ['an absent field', () => getUint(map, 'absent'), 'absent'],
    ['bytes of another length', () => getBytes(map, 'bytes', 2), 'bytes'],
    ['too many bytes', () => getBytesUpTo(map, 'bytes', 2), 'bytes'],
    ['text for bytes', () => getBytes(map, 'text'), 'text'],
    ['a negative integer', () => getUint(map, 'negative'), 'negative'],
    ['an integer over its maximum', () => getUint(map, 'uint', 6), 'uint'],
    ['text over its length', () => getText(map, 'text', 2), 'text'],
    ['bytes for text', () => getText(map, 'bytes', 9), 'bytes'],
    ['an integer for a boolean', () => getBoolean(map, 'uint'), 'uint'],
    ['too many elements', () => getArray(map, 'array', 1), 'array'],
    ['a map for an array', () => getArray(map, 'map', 9), 'map'],
    ['an array for a map', () => getMap(map, 'array'), 'array'],
    ['null', () => getBytes(map, 'null'), 'null'],
  ])('refuses %s and names the field', (_, get, field) => {
    expect(get).toThrow(DecodeError)
    expect(get).toThrow(field)
  })

  it('refuses something that is no map at all', () => {
    expect(() => asMap([1], 'hello')).toThrow('hello is not a map')
    expect(() => asMap(undefined)).toThrow(DecodeError)
  })
})
