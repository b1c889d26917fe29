// What to do about a failure, as somebody can who has this page: there is no place in it to add a server or to set an
// option, so hints that are meant for programs and terminals are worded anew. Pure.

import type { ErrorCode } from '../../client/api.ts'

const WORDS: Partial<Record<ErrorCode, string>> = {
  OFFLINE: 'What you write goes out by itself when it is back.',
  UNREACHABLE: 'Check your network; this page goes on trying by itself.',
  NO_PATH: 'This page learns of more servers by itself: try again later.',
  TIMEOUT: 'Try again in a while.',
  CLOSED: 'Reload the page to connect again.',
  STORAGE: 'Check whether this browser lets the page keep data, as private windows may not.',
}
const PRIVATE =
  'This page learns of more servers by itself: try again later, or choose another mode.'

/** @param hint what the library says @param isPrivate whether a private path was wanted */
export function pageHint(
  code: ErrorCode,
  hint: string | undefined,
  isPrivate: boolean,
): string | undefined {
  return code === 'NO_PATH' && isPrivate ? PRIVATE : (WORDS[code] ?? hint)
}
