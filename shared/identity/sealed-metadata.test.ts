import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../bytes/cbor.ts'
import { concat } from '../bytes/concat.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { RECORD_MAX_SEALED_BYTES, SEALED_MAX_READERS } from '../wire/limits.ts'
import type { Identity } from './identity.ts'
import { createIdentity } from './identity.ts'
import { openSealedMetadata, sealMetadata } from './sealed-metadata.ts'

const person = (n: number): Identity => createIdentity(nobleSuite, new Uint8Array(32).fill(n))
const [author, alice, bob, stranger] = [person(1), person(2), person(3), person(4)]
const meta = new Map([
  ['name', 'Zo\u00eb'],
  ['__proto__', 'x'],
])

let counter = 0
const random = (length: number): Uint8Array => new Uint8Array(length).fill(++counter)

const seal = (
  readers: readonly Uint8Array[],
  text: ReadonlyMap<string, string> = meta,
): Uint8Array => sealMetadata({ nacl, random, identity: author, readers, meta: text })
const open = (identity: Identity, sealed: Uint8Array, from = author) =>
  openSealedMetadata({ nacl, identity, author: from.publicKey, sealed })

describe('sealed metadata', () => {
  const sealed = seal([alice.publicKey, bob.publicKey])

  it('opens for every reader and for nobody else', () => {
    expect(open(alice, sealed)).toEqual(meta)
    expect(open(bob, sealed)).toEqual(meta)
    expect(open(stranger, sealed)).toBeUndefined()
    expect(open(author, sealed)).toBeUndefined()
  })

  it('opens for the author who lists himself', () => {
    expect(open(author, seal([author.publicKey]))).toEqual(meta)
  })

  it('opens for nobody in the record of another author', () => {
    expect(open(alice, sealed, stranger)).toBeUndefined()
    expect(open(alice, sealed, bob)).toBeUndefined()
  })

  it('is made of standard boxes', () => {
    const nonce = sealed.subarray(2, 26)
    const slot = sealed.subarray(26, 26 + 48)
    const key = nacl.box.open(slot, nonce, author.dhPublic, alice.dhPrivate)
    expect(key).toHaveLength(32)
    const box = sealed.subarray(26 + 2 * 48)
    expect(nacl.secretbox.open(box, nonce, key ?? new Uint8Array(32))).toEqual(encodeCbor(meta))
  })

  it('has the length it says', () => {
    expect(sealed).toHaveLength(2 + 24 + 2 * 48 + 16 + encodeCbor(meta).length)
  })

  it('shows no reader and no text', () => {
    const hex = Buffer.from(sealed).toString('hex')
    for (const secret of [alice.publicKey, bob.publicKey, alice.dhPublic, Buffer.from('name')]) {
      expect(hex).not.toContain(Buffer.from(secret).toString('hex'))
    }
  })

  it('opens for nobody once any byte is changed, and never throws', () => {
    for (let i = 0; i < sealed.length; i++) {
      const wrong = Uint8Array.from(sealed)
      wrong[i] = (wrong[i] as number) ^ 0x01
      // A broken slot shuts out its own reader only, so ask one whose slot is not hit.
      const isSlotOfAlice = i >= 26 && i < 26 + 48
      const isSlotOfBob = i >= 26 + 48 && i < 26 + 96
      expect(open(alice, wrong), `byte ${i}`).toEqual(isSlotOfBob ? meta : undefined)
      if (isSlotOfAlice) expect(open(bob, wrong)).toEqual(meta)
    }
  })

  it('opens for nobody when cut short', () => {
    for (let n = 0; n < sealed.length; n++) {
      expect(open(alice, sealed.subarray(0, n))).toBeUndefined()
    }
  })

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), noise => {
        expect(open(alice, noise)).toBeUndefined()
        expect(open(alice, concat(Uint8Array.of(1, 2), noise))).toBeUndefined()
      }),
      { seed: 1, numRuns: 50 },
    )
  })

  it('refuses an author whose key is no key', () => {
    const author = { publicKey: new Uint8Array(32) }
    const opened = openSealedMetadata({ nacl, identity: alice, author: author.publicKey, sealed })
    expect(opened).toBeUndefined()
  })

  it('takes one to eight readers with valid keys', () => {
    const many = new Array<Uint8Array>(SEALED_MAX_READERS).fill(alice.publicKey)
    expect(open(alice, seal(many))).toEqual(meta)
    expect(() => seal([...many, bob.publicKey])).toThrow(RangeError)
    expect(() => seal([])).toThrow(RangeError)
    expect(() => seal([new Uint8Array(32)])).toThrow(RangeError)
    const eight = seal(many)
    const nine = concat(Uint8Array.of(1, 9), eight.subarray(2, 74), eight.subarray(26))
    expect(open(alice, nine)).toBeUndefined()
  })

  it('takes as much as a record has room for, and not one byte more', () => {
    // {"t": "…"} is 1 + 2 + 3 bytes and the text.
    const room = RECORD_MAX_SEALED_BYTES - (2 + 24 + 48 + 16) - (1 + 2 + 3)
    const longest = new Map([['t', 'x'.repeat(room)]])
    expect(seal([alice.publicKey], longest)).toHaveLength(RECORD_MAX_SEALED_BYTES)
    expect(() => seal([alice.publicKey], new Map([['t', 'x'.repeat(room + 1)]]))).toThrow(
      RangeError,
    )
  })

  it('refuses a box that holds something else than text', () => {
    const wrong = seal([alice.publicKey], new Map([['a', 1]]) as unknown as Map<string, string>)
    expect(open(alice, wrong)).toBeUndefined()
  })
})
