// An error as a person reads it: one clear sentence and what to do about it. Shows no stack and no code.

import { MeshError } from '../../client/browser.ts'
import { cleanLine } from './clean-text.ts'
import { pageHint } from './page-hints.ts'
import { labelOf } from './path-labels.ts'

const SENTENCE_MAX_CODE_POINTS = 400
const PLAIN_FIRST_WORD = /^\p{L}[\p{L}'’]*[,:;.]?(?:\s|$)/u

export interface Problem {
  readonly sentence: string
  readonly hint?: string
  /** In a word or two, of a key that is not reached. */
  readonly label?: string
  /** The key is gone for good; its holder may have named another. */
  readonly revoked?: { readonly successor?: string }
}

/** @param action what failed, as the start of a sentence for errors that are not ours: `The chat could not open` */
export function problemOf(error: unknown, action: string): Problem {
  if (error instanceof MeshError) {
    const { code, message, hint, successor } = error
    // Only a private path that there is none for has a hint of its own.
    const isPrivate = code === 'NO_PATH' && hint !== new MeshError(code, message).hint
    const label = labelOf(code, isPrivate)
    return {
      sentence: asSentence(message),
      hint: asSentence(pageHint(code, hint, isPrivate) ?? hint),
      ...(label !== undefined && { label }),
      ...(code === 'REVOKED' && { revoked: successor === undefined ? {} : { successor } }),
    }
  }
  const detail = error instanceof Error ? error.message : ''
  return { sentence: asSentence(detail === '' ? action : `${action}: ${detail}`) }
}

export function fullSentence(problem: Problem): string {
  return problem.hint === undefined ? problem.sentence : `${problem.sentence} ${problem.hint}`
}

/** First letter large (of a word, not of an address), full stop at the end. The parts of a message can come from a server: cleaned. */
export function asSentence(text: string): string {
  const clean = cleanLine(text, SENTENCE_MAX_CODE_POINTS)
  if (clean === '') return 'Something went wrong.'
  const upper = PLAIN_FIRST_WORD.test(clean)
    ? clean.slice(0, 1).toUpperCase() + clean.slice(1)
    : clean
  return /[.!?…]$/u.test(upper) ? upper : `${upper}.`
}
