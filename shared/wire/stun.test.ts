// The quartet for binding requests and answers, the samples of RFC 5769, and what a responder relies on: it hears
// nothing but requests, and answers with little. Golden values were made apart from this code, with another CRC-32.

import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { STUN_MAX_BYTES } from './limits.ts'
import type { BindingAnswer, BindingRequest } from './stun.ts'
import {
  decodeBindingAnswer,
  decodeBindingRequest,
  encodeBindingAnswer,
  encodeBindingRequest,
  looksLikeBindingRequest,
} from './stun.ts'
import type { StunAttribute } from './stun-message.ts'
import { encodeStunMessage } from './stun-message.ts'

const vectorFile = `${process.env.KEYMESH_VECTORS ?? '../shared/vectors'}/stun_rfc5769.json`
const haveVectors = process.env.CI === 'true' || existsSync(vectorFile)

const transaction = fromHex('000102030405060708090a0b')
const head = `2112a442${toHex(transaction)}`
const V4 = { ip: fromHex('c0000201'), port: 32_853 }
const V6 = { ip: fromHex('20010db8123456780011223344556677'), port: 32_853 }
const PLAIN: BindingRequest = { transaction, unknownAttributes: [], hasFingerprint: false }

const REQUESTS: readonly (readonly [name: string, golden: string, value: BindingRequest])[] = [
  ['a request', `00010000${head}`, PLAIN],
  [
    'a request with a fingerprint',
    `00010008${head}802800045b0ff6fc`,
    { ...PLAIN, hasFingerprint: true },
  ],
]

const ANSWERS: readonly (readonly [name: string, golden: string, value: BindingAnswer])[] = [
  [
    'an IPv4 address',
    `0101000c${head}002000080001a147e112a643`,
    { kind: 'success', transaction, address: V4, hasFingerprint: false },
  ],
  [
    'an IPv4 address with a fingerprint',
    `01010014${head}002000080001a147e112a64380280004690e4207`,
    { kind: 'success', transaction, address: V4, hasFingerprint: true },
  ],
  [
    'an IPv6 address',
    `01010018${head}002000140002a1470113a9fa1235547b041424344c5c6c7c`,
    { kind: 'success', transaction, address: V6, hasFingerprint: false },
  ],
  [
    'error 420 for one attribute',
    `01110010${head}0009000400000414000a000200240000`,
    { kind: 'unknownAttributes', transaction, types: [0x24], hasFingerprint: false },
  ],
  [
    'error 420 for three, with a fingerprint',
    `0111001c${head}0009000400000414000a00060003002400ff000080280004edee7384`,
    { kind: 'unknownAttributes', transaction, types: [3, 0x24, 0xff], hasFingerprint: true },
  ],
]

const ALL = [
  ...REQUESTS.map(([name, golden, value]) => ({
    name,
    golden,
    value,
    encoded: encodeBindingRequest(value),
    decode: decodeBindingRequest as (bytes: Uint8Array) => unknown,
  })),
  ...ANSWERS.map(([name, golden, value]) => ({
    name,
    golden,
    value,
    encoded: encodeBindingAnswer(value),
    decode: decodeBindingAnswer as (bytes: Uint8Array) => unknown,
  })),
]

function onlyDecodeError(work: () => unknown): void {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}

function requestWith(attributes: readonly StunAttribute[], hasFingerprint = false): Uint8Array {
  return encodeStunMessage({ type: 1, transaction, attributes, hasFingerprint })
}

function attribute(type: number, length = 0): StunAttribute {
  return { type, value: new Uint8Array(length).fill(0xaa) }
}

/** The same with other bytes at a place. */
function patched(bytes: Uint8Array, at: number, hex: string): Uint8Array {
  const copy = bytes.slice()
  copy.set(fromHex(hex), at)
  return copy
}

describe.each(ALL)('$name', ({ golden, value, encoded, decode }) => {
  it('has the golden encoding, byte for byte, and decodes from it', () => {
    expect(toHex(encoded)).toBe(golden)
    expect(encoded.length).toBe(golden.length / 2)
    expect(decode(fromHex(golden))).toEqual(value)
  })

  it('fails for every strict prefix and for trailing bytes', () => {
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decode(encoded.subarray(0, length))).toThrow(DecodeError)
    }
    for (const more of [1, 4]) {
      expect(() => decode(concat(encoded, new Uint8Array(more)))).toThrow(DecodeError)
    }
  })

  it('throws nothing but DecodeError for one changed byte', () => {
    for (let at = 0; at < encoded.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = encoded.slice()
        changed[at] = byte
        onlyDecodeError(() => decode(changed))
      }
    }
  })

  it('throws nothing but DecodeError, whatever follows a right head', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), noise => {
        const bytes = concat(encoded.subarray(0, 20), noise)
        onlyDecodeError(() => decode(patched(bytes, 2, noise.length.toString(16).padStart(4, '0'))))
        onlyDecodeError(() => decode(noise))
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})

