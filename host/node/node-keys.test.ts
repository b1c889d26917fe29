import { describe, expect, it } from 'vitest'
import { importPublicKey, privateKeyObject, rawPublicKey } from './node-keys.ts'

const bytes = (): Uint8Array => new Uint8Array(32).fill(5)

describe('key objects', () => {
  it('of a private key are made once for an array, and hidden in it', () => {
    const key = bytes()
    const first = privateKeyObject('X25519', key)
    expect(privateKeyObject('X25519', key)).toBe(first)
    expect(privateKeyObject('X25519', key.slice())).not.toBe(first)
    expect(Reflect.ownKeys(key).filter(name => typeof name === 'symbol').length).toBe(1)
    expect(key).toEqual(bytes())
    expect(JSON.stringify(key)).toBe(JSON.stringify(bytes()))
    expect(Reflect.ownKeys(structuredClone(key)).length).toBe(32)
  })

  it('are not reused for another curve, nor for other bytes in the same array', () => {
    const key = bytes()
    const dh = privateKeyObject('X25519', key)
    const sign = privateKeyObject('Ed25519', key)
    expect([dh.asymmetricKeyType, sign.asymmetricKeyType]).toEqual(['x25519', 'ed25519'])
    key.fill(0)
    const wiped = privateKeyObject('Ed25519', key)
    expect(rawPublicKey(wiped)).not.toEqual(rawPublicKey(sign))
    key.fill(5)
    expect(rawPublicKey(privateKeyObject('Ed25519', key))).toEqual(rawPublicKey(sign))
  })

  it('are made for an array that takes no properties too', () => {
    const sealed = Object.preventExtensions(bytes())
    expect(rawPublicKey(privateKeyObject('X25519', sealed))).toEqual(
      rawPublicKey(privateKeyObject('X25519', bytes())),
    )
  })

  it('give the public half in 32 bytes of its own', () => {
    const publicKey = rawPublicKey(privateKeyObject('Ed25519', bytes()))
    expect(publicKey.buffer.byteLength).toBe(32)
    expect(rawPublicKey(privateKeyObject('Ed25519', bytes()))).toEqual(publicKey)
    expect(importPublicKey('Ed25519', publicKey).type).toBe('public')
  })
})
