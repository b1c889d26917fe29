import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { rtcBinding, wsBinding } from './binding.ts'

const zeros = new Uint8Array(32)
const certificate = new Uint8Array(32).fill(0xcc)
const sha256 = (...parts: Uint8Array[]) => toHex(nobleSuite.sha256(concat(...parts)))
const ws = (origin: string, cert?: Uint8Array) => toHex(wsBinding(nobleSuite, origin, cert))

describe('wsBinding', () => {
  it('is the hash that the specification names', () => {
    expect(ws('wss://one.example:8443', certificate)).toBe(
      sha256(utf8Encode('wswss://one.example:8443'), certificate),
    )
    expect(ws('ws://localhost:8080')).toBe(sha256(utf8Encode('wsws://localhost:8080'), zeros))
  })

  it('does not mind case or a default port', () => {
    expect(ws('WSS://One.Example')).toBe(ws('wss://one.example'))
    expect(ws('wss://one.example:443')).toBe(ws('wss://one.example'))
    expect(ws('ws://[::1]:80')).toBe(ws('ws://[::1]'))
  })

  it('minds everything else', () => {
    const all = [
      ws('wss://one.example'),
      ws('ws://one.example'),
      ws('wss://one.example:80'),
      ws('ws://one.example:443'),
      ws('wss://two.example'),
      ws('wss://one.example', certificate),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it.each([
    'https://one.example',
    'wss://one.example/',
    'wss://one.example/path',
    'wss://one.example#x',
    'wss://me@one.example',
    'wss://',
    'one.example',
    'wss://one example',
    'wss://one.example\n',
  ])('refuses %j', origin => {
    expect(() => ws(origin)).toThrow(RangeError)
  })

  it('refuses a certificate hash of another length', () => {
    expect(() => ws('wss://one.example', zeros.subarray(1))).toThrow(RangeError)
  })
})

describe('rtcBinding', () => {
  it('is the hash that the specification names, and knows who is who', () => {
    expect(toHex(rtcBinding(nobleSuite, zeros, certificate))).toBe(
      sha256(utf8Encode('rtc'), zeros, certificate),
    )
    expect(rtcBinding(nobleSuite, zeros, certificate)).not.toEqual(
      rtcBinding(nobleSuite, certificate, zeros),
    )
  })

  it('refuses fingerprints of another length', () => {
    expect(() => rtcBinding(nobleSuite, zeros.subarray(1), zeros)).toThrow(RangeError)
    expect(() => rtcBinding(nobleSuite, zeros, new Uint8Array(33))).toThrow(RangeError)
  })
})