describe('a request that is not to be answered', () => {
  const plain = encodeBindingRequest(PLAIN)
  const marked = encodeBindingRequest({ ...PLAIN, hasFingerprint: true })
  const cut = patched(requestWith([attribute(0x8022, 4)]), 22, '0005')

  it.each([
    ['the first two bits', patched(plain, 0, '40')],
    ['an indication', patched(plain, 0, '0011')],
    ['an answer', patched(plain, 0, '0101')],
    ['an error', patched(plain, 0, '0111')],
    ['another method (allocate of TURN)', patched(plain, 0, '0003')],
    ['the cookie of nobody, as in RFC 3489', patched(plain, 4, '2112a443')],
    ['a length that is too short', patched(marked, 2, '0004')],
    ['a length that is too long', patched(marked, 2, '000c')],
    ['an attribute that does not end in it', cut],
    ['a wrong fingerprint', patched(marked, marked.length - 1, '00')],
    ['a fingerprint of other bytes', patched(marked, 8, 'ff')],
    ['a fingerprint of another length', requestWith([attribute(0x8028, 8)])],
    ['a fingerprint that is not the last', requestWith([attribute(0x8028, 4)], true)],
  ])('has %s', (_, bytes) => {
    expect(() => decodeBindingRequest(bytes)).toThrow(DecodeError)
  })

  it('is longer than the limit, which counts everything', () => {
    const filled = (bytes: number) => requestWith([attribute(0x8022, bytes - 24)])
    expect(decodeBindingRequest(filled(STUN_MAX_BYTES))).toEqual(PLAIN)
    expect(() => decodeBindingRequest(filled(STUN_MAX_BYTES + 4))).toThrow(DecodeError)
    expect(looksLikeBindingRequest(filled(STUN_MAX_BYTES))).toBe(true)
    expect(looksLikeBindingRequest(filled(STUN_MAX_BYTES + 4))).toBe(false)
  })
})

describe('attributes of a request', () => {
  const unknownIn = (...attributes: StunAttribute[]) =>
    decodeBindingRequest(requestWith(attributes)).unknownAttributes

  it('must be understood below 0x8000', () => {
    expect(unknownIn(attribute(0x7fff), attribute(0x8000), attribute(0xffff))).toEqual([0x7fff])
    expect(unknownIn(attribute(0x0003, 4), attribute(0x0024, 4))).toEqual([0x0003, 0x0024])
  })

  it('are told once each', () => {
    expect(unknownIn(attribute(3), attribute(4), attribute(3))).toEqual([3, 4])
  })

  it('that carry credentials are known, and ignored', () => {
    const known = [0x01, 0x06, 0x09, 0x0a, 0x14, 0x15, 0x1d, 0x1e, 0x20]
    expect(unknownIn(...known.map(type => attribute(type, 3)))).toEqual([])
  })

  it.each([0x0008, 0x001c])('are ignored after the signature %i', signature => {
    expect(unknownIn(attribute(3), attribute(signature, 20), attribute(4))).toEqual([3])
    const marked = requestWith([attribute(signature, 20), attribute(4)], true)
    expect(decodeBindingRequest(marked)).toEqual({ ...PLAIN, hasFingerprint: true })
  })

  it('may be padded with anything', () => {
    const padded = requestWith([attribute(0x8022, 5)])
    expect(decodeBindingRequest(patched(padded, padded.length - 3, '202020'))).toEqual(PLAIN)
  })
})

