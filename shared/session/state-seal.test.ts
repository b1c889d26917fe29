import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { toHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { hkdf } from '../crypto/kdf.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { guardNonces } from '../crypto/testing/nonce-guard.ts'
import { StateSeal } from './state-seal.ts'
import { seeded } from './testing/seeded.ts'

const SEED = new Uint8Array(32).fill(7)
const NAME = 'session/somebody'
const TEXT = utf8Encode('kept')
const random = seeded(1)

function life(seed = SEED): StateSeal {
  return new StateSeal(nodeSuite, random.bytes, seed)
}

describe('a sealed value', () => {
  it('is as docs/PROTOCOL.md 7.7 says: salt, counter, ciphertext under the key of its life', () => {
    const seal = life()
    seal.seal(NAME, TEXT)
    const value = seal.seal(NAME, TEXT)
    const salt = value.slice(0, 32)
    const info = utf8Encode('keymesh/saved/1 life')
    const key = hkdf(nobleSuite, { ikm: SEED, salt, info, length: 32 })
    expect(toHex(value.slice(32, 40))).toBe('0000000000000001')
    expect(nobleSuite.open(key, 1, utf8Encode(NAME), value.slice(40))).toEqual(TEXT)
    expect(value.length).toBe(32 + 8 + TEXT.length + 16)
  })

  it('opens in a later life of the same identity, values of several lives mixed', () => {
    const [first, second] = [life(), life()]
    const values = [first, second, first].map(seal => seal.seal(NAME, TEXT))
    const later = life()
    for (const value of values) expect(later.open(NAME, value)).toEqual(TEXT)
    later.forgetFormer()
    expect(later.open(NAME, values[0] ?? TEXT)).toEqual(TEXT)
  })

  it('does not open under another name or identity, changed or cut short', () => {
    const value = life().seal(NAME, TEXT)
    expect(life().open('session/other', value)).toBeUndefined()
    expect(life(new Uint8Array(32).fill(8)).open(NAME, value)).toBeUndefined()
    for (let length = 0; length < value.length; length++) {
      expect(life().open(NAME, value.slice(0, length))).toBeUndefined()
    }
    for (let at = 0; at < value.length; at++) {
      const changed = value.slice()
      changed[at] = (changed[at] as number) ^ 1
      expect(life().open(NAME, changed)).toBeUndefined()
    }
  })

  it('never shares key and counter with one of another life, however many there are', () => {
    const guarded = guardNonces(nodeSuite)
    for (let lives = 0; lives < 20; lives++) {
      const seal = new StateSeal(guarded, random.bytes, SEED)
      for (let values = 0; values < 5; values++) seal.seal(NAME, TEXT)
    }
    expect(guarded.uses()).toBe(100)
  })
})

describe('the name of a secret', () => {
  it('is the same in every life, another for another secret or identity, and short', () => {
    const key = new Uint8Array(32).fill(1)
    const name = life().nameOf(key)
    expect(name).toMatch(/^[0-9a-f]{32}$/)
    expect(life().nameOf(key)).toBe(name)
    expect(life().nameOf(SEED)).not.toBe(name)
    expect(life(new Uint8Array(32).fill(8)).nameOf(key)).not.toBe(name)
  })

  it('and the keys are gone after wiping', () => {
    const seal = life()
    const [name, value] = [seal.nameOf(TEXT), seal.seal(NAME, TEXT)]
    seal.wipe()
    expect(seal.nameOf(TEXT)).not.toBe(name)
    expect(seal.open(NAME, value)).toBeUndefined()
  })
})
