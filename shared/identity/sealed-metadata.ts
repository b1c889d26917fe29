// Record metadata for chosen readers only (docs/PROTOCOL.md 2.2): one NaCl secretbox of the metadata, its
// key boxed to each reader. Anyone sees how many readers there are, not who they are. The author signs
// the record around it; a copy in another author's record opens for nobody.
//
//   u8 version 1 | u8 readers n | nonce 24 | n * (box of the key, 48) | secretbox of the CBOR map

import type { CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { wipe } from '../bytes/wipe.ts'
import { edToXPublic } from '../crypto/ed-to-x.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { RECORD_MAX_SEALED_BYTES, SEALED_MAX_READERS } from '../wire/limits.ts'
import type { Identity } from './identity.ts'
import type { NaclBoxes } from './nacl-boxes.ts'
import { NACL_KEY_LENGTH, NACL_NONCE_LENGTH, NACL_OVERHEAD } from './nacl-boxes.ts'

const VERSION = 1
const SLOT_LENGTH = NACL_KEY_LENGTH + NACL_OVERHEAD

export interface SealOptions {
  readonly nacl: NaclBoxes
  readonly random: RandomBytes
  /** The author. */
  readonly identity: Identity
  /** Public keys, 1 to SEALED_MAX_READERS. The author can always open it when listed here. */
  readonly readers: readonly Uint8Array[]
  readonly meta: ReadonlyMap<string, string>
}

/**
 * @returns the bytes for the record's `sealed` field.
 * @throws RangeError for no or too many readers, an invalid key, or more than RECORD_MAX_SEALED_BYTES.
 */
export function sealMetadata({ nacl, random, identity, readers, meta }: SealOptions): Uint8Array {
  if (readers.length === 0 || readers.length > SEALED_MAX_READERS) {
    throw new RangeError(`sealed metadata has 1 to ${SEALED_MAX_READERS} readers`)
  }
  // One nonce serves all: every box has its own key, and the secretbox key is used once.
  const nonce = random(NACL_NONCE_LENGTH)
  const key = random(NACL_KEY_LENGTH)
  const slots = readers.map(reader => {
    const shared = sharedKey(nacl, identity, reader)
    if (shared === undefined) throw new RangeError('a reader of sealed metadata has no valid key')
    const slot = nacl.secretbox(key, nonce, shared)
    wipe(shared)
    return slot
  })
  const box = nacl.secretbox(encodeCbor(meta), nonce, key)
  wipe(key)
  const sealed = concat(Uint8Array.of(VERSION, readers.length), nonce, ...slots, box)
  if (sealed.length > RECORD_MAX_SEALED_BYTES) {
    throw new RangeError(`sealed metadata is over ${RECORD_MAX_SEALED_BYTES} bytes`)
  }
  return sealed
}

export interface OpenSealedOptions {
  readonly nacl: NaclBoxes
  /** The reader. */
  readonly identity: Identity
  /** Public key of the record in which the bytes came. */
  readonly author: Uint8Array
  readonly sealed: Uint8Array
}

/** The metadata, or `undefined` when it was not sealed by that author for this reader, or is malformed. */
export function openSealedMetadata(options: OpenSealedOptions): Map<string, string> | undefined {
  const { nacl, identity, author, sealed } = options
  const shared = sharedKey(nacl, identity, author)
  if (shared === undefined) return undefined
  try {
    const { nonce, slots, box } = decodeSealed(sealed)
    for (const slot of slots) {
      const key = nacl.secretbox.open(slot, nonce, shared)
      const plaintext = key === null ? null : nacl.secretbox.open(box, nonce, key)
      if (plaintext !== null) return readMeta(plaintext)
    }
    return undefined
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  } finally {
    wipe(shared)
  }
}

function sharedKey(
  nacl: NaclBoxes,
  identity: Identity,
  publicKey: Uint8Array,
): Uint8Array | undefined {
  const dhPublic = edToXPublic(publicKey)
  return dhPublic === undefined ? undefined : nacl.box.before(dhPublic, identity.dhPrivate)
}

interface SealedParts {
  readonly nonce: Uint8Array
  readonly slots: readonly Uint8Array[]
  readonly box: Uint8Array
}

function decodeSealed(sealed: Uint8Array): SealedParts {
  const reader = new Reader(sealed)
  if (reader.u8() !== VERSION) throw new DecodeError('unknown version of sealed metadata')
  const readers = reader.u8()
  if (readers > SEALED_MAX_READERS) throw new DecodeError('sealed metadata has too many readers')
  const nonce = reader.bytes(NACL_NONCE_LENGTH)
  const slots = Array.from({ length: readers }, () => reader.bytes(SLOT_LENGTH))
  return { nonce, slots, box: reader.rest() }
}

function readMeta(plaintext: Uint8Array): Map<string, string> {
  const meta = new Map<string, string>()
  const entries: Iterable<[string, CborValue]> = asMap(decodeCbor(plaintext), 'metadata')
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw new DecodeError('metadata is not text')
    meta.set(key, value)
  }
  return meta
}
