// A seed as text under a passphrase and back (docs/PROTOCOL.md 2.5), in the errors of the library. Where
// seeds are kept is for the entries, which load this file on first use.

import { wipe } from '../shared/bytes/wipe.ts'
import type { CryptoSuite } from '../shared/crypto/suite.ts'
import { createBackup, openBackup } from '../shared/identity/backup.ts'
import type { BackupErrorCode } from '../shared/identity/backup-error.ts'
import { BackupError } from '../shared/identity/backup-error.ts'
import type { ErrorCode } from '../shared/node/mesh-error.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import { loadNacl } from './nacl.ts'

/**
 * @param seed is wiped, also on failure
 * @throws {MeshError} `USAGE` for an empty passphrase, `UNREACHABLE`
 */
export async function sealSeed(
  seed: Uint8Array,
  passphrase: string,
  suite: CryptoSuite,
): Promise<string> {
  try {
    if (passphrase === '') throw noPassphrase()
    const nacl = await loadNacl()
    return createBackup({ seed, passphrase, nacl, suite, random })
  } finally {
    wipe(seed)
  }
}

/**
 * @returns the seed; the caller wipes it
 * @throws {MeshError} `CORRUPT`, `UNAUTHENTICATED`, `INCOMPATIBLE`, `USAGE` for an empty passphrase, `UNREACHABLE`
 */
export async function openSeed(
  text: string,
  passphrase: string,
  suite: CryptoSuite,
): Promise<Uint8Array> {
  if (passphrase === '') throw noPassphrase()
  const nacl = await loadNacl()
  try {
    return openBackup({ text, passphrase, nacl, suite })
  } catch (error) {
    if (!(error instanceof BackupError)) throw error
    const { code, hint } = FAILURES[error.code]
    throw new MeshError(code, error.message, { cause: error, hint })
  }
}

const FAILURES: Readonly<Record<BackupErrorCode, { code: ErrorCode; hint: string }>> = {
  MALFORMED: {
    code: 'CORRUPT',
    hint: 'Copy the text again, whole, from its BEGIN line to its END line.',
  },
  WRONG_PASSPHRASE: {
    code: 'UNAUTHENTICATED',
    hint: 'Type the passphrase that was chosen when this backup was made.',
  },
  UNSUPPORTED: { code: 'INCOMPATIBLE', hint: 'Update keymesh and restore again.' },
}

function noPassphrase(): MeshError {
  return new MeshError('USAGE', 'The passphrase is empty.', {
    hint: 'A backup is as safe as its passphrase: choose one that nobody can guess.',
  })
}

function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
