// How it stands with a direct connection to a peer, if that is worth a line. Pure.

import { directWords } from '../client/direct-words.ts'
import type { DirectState } from '../client/node.ts'
import { durationText } from './quantity-text.ts'

/** @returns at most one line; none where none is wanted */
export function directTexts(direct: DirectState | undefined, nowMs: number): string[] {
  if (direct === undefined || (direct.state === 'idle' && direct.reason === undefined)) return []
  const { retryAt } = direct
  const waitMs = retryAt === undefined ? undefined : Math.max(0, retryAt - nowMs)
  return [
    `${directWords(direct)}${waitMs === undefined ? '' : `, again in ${durationText(waitMs)}`}`,
  ]
}
