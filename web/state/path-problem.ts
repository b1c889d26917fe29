// Why a session has no path, or a key is not reached, as the page says it. Pure.

import { adviceOf } from '../../client/advice.ts'
import type { ErrorCode, Explanation } from '../../client/api.ts'
import { pageHint } from './page-hints.ts'
import { asSentence } from './problem.ts'

export interface PathProblem {
  readonly kind: 'untried' | 'failed'
  /** For a badge. */
  readonly label: string
  readonly sentence: string
  readonly hint?: string
}

const LABELS: Partial<Record<ErrorCode, string>> = {
  OFFLINE: 'peer is offline',
  NOT_FOUND: 'peer is offline',
  NO_PATH: 'no path',
  TIMEOUT: 'no answer',
  REVOKED: 'key is revoked',
}

/** @returns `undefined` for a key that is reached */
export function pathProblem(explanation: Explanation): PathProblem | undefined {
  const { kind, sentence, hint, code } = adviceOf(explanation)
  if (kind === 'reached') return undefined
  const isPrivate = explanation.mode === 'private'
  const advised = code === undefined ? hint : pageHint(code, hint, isPrivate)
  return {
    kind,
    label: (code && labelOf(code, isPrivate)) ?? 'finding a path…',
    sentence: asSentence(sentence),
    ...(advised !== undefined && { hint: asSentence(advised) }),
  }
}

function labelOf(code: ErrorCode, isPrivate: boolean): string | undefined {
  return code === 'NO_PATH' && isPrivate ? 'no private path' : LABELS[code]
}