describe('an answer', () => {
  const success = encodeBindingAnswer({ ...PLAIN, kind: 'success', address: V4 })
  const error = encodeBindingAnswer({ ...PLAIN, kind: 'unknownAttributes', types: [3] })

  it.each([
    ['another family of addresses', patched(success, 25, '03')],
    ['an IPv4 address that is called IPv6', patched(success, 25, '02')],
    ['no address', patched(success, 20, '8020')],
    ['another error', patched(error, 27, '01')],
    ['another class of error', patched(error, 26, '05')],
    ['no error code', patched(error, 20, '8009')],
    ['no list of attributes', patched(error, 28, '800a')],
    ['half a type', patched(error, 30, '0003')],
  ])('with %s says nothing', (_, bytes) => {
    expect(() => decodeBindingAnswer(bytes)).toThrow(DecodeError)
  })

  it.each([
    ['a short transaction id', { transaction: transaction.slice(1), address: V4 }],
    ['an address of 5 bytes', { transaction, address: { ip: new Uint8Array(5), port: 1 } }],
    ['a port over 65535', { transaction, address: { ip: V4.ip, port: 65_536 } }],
  ])('cannot have %s', (_, wrong) => {
    expect(() => encodeBindingAnswer({ kind: 'success', hasFingerprint: false, ...wrong })).toThrow(
      RangeError,
    )
  })

  it('comes back as it was, whatever is in it', () => {
    const ip = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    )
    const id = fc.uint8Array({ minLength: 12, maxLength: 12 })
    const success = fc.record({
      kind: fc.constant('success' as const),
      transaction: id,
      address: fc.record({ ip, port: fc.nat(65_535) }),
      hasFingerprint: fc.boolean(),
    })
    fc.assert(
      fc.property(success, answer => {
        expect(decodeBindingAnswer(encodeBindingAnswer(answer))).toEqual(answer)
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  it('is never longer than the request and an IPv4 address together', () => {
    const types = fc.array(fc.nat(0xffff), { maxLength: 100 })
    fc.assert(
      fc.property(types, fc.boolean(), fc.nat(7), (all, hasFingerprint, length) => {
        const bytes = requestWith(
          all.filter(type => type !== 0x8028).map(type => attribute(type, length)),
          hasFingerprint,
        )
        if (!looksLikeBindingRequest(bytes)) return
        const request = decodeBindingRequest(bytes)
        const { unknownAttributes } = request
        const answer = encodeBindingAnswer(
          unknownAttributes.length > 0
            ? { ...request, kind: 'unknownAttributes', types: unknownAttributes }
            : { ...request, kind: 'success', address: V4 },
        )
        expect(answer.length).toBeLessThanOrEqual(bytes.length + 12)
      }),
      { seed: 3, numRuns: 500 },
    )
  })
})

interface Vector {
  readonly section: string
  readonly hex: string
  readonly xor_mapped?: string
}

describe.skipIf(!haveVectors)('RFC 5769 (skipped where the files are missing)', () => {
  const vectors = haveVectors
    ? (JSON.parse(readFileSync(vectorFile, 'utf8')) as { vectors: Vector[] }).vectors
    : []
  const bytesOf = (wanted: string): Uint8Array =>
    fromHex(vectors.find(({ section }) => section === wanted)?.hex ?? '')

  it('2.1: a request of ICE, whose PRIORITY no basic server knows', () => {
    const request = decodeBindingRequest(bytesOf('2.1'))
    expect(toHex(request.transaction)).toBe('b7e7a701bc34d686fa87dfae')
    expect(request).toMatchObject({ unknownAttributes: [0x0024], hasFingerprint: true })
  })

  it.each([
    ['2.2', 'c0000201'],
    ['2.3', '20010db8123456780011223344556677'],
  ])('%s: an answer with an address', (section, ip) => {
    const answer = decodeBindingAnswer(bytesOf(section))
    expect(answer).toMatchObject({ kind: 'success', hasFingerprint: true })
    expect(answer.kind === 'success' && toHex(answer.address.ip)).toBe(ip)
    expect(answer.kind === 'success' && answer.address.port).toBe(32_853)
  })

  it('2.4: a request with long-term credentials, known and ignored', () => {
    const request = decodeBindingRequest(bytesOf('2.4'))
    expect(request).toMatchObject({ unknownAttributes: [], hasFingerprint: false })
  })

  it.each(['2.1', '2.2', '2.3'])('%s: every changed bit breaks the fingerprint', section => {
    const bytes = bytesOf(section)
    const decode = section === '2.1' ? decodeBindingRequest : decodeBindingAnswer
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const changed = bytes.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      // Changed so that it reads as another attribute, it may be ignored: then there is no fingerprint.
      expect(() => {
        if (decode(changed).hasFingerprint) throw new Error('taken')
        throw new DecodeError('no fingerprint')
      }).toThrow(DecodeError)
    }
  })
})
