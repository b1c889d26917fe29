// The conformance suite of crypto providers: the RFCs' own numbers, every public vector, and the parts of
// the contract in suite.ts that vectors do not show. Each provider's test calls it once.

import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { fromHex } from '../bytes/hex.ts'
import { isLowOrder } from './low-order.ts'
import type { CryptoSuite } from './suite.ts'
import { TAG_LENGTH } from './suite.ts'
import type { Aead } from './suite-arguments.ts'
import { writeNonce } from './suite-arguments.ts'
import { loadVectors } from './testing/load-vectors.ts'
import { runRfcVectors, runVectors } from './testing/vector-runner.ts'

const empty = new Uint8Array(0)
const key = pattern(32, 1)
const seed = pattern(32, 2)
const message = pattern(100, 3)

/** @param aead what `suite.seal` and `suite.open` are made of, with the whole nonce free. */
export function runCryptoSuiteConformance(name: string, suite: CryptoSuite, aead: Aead): void {
  describe(`${name}: vectors`, () => {
    const vectors = loadVectors()
    for (const group of runRfcVectors(suite).groups) {
      it(`${group.name}: ${group.total}`, () => expect(group.failures).toEqual([]))
    }
    it.skipIf(vectors === undefined)('runs the public vectors', () => {
      if (vectors === undefined) return
      const report = runVectors(suite, vectors, aead)
      expect(report.groups.filter(group => group.failures.length > 0)).toEqual([])
      expect(report.groups.map(group => group.total)).toEqual(PUBLIC_VECTOR_COUNTS)
    })
  })

  describe(`${name}: authenticated encryption`, () => {
    it.each(SIZES)('opens what it sealed, %i bytes', size => {
      const plaintext = pattern(size, 4)
      const sealed = suite.seal(key, 7, message, plaintext)
      expect(sealed.length).toBe(size + TAG_LENGTH)
      expect(suite.open(key, 7, message, sealed)).toEqual(plaintext)
    })

    it.each(SIZES)('seals into memory of the caller, and in place, %i bytes', size => {
      const plaintext = pattern(size, 4)
      const sealed = suite.seal(key, 7, message, plaintext)
      const memory = new Uint8Array(size + 3 * TAG_LENGTH)
      const [tagAt, bodyAt] = [1, 2 * TAG_LENGTH]
      const tagMemory = memory.subarray(tagAt, tagAt + TAG_LENGTH)
      suite.sealInto(key, 7, message, plaintext, memory.subarray(bodyAt, bodyAt + size), tagMemory)
      const expected = new Uint8Array(memory.length)
      expected.set(sealed.subarray(size), tagAt)
      expected.set(sealed.subarray(0, size), bodyAt)
      expect(memory).toEqual(expected)
      expect(plaintext).toEqual(pattern(size, 4))
      const tag = new Uint8Array(TAG_LENGTH)
      suite.sealInto(key, 7, message, plaintext, plaintext, tag)
      expect(concat(plaintext, tag)).toEqual(sealed)
    })

    it.each([
      [19, TAG_LENGTH],
      [21, TAG_LENGTH],
      [20, TAG_LENGTH - 1],
      [20, TAG_LENGTH + 1],
    ])('refuses memory of %i and %i bytes for 20 and a tag', (body, tag) => {
      const memory = [new Uint8Array(body), new Uint8Array(tag)] as const
      expect(() => suite.sealInto(key, 7, empty, pattern(20, 4), ...memory)).toThrow(RangeError)
    })

    it('refuses every flipped byte, another counter, key and associated data, and every prefix', () => {
      const sealed = suite.seal(key, 7, message, pattern(20, 4))
      for (let i = 0; i < sealed.length; i++) {
        expect(suite.open(key, 7, message, flipped(sealed, i))).toBeUndefined()
        expect(suite.open(key, 7, message, sealed.subarray(0, i))).toBeUndefined()
      }
      expect(suite.open(key, 8, message, sealed)).toBeUndefined()
      expect(suite.open(flipped(key, 31), 7, message, sealed)).toBeUndefined()
      expect(suite.open(key, 7, empty, sealed)).toBeUndefined()
      expect(suite.open(key, 7, flipped(message, 0), sealed)).toBeUndefined()
    })

    it.each([0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, Number.MAX_SAFE_INTEGER])(
      'writes counter %i as 4 zero bytes and a little-endian u64',
      counter => {
        const nonce = new Uint8Array(12)
        new DataView(nonce.buffer).setBigUint64(4, BigInt(counter), true)
        expect(suite.seal(key, counter, message, message)).toEqual(
          aead.seal(key, nonce, message, message),
        )
        const written = new Uint8Array(12)
        writeNonce(written, 0, counter)
        expect(written).toEqual(nonce)
      },
    )

    it.each([-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN])('refuses counter %d', counter => {
      expect(() => suite.seal(key, counter, empty, message)).toThrow(RangeError)
      expect(() => suite.sealInto(key, counter, empty, empty, empty, new Uint8Array(16))).toThrow(
        RangeError,
      )
      expect(() => suite.open(key, counter, empty, message)).toThrow(RangeError)
      expect(() => suite.xorStream(key, counter, 0, message)).toThrow(RangeError)
    })
  })

  describe(`${name}: key stream`, () => {
    it.each(SIZES)('is its own inverse and leaves its input alone, %i bytes', size => {
      const data = pattern(size, 5)
      const before = data.slice()
      const out = suite.xorStream(key, 3, 1, data)
      expect(data).toEqual(before)
      expect(suite.xorStream(key, 3, 1, out)).toEqual(data)
    })

    it('is what an AEAD encrypts with, from block 1 on', () => {
      const sealed = suite.seal(key, 9, empty, message)
      expect(suite.xorStream(key, 9, 1, message)).toEqual(sealed.subarray(0, message.length))
    })

    it('starts at any block up to the last but one', () => {
      const whole = suite.xorStream(key, 3, 0, new Uint8Array(640))
      expect(suite.xorStream(key, 3, 4, new Uint8Array(200))).toEqual(whole.slice(256, 456))
      expect(suite.xorStream(key, 3, 2 ** 32 - 2, new Uint8Array(64)).length).toBe(64)
      expect(() => suite.xorStream(key, 3, 2 ** 32 - 2, new Uint8Array(65))).toThrow(RangeError)
      expect(() => suite.xorStream(key, 3, -1, message)).toThrow(RangeError)
      expect(() => suite.xorStream(key, 3, 0.5, message)).toThrow(RangeError)
    })
  })

  describe(`${name}: X25519`, () => {
    it.each(LOW_ORDER_KEYS)('refuses the all-zero secret of %s', hex => {
      const publicKey = fromHex(hex)
      expect(suite.dh(key, publicKey)).toBeUndefined()
      expect(isLowOrder(publicKey)).toBe(true)
    })

    it('agrees in both directions, and notices a key that changed in place', () => {
      const mine = key.slice()
      const theirs = seed.slice()
      const shared = suite.dh(mine, suite.dhPublic(theirs))
      expect(shared).toEqual(suite.dh(theirs, suite.dhPublic(mine)))
      const publicBefore = suite.dhPublic(mine)
      mine[5] = (mine[5] as number) ^ 1
      expect(suite.dh(mine, suite.dhPublic(theirs))).not.toEqual(shared)
      expect(suite.dhPublic(mine)).not.toEqual(publicBefore)
    })

    it('clamps: the five bits that do not count change nothing', () => {
      const other = key.slice()
      other[0] = (other[0] as number) ^ 7
      other[31] = (other[31] as number) ^ 0xc0
      expect(suite.dhPublic(other)).toEqual(suite.dhPublic(key))
    })
  })

  describe(`${name}: Ed25519`, () => {
    const publicKey = suite.signPublic(seed)
    const signature = suite.sign(seed, message)

    it('verifies its own signature and nothing near it', () => {
      expect(suite.verify(publicKey, message, signature)).toBe(true)
      expect(suite.verify(publicKey, empty, signature)).toBe(false)
      for (let i = 0; i < signature.length; i += 3) {
        expect(suite.verify(publicKey, message, flipped(signature, i))).toBe(false)
      }
      for (let i = 0; i < publicKey.length; i += 3) {
        expect(suite.verify(flipped(publicKey, i), message, signature)).toBe(false)
      }
    })

    it('never throws for wrong lengths', () => {
      for (const length of [0, 1, 31, 33, 64]) {
        expect(suite.verify(pattern(length, 1), message, signature)).toBe(false)
      }
      for (const length of [0, 1, 32, 63, 65]) {
        expect(suite.verify(publicKey, message, pattern(length, 1))).toBe(false)
      }
    })

    it('refuses the second form of a signature, S + L', () => {
      expect(suite.verify(publicKey, message, plusGroupOrder(signature))).toBe(false)
    })

    it('notices a seed that changed in place', () => {
      const own = seed.slice()
      expect(suite.sign(own, message)).toEqual(signature)
      own.fill(0)
      expect(suite.sign(own, message)).not.toEqual(signature)
    })
  })

  describe(`${name}: arguments and results`, () => {
    it.each([0, 31, 33])('refuses keys of %i bytes', length => {
      const wrong = pattern(length, 1)
      expect(() => suite.dhPublic(wrong)).toThrow(RangeError)
      expect(() => suite.dh(wrong, key)).toThrow(RangeError)
      expect(() => suite.dh(key, wrong)).toThrow(RangeError)
      expect(() => suite.signPublic(wrong)).toThrow(RangeError)
      expect(() => suite.sign(wrong, message)).toThrow(RangeError)
      expect(() => suite.seal(wrong, 0, empty, message)).toThrow(RangeError)
      expect(() => suite.open(wrong, 0, empty, message)).toThrow(RangeError)
      expect(() => suite.xorStream(wrong, 0, 0, message)).toThrow(RangeError)
    })

    it('hashes the concatenation of its parts, of none too', () => {
      for (const hash of [suite.sha256, suite.sha512, suite.hmac.bind(suite, key)]) {
        expect(hash(message, key, empty)).toEqual(hash(concat(message, key)))
        expect(hash()).toEqual(hash(empty))
      }
      expect(suite.hmac(pattern(200, 1), message)).toEqual(
        suite.hmac(suite.sha256(pattern(200, 1)), message),
      )
    })

    it('gives plain byte arrays that share memory with nothing', () => {
      const theirs = suite.dhPublic(seed)
      const sealed = suite.seal(key, 0, empty, message)
      const makers: (() => Uint8Array | undefined)[] = [
        () => suite.sha256(message),
        () => suite.sha512(message, key),
        () => suite.hmac(key, message),
        () => suite.dhPublic(key),
        () => suite.dh(key, theirs),
        () => suite.signPublic(seed),
        () => suite.sign(seed, message),
        () => suite.seal(key, 0, empty, message),
        () => suite.open(key, 0, empty, sealed),
        () => suite.xorStream(key, 0, 0, message),
      ]
      for (const make of makers) {
        const first = make()
        const second = make()
        if (first === undefined || second === undefined) throw new Error('no result')
        expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype)
        expect(first.buffer.byteLength).toBe(first.length)
        const copy = second.slice()
        first.fill(0xff)
        expect(second).toEqual(copy)
        expect(make()).toEqual(copy)
      }
    })

    it('works on views into larger memory', () => {
      const memory = pattern(300, 6)
      const view = memory.subarray(10, 42)
      const copy = view.slice()
      expect(suite.dhPublic(view)).toEqual(suite.dhPublic(copy))
      expect(suite.sign(view, memory.subarray(50, 90))).toEqual(
        suite.sign(copy, memory.slice(50, 90)),
      )
      expect(suite.seal(view, 1, memory.subarray(7, 8), memory.subarray(50, 90))).toEqual(
        suite.seal(copy, 1, memory.slice(7, 8), memory.slice(50, 90)),
      )
      expect(suite.xorStream(view, 1, 1, memory.subarray(51, 90))).toEqual(
        suite.xorStream(copy, 1, 1, memory.slice(51, 90)),
      )
    })
  })
}

/** So that an emptied file or a runner that skips cannot pass: outcomes per group, in order. */
const PUBLIC_VECTOR_COUNTS = [174, 86, 650, 518, 151, 12, 196, 1, 512, 15, 154, 102]

/** Around a ChaCha20 block, a small and a large cell, and nothing at all. */
const SIZES = [0, 1, 63, 64, 65, 1000, 1023, 1024, 1025, 16_384]

const LOW_ORDER_KEYS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
]

function pattern(length: number, start: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (start * 97 + i * 31) & 0xff)
}

function flipped(bytes: Uint8Array, index: number): Uint8Array {
  const copy = bytes.slice()
  copy[index] = (copy[index] as number) ^ 0x40
  return copy
}

function plusGroupOrder(signature: Uint8Array): Uint8Array {
  const order = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
  const sum = signature.slice()
  let carry = 0
  for (let i = 0; i < 32; i++) {
    carry += (signature[32 + i] as number) + (order[i] as number)
    sum[32 + i] = carry & 0xff
    carry >>= 8
  }
  return sum
}
