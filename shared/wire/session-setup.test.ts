import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError } from '../bytes/decode-error.ts'
import { toHex } from '../bytes/hex.ts'
import type { SessionRefusal } from './session-close.ts'
import {
  SESSION_CLOSE,
  SESSION_REFUSAL,
  sessionCloseOf,
  sessionRefusalOf,
} from './session-close.ts'
import type { SessionAnswer, SessionSetup } from './session-setup.ts'
import { decodeAnswer, decodeSetup, encodeAnswer, encodeSetup } from './session-setup.ts'

const packet = new Uint8Array(28).fill(9)
const tag = new Uint8Array(16).fill(8)

const SETUPS: readonly [SessionSetup, string][] = [
  [
    { kind: 'handshake', isSignalOnly: false, message: new Uint8Array(156).fill(7) },
    `01${'07'.repeat(156)}`,
  ],
  [
    { kind: 'handshake', isSignalOnly: true, message: new Uint8Array(156).fill(7) },
    `03${'07'.repeat(156)}`,
  ],
  [{ kind: 'attach', tag, packet }, `02${'08'.repeat(16)}${'09'.repeat(28)}`],
]
const ANSWERS: readonly [SessionAnswer, string][] = [
  [{ kind: 'handshake', message: new Uint8Array(52).fill(7) }, `01${'07'.repeat(52)}`],
  [{ kind: 'attach', packet }, `02${'09'.repeat(28)}`],
  [{ kind: 'refused', reason: 'busy' }, '0001'],
  [{ kind: 'refused', reason: 'malformed' }, '0007'],
]

describe('session setup and answer', () => {
  it.each(SETUPS)('setup %#', (setup, hex) => {
    const bytes = encodeSetup(setup)
    expect(toHex(bytes)).toBe(hex)
    expect(decodeSetup(bytes)).toEqual(setup)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSetup(bytes.subarray(0, length))).toThrow(DecodeError)
    }
  })

  it.each(ANSWERS)('answer %#', (answer, hex) => {
    const bytes = encodeAnswer(answer)
    expect(toHex(bytes)).toBe(hex)
    expect(decodeAnswer(bytes)).toEqual(answer)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeAnswer(bytes.subarray(0, length))).toThrow(DecodeError)
    }
  })

  it('refuses trailing bytes and unknown kinds', () => {
    for (const [setup] of SETUPS.slice(0, 2)) {
      const longer = new Uint8Array([...encodeSetup(setup), 0])
      expect(() => decodeSetup(longer)).toThrow(DecodeError)
    }
    expect(() => decodeSetup(Uint8Array.of(4, 1, 2))).toThrow(DecodeError)
    expect(() => decodeAnswer(Uint8Array.of(3, 1, 2))).toThrow(DecodeError)
    expect(() => decodeAnswer(Uint8Array.of(0, 1, 0))).toThrow(DecodeError)
  })

  it('throws its own error only, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        for (const decode of [decodeSetup, decodeAnswer]) {
          try {
            decode(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError)
          }
        }
      }),
      { seed: 5, numRuns: 2_000 },
    )
  })

  it('reads unknown codes as the mildest ones', () => {
    for (const [name, code] of Object.entries(SESSION_CLOSE))
      expect(sessionCloseOf(code)).toBe(name)
    for (const name of Object.keys(SESSION_REFUSAL)) {
      expect(sessionRefusalOf(SESSION_REFUSAL[name as SessionRefusal])).toBe(name)
    }
    expect([sessionCloseOf(99), sessionRefusalOf(99)]).toEqual(['NORMAL', 'refused'])
  })
})
