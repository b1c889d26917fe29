// Why a session has no path, or a key is not reached, as the page says it. Pure.

import { adviceOf } from '../../client/advice.ts'
import type { Explanation } from '../../client/api.ts'
import { pageHint } from './page-hints.ts'
import { labelOf } from './path-labels.ts'
import { asSentence } from './problem.ts'

export interface PathProblem {
  readonly kind: 'untried' | 'failed'
  /** For a badge. */
  readonly label: string
  readonly sentence: string
  readonly hint?: string
}

/** @returns `undefined` for a key that is reached */
export function pathProblem(explanation: Explanation): PathProblem | undefined {
  const { kind, sentence, hint, code } = adviceOf(explanation)
  if (kind === 'reached') return undefined
  const isPrivate = explanation.mode === 'private'
  const advised = code === undefined ? hint : pageHint(code, hint, isPrivate)
  return {
    kind,
    // Whoever has a session was there once: servers have forgotten it since.
    label:
      (code && labelOf(code === 'NOT_FOUND' ? 'OFFLINE' : code, isPrivate)) ?? 'finding a path…',
    sentence: asSentence(sentence),
    ...(advised !== undefined && { hint: asSentence(advised) }),
  }
}
