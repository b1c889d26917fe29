import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../noble-suite.ts'
import { TAG_LENGTH } from '../suite.ts'
import { guardNonces } from './nonce-guard.ts'

const key = new Uint8Array(32).fill(1)
const other = new Uint8Array(32).fill(2)
const third = new Uint8Array(32).fill(3)
const data = new Uint8Array(4)

describe('guardNonces', () => {
  it('lets each counter of each key through once', () => {
    const suite = guardNonces(nobleSuite)
    for (const counter of [0, 1]) {
      suite.seal(key, counter, data, data)
      suite.seal(other, counter, data, data)
      suite.sealInto(third, counter, data, data, data.slice(), new Uint8Array(TAG_LENGTH))
      suite.xorStream(key, counter, 0, data)
      suite.xorStream(key, counter, 1, data)
    }
    expect(suite.uses()).toBe(10)
  })

  it('throws at a repeat of seal or of a key stream block', () => {
    const suite = guardNonces(nobleSuite)
    suite.seal(key, 5, data, data)
    suite.xorStream(key, 5, 0, data)
    expect(() => suite.seal(key, 5, data, data)).toThrow('nonce reuse')
    expect(() =>
      suite.sealInto(key, 5, data, data, data.slice(), new Uint8Array(TAG_LENGTH)),
    ).toThrow('nonce reuse')
    expect(() => suite.xorStream(key, 5, 0, data)).toThrow('nonce reuse')
  })

  it('gives what the suite gives', () => {
    const sealed = guardNonces(nobleSuite).seal(key, 1, data, data)
    expect(nobleSuite.open(key, 1, data, sealed)).toEqual(data)
  })
})
