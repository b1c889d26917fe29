import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import type { DirectSignal } from './direct-signal.ts'
import {
  DIRECT_REFUSAL,
  DIRECT_SIGNAL,
  decodeDirectSignal,
  encodeDirectSignal,
} from './direct-signal.ts'
import {
  RTC_CANDIDATE_MAX_BYTES,
  RTC_MID_MAX_BYTES,
  RTC_SDP_MAX_BYTES,
  SIGNAL_MAX_BYTES,
} from './limits.ts'

interface Vector {
  readonly hex: string
  readonly signal: DirectSignal
}

const { signals: vectors } = JSON.parse(
  readFileSync(new URL('./vectors/direct-signal.json', import.meta.url), 'utf8'),
) as { signals: Vector[] }

/** Of each kind, the bytes before what ends with the signal itself. */
const LEAST_BYTES = { want: 5, offer: 6, answer: 6, candidate: 6, refuse: 6 } as const

const head = (kind: number): Uint8Array => Uint8Array.of(kind, 0, 0, 0, 7)
const decode = (...parts: Uint8Array[]): DirectSignal => decodeDirectSignal(concat(...parts))

describe('direct signal vectors', () => {
  it('are of each kind and reason', () => {
    const kinds = new Set(vectors.map(({ signal }) => signal.kind))
    expect([...kinds]).toEqual(Object.keys(DIRECT_SIGNAL))
    const reasons = vectors.flatMap(({ signal }) => ('reason' in signal ? [signal.reason] : []))
    expect(reasons).toEqual(Object.keys(DIRECT_REFUSAL))
  })

  it.each(vectors)('$signal.kind $hex', ({ hex, signal }) => {
    const bytes = fromHex(hex)
    expect(decodeDirectSignal(bytes)).toEqual(signal)
    const encoded = encodeDirectSignal(signal)
    expect(toHex(encoded)).toBe(hex)
    expect(encoded).toHaveLength(hex.length / 2)
    for (let length = 0; length < LEAST_BYTES[signal.kind]; length++) {
      expect(() => decodeDirectSignal(bytes.subarray(0, length))).toThrow(DecodeError)
    }
  })

  it.each(vectors)('no beginning of $hex says the same', ({ hex }) => {
    const bytes = fromHex(hex)
    for (let length = 0; length < bytes.length; length++) {
      let again: Uint8Array | undefined
      try {
        again = encodeDirectSignal(decodeDirectSignal(bytes.subarray(0, length)))
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
      if (again !== undefined) expect(again).toHaveLength(length)
    }
  })
})

describe('decodeDirectSignal', () => {
  it.each([
    ['an unknown kind', '0000000007', 'unknown kind'],
    ['a kind of a newer peer', '0600000007', 'unknown kind'],
    ['bytes behind a want', '010000000700', 'trailing'],
    ['an offer without a description', '0200000007', 'without its text'],
    ['an answer without a description', '0300000007', 'without its text'],
    ['a description that is no UTF-8', '0200000007c3', 'UTF-8'],
    ['a description with a NUL', '0200000007763d3000', 'control'],
    ['a description with C1 controls', '0300000007c285', 'control'],
    ['a candidate without the length of its mid', '0400000007', 'too early'],
    ['a mid that is cut', '04000000070230', 'too early'],
    ['a mid that is no UTF-8', '040000000701ff', 'UTF-8'],
    ['a mid with a control', '0400000007010a', 'control'],
    ['a candidate that is no UTF-8', '040000000700ff', 'UTF-8'],
    ['a candidate with a line end', '0400000007006361000d0a', 'control'],
    ['a candidate with a tab', '04000000070009', 'control'],
    ['a candidate with DEL', '0400000007007f', 'control'],
    ['a refusal without a reason', '0500000007', 'too early'],
    ['bytes behind a refusal', '05000000070100', 'trailing'],
  ])('refuses %s', (_, hex, reason) => {
    const read = (): DirectSignal => decodeDirectSignal(fromHex(hex))
    expect(read).toThrow(DecodeError)
    expect(read).toThrow(reason)
  })

  it.each([0, 6, 255])('reads reason %i, which it does not know, as failed', code => {
    expect(decode(head(5), Uint8Array.of(code))).toEqual({
      kind: 'refuse',
      attempt: 7,
      reason: 'failed',
    })
  })

  it('takes line ends and tabs in a description', () => {
    const sdp = 'v=0\r\ns=\ta\n'
    expect(decode(head(2), utf8Encode(sdp))).toEqual({ kind: 'offer', attempt: 7, sdp })
  })
})

describe('limits of a direct signal', () => {
  const limits: [string, number, (length: number) => DirectSignal][] = [
    [
      'offer',
      RTC_SDP_MAX_BYTES,
      length => ({ kind: 'offer', attempt: 1, sdp: 's'.repeat(length) }),
    ],
    [
      'answer',
      RTC_SDP_MAX_BYTES,
      length => ({ kind: 'answer', attempt: 1, sdp: 's'.repeat(length) }),
    ],
    [
      'candidate',
      RTC_CANDIDATE_MAX_BYTES,
      length => ({ kind: 'candidate', attempt: 1, candidate: 'c'.repeat(length), mid: '0' }),
    ],
    [
      'mid',
      RTC_MID_MAX_BYTES,
      length => ({ kind: 'candidate', attempt: 1, candidate: 'c', mid: 'm'.repeat(length) }),
    ],
  ]

  it.each(limits)('of %s: %i bytes and no more, both ways', (name, limit, make) => {
    for (const length of [limit - 1, limit]) {
      const bytes = encodeDirectSignal(make(length))
      expect(bytes.length).toBeLessThanOrEqual(SIGNAL_MAX_BYTES)
      expect(decodeDirectSignal(bytes)).toEqual(make(length))
    }
    expect(() => encodeDirectSignal(make(limit + 1))).toThrow(RangeError)
    const text = new Uint8Array(limit + 1).fill(0x61)
    const tooLong = {
      offer: () => decode(head(2), text),
      answer: () => decode(head(3), text),
      candidate: () => decode(head(4), Uint8Array.of(0), text),
      mid: () => decode(head(4), Uint8Array.of(text.length), text),
    }[name]
    expect(tooLong).toThrow('too long')
  })

  it('count bytes, not characters', () => {
    const sdp = 'ä'.repeat(RTC_SDP_MAX_BYTES / 2)
    expect(encodeDirectSignal({ kind: 'offer', attempt: 0, sdp })).toHaveLength(5 + 3_072)
    expect(() => encodeDirectSignal({ kind: 'offer', attempt: 0, sdp: `${sdp}a` })).toThrow(
      RangeError,
    )
  })

  it.each([
    ['no description', { kind: 'offer', attempt: 0, sdp: '' }],
    ['a lone surrogate', { kind: 'offer', attempt: 0, sdp: '\ud800' }],
    ['a NUL', { kind: 'answer', attempt: 0, sdp: 'v=0\0' }],
    ['two lines', { kind: 'candidate', attempt: 0, candidate: 'a\r\nb', mid: '' }],
    ['a control in a mid', { kind: 'candidate', attempt: 0, candidate: '', mid: '\u0085' }],
    ['attempt -1', { kind: 'want', attempt: -1 }],
    ['attempt 2^32', { kind: 'want', attempt: 2 ** 32 }],
    ['half an attempt', { kind: 'want', attempt: 0.5 }],
  ] as [string, DirectSignal][])('let nothing out that would not come in: %s', (_, signal) => {
    expect(() => encodeDirectSignal(signal)).toThrow(RangeError)
  })
})

describe('direct signals', () => {
  const attempt = fc.nat(2 ** 32 - 1)
  const text = (max: number): fc.Arbitrary<string> =>
    fc
      .string({ unit: 'grapheme', maxLength: max })
      .filter(each => !/\p{Cc}/u.test(each) && utf8Encode(each).length <= max)
  const signal: fc.Arbitrary<DirectSignal> = fc.oneof(
    fc.record({ kind: fc.constant('want' as const), attempt }),
    fc.record({
      kind: fc.constantFrom('offer' as const, 'answer' as const),
      attempt,
      sdp: text(400).filter(sdp => sdp.length > 0),
    }),
    fc.record({
      kind: fc.constant('candidate' as const),
      attempt,
      candidate: text(200),
      mid: text(32),
    }),
    fc.record({
      kind: fc.constant('refuse' as const),
      attempt,
      reason: fc.constantFrom(...(Object.keys(DIRECT_REFUSAL) as 'busy'[])),
    }),
  )

  it('come back as they went', () => {
    fc.assert(
      fc.property(signal, each => {
        expect(decodeDirectSignal(encodeDirectSignal(each))).toEqual(each)
      }),
      { seed: 1, numRuns: 1_000 },
    )
  })

  it('throw DecodeError only, and encode again what was read, whatever the bytes', () => {
    const bytes = fc
      .tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 60 }))
      .map(([kind, rest]) => concat(Uint8Array.of(kind), rest))
    fc.assert(
      fc.property(bytes, input => {
        let read: DirectSignal
        try {
          read = decodeDirectSignal(input)
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
          return
        }
        expect(decodeDirectSignal(encodeDirectSignal(read))).toEqual(read)
        if (read.kind !== 'refuse') expect(encodeDirectSignal(read)).toEqual(input)
      }),
      { seed: 2, numRuns: 5_000 },
    )
  })
})
