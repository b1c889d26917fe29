// In a word or two, for a badge: why a key is not reached. Pure.

import type { ErrorCode } from '../../client/api.ts'

const LABELS: Partial<Record<ErrorCode, string>> = {
  OFFLINE: 'peer is offline',
  NO_PATH: 'no path',
  TIMEOUT: 'no answer',
  REVOKED: 'key is revoked',
}

/** @param isPrivate whether a private path was wanted @returns `undefined` for what has no short word */
export function labelOf(code: ErrorCode, isPrivate: boolean): string | undefined {
  return code === 'NO_PATH' && isPrivate ? 'no private path' : LABELS[code]
}
