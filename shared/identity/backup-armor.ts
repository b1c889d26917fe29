// A backup as text that survives mail, chat and paper: base58 of bytes and a checksum, in short lines
// between two marker lines. White space may change on the way; any other change is noticed.

import bs58 from 'bs58'
import { concat } from '../bytes/concat.ts'
import { equalBytes } from '../bytes/equal.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { BACKUP_MAX_CHARS } from '../wire/limits.ts'
import { BackupError } from './backup-error.ts'

const BEGIN = '-----BEGIN KEYMESH BACKUP-----'
/** The last line: whoever reads a backup from a stream may stop after it. */
export const BACKUP_END = '-----END KEYMESH BACKUP-----'
const LINE_LENGTH = 40
const CHECKSUM_LENGTH = 4

export function armorBackup(suite: CryptoSuite, bytes: Uint8Array): string {
  const digits = bs58.encode(concat(bytes, checksum(suite, bytes)))
  const lines = [BEGIN]
  for (let i = 0; i < digits.length; i += LINE_LENGTH) lines.push(digits.slice(i, i + LINE_LENGTH))
  return `${lines.join('\n')}\n${BACKUP_END}\n`
}

/**
 * Finds the one backup in `text`; what stands before and after the markers is ignored.
 * @throws BackupError MALFORMED
 */
export function dearmorBackup(suite: CryptoSuite, text: string): Uint8Array {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(BACKUP_END)
  if (begin === -1 || end < begin || end - begin > BACKUP_MAX_CHARS) {
    throw new BackupError('MALFORMED')
  }
  const bytes = fromBase58(text.slice(begin + BEGIN.length, end).replace(/\s/g, ''))
  if (bytes.length < CHECKSUM_LENGTH) throw new BackupError('MALFORMED')
  const body = bytes.subarray(0, bytes.length - CHECKSUM_LENGTH)
  if (!equalBytes(bytes.subarray(body.length), checksum(suite, body))) {
    throw new BackupError('MALFORMED')
  }
  return body
}

function fromBase58(digits: string): Uint8Array {
  try {
    return bs58.decode(digits)
  } catch {
    throw new BackupError('MALFORMED')
  }
}

function checksum(suite: CryptoSuite, bytes: Uint8Array): Uint8Array {
  return suite.sha256(bytes).subarray(0, CHECKSUM_LENGTH)
}
