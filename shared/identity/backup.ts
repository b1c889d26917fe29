// An identity's seed under a passphrase (docs/PROTOCOL.md 2.5): scrypt (RFC 7914) makes the key, a
// standard NaCl secretbox holds the seed, backup-armor.ts makes it text. Any language with scrypt and
// NaCl can open it. Changing the header changes the key, so it is protected as well.
//
//   u8 version 1 | u8 kdf 1 (scrypt) | u8 log2 N | u8 r | u8 p | salt 16 | nonce 24 | secretbox 48

import { scrypt } from '@noble/hashes/scrypt.js'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { Reader } from '../bytes/reader.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { wipe } from '../bytes/wipe.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { BACKUP_MAX_SCRYPT_BYTES, BACKUP_MAX_SCRYPT_WORK } from '../wire/limits.ts'
import { armorBackup, dearmorBackup } from './backup-armor.ts'
import { BackupError } from './backup-error.ts'
import { SEED_BYTES } from './identity.ts'
import type { NaclBoxes } from './nacl-boxes.ts'
import { NACL_KEY_LENGTH, NACL_NONCE_LENGTH, NACL_OVERHEAD } from './nacl-boxes.ts'

const VERSION = 1
const KDF_SCRYPT = 1
const SALT_LENGTH = 16

export interface ScryptCost {
  readonly log2N: number
  readonly r: number
  readonly p: number
}

/** 128 MiB and about 0.6 s on a desktop: what a guess costs the owner once, and a thief every time. */
export const BACKUP_COST: ScryptCost = { log2N: 17, r: 8, p: 1 }
/** Less than this is not worth the name: about 0.1 s. */
const MIN_LOG2_N = 14

export interface CreateBackupOptions {
  /** 32 bytes. */
  readonly seed: Uint8Array
  /** Not empty. How strong it is, is for the user interface to judge. */
  readonly passphrase: string
  readonly nacl: NaclBoxes
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  /** For devices that cannot afford BACKUP_COST. */
  readonly cost?: ScryptCost
}

/**
 * Takes as long as the cost says, without a pause: browsers call it in a worker.
 * @returns the text to keep.
 * @throws RangeError for a seed that is not 32 bytes, an empty passphrase or a cost out of bounds.
 */
export function createBackup(options: CreateBackupOptions): string {
  const { seed, passphrase, nacl, suite, random, cost = BACKUP_COST } = options
  if (seed.length !== SEED_BYTES) throw new RangeError('an identity seed has 32 bytes')
  if (passphrase === '') throw new RangeError('a backup needs a passphrase')
  if (cost.log2N < MIN_LOG2_N || !isAffordable(cost))
    throw new RangeError('scrypt cost out of bounds')
  const header = Uint8Array.of(VERSION, KDF_SCRYPT, cost.log2N, cost.r, cost.p)
  const salt = random(SALT_LENGTH)
  const nonce = random(NACL_NONCE_LENGTH)
  const key = deriveKey(passphrase, concat(header, salt), cost)
  const box = nacl.secretbox(seed, nonce, key)
  wipe(key)
  return armorBackup(suite, concat(header, salt, nonce, box))
}

export interface OpenBackupOptions {
  readonly text: string
  readonly passphrase: string
  readonly nacl: NaclBoxes
  readonly suite: CryptoSuite
}

/**
 * @returns the seed, 32 bytes, to be wiped by the caller.
 * @throws BackupError MALFORMED, WRONG_PASSPHRASE or UNSUPPORTED.
 */
export function openBackup({ text, passphrase, nacl, suite }: OpenBackupOptions): Uint8Array {
  const { cost, salt, nonce, box } = readBackup(dearmorBackup(suite, text))
  const key = deriveKey(passphrase, salt, cost)
  const seed = nacl.secretbox.open(box, nonce, key)
  wipe(key)
  if (seed === null) throw new BackupError('WRONG_PASSPHRASE')
  return seed
}

interface BackupParts {
  readonly cost: ScryptCost
  /** With the header before it. */
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
  readonly box: Uint8Array
}

function readBackup(bytes: Uint8Array): BackupParts {
  try {
    const reader = new Reader(bytes)
    // Checked before the rest: a newer version may look quite different after these two.
    const isKnown = reader.u8() === VERSION && reader.u8() === KDF_SCRYPT
    if (!isKnown) throw new BackupError('UNSUPPORTED')
    const cost: ScryptCost = { log2N: reader.u8(), r: reader.u8(), p: reader.u8() }
    if (!isAffordable(cost)) throw new BackupError('UNSUPPORTED')
    reader.bytes(SALT_LENGTH)
    const salt = bytes.subarray(0, bytes.length - reader.remaining)
    const nonce = reader.bytes(NACL_NONCE_LENGTH)
    const box = reader.bytes(SEED_BYTES + NACL_OVERHEAD)
    reader.end()
    return { cost, salt, nonce, box }
  } catch (error) {
    if (error instanceof DecodeError) throw new BackupError('MALFORMED')
    throw error
  }
}

/** Bounds memory and time before they are spent: the header may come from anyone. */
function isAffordable({ log2N, r, p }: ScryptCost): boolean {
  // RFC 7914 2: N is at least 2 and less than 2^(128 * r / 8).
  if (log2N < 1 || log2N >= 16 * r || p < 1) return false
  const work = 2 ** log2N * r
  return 128 * work <= BACKUP_MAX_SCRYPT_BYTES && work * p <= BACKUP_MAX_SCRYPT_WORK
}

/** The same key whichever way a keyboard composes accented letters (NFKC). */
function deriveKey(passphrase: string, salt: Uint8Array, { log2N, r, p }: ScryptCost): Uint8Array {
  const password = utf8Encode(passphrase.normalize('NFKC'))
  const key = scrypt(password, salt, { N: 2 ** log2N, r, p, dkLen: NACL_KEY_LENGTH })
  wipe(password)
  return key
}
