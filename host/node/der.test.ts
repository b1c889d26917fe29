// Against bytes that were written by hand from X.690 and RFC 5280.

import { describe, expect, it } from 'vitest'
import {
  bitString,
  explicit,
  implicit,
  integer,
  isTrue,
  octetString,
  oid,
  sequence,
  set,
  time,
  utf8String,
} from './der.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const zeros = (length: number): Uint8Array => new Uint8Array(length)

describe('DER', () => {
  it.each([
    ['an empty sequence', sequence(), '3000'],
    ['a sequence of two', sequence(isTrue(), integer(Uint8Array.of(2))), '30060101ff020102'],
    ['a set', set(utf8String('é')), '31040c02c3a9'],
    ['a number', integer(Uint8Array.of(0x7f)), '02017f'],
    ['a number that would read as a negative one', integer(Uint8Array.of(0x80)), '02020080'],
    ['bits', bitString(Uint8Array.of(0x80), 7), '03020780'],
    ['bytes', octetString(Uint8Array.of(1, 2)), '04020102'],
    ['a name of two parts', oid('2.5'), '060155'],
    ['a name', oid('2.5.29.17'), '0603551d11'],
    ['a name with long parts', oid('1.2.840.10045.4.3.2'), '06082a8648ce3d040302'],
    ['a tag around', explicit(3, isTrue()), 'a3030101ff'],
    ['a tag in place', implicit(2, Uint8Array.of(0x61)), '820161'],
  ])('writes %s', (_, bytes, expected) => {
    expect(hex(bytes)).toBe(expected)
  })

  it.each([
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_535, '0482ffff'],
  ])('writes a length of %i as short as it can', (length, head) => {
    expect(hex(octetString(zeros(length)))).toBe(head + '00'.repeat(length))
  })

  it.each([
    ['1999-12-31T23:59:59.999Z', '170d', '991231235959Z'],
    ['2049-12-31T23:59:59Z', '170d', '491231235959Z'],
    ['2050-01-01T00:00:00Z', '180f', '20500101000000Z'],
  ])('writes the time %s', (text, head, digits) => {
    expect(hex(time(Date.parse(text)))).toBe(head + Buffer.from(digits).toString('hex'))
  })
})
