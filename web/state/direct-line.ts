// How it stands with a direct connection to a peer, as the page says it beside the mode that the chat has now: an explanation
// can be older than that. Pure.

import type { Explanation, PathMode } from '../../client/api.ts'
import { directWords } from '../../client/direct-words.ts'
import type { Reach } from './reach.ts'

/** @param mode that of the chat */
export function directLine(
  direct: Explanation['direct'],
  mode: PathMode,
  reach: Reach | undefined,
): string {
  if (direct === undefined) return directWords(direct)
  if (mode !== 'fast') return 'not used in this mode'
  if (direct.state !== 'idle' || direct.reason !== undefined) return directWords(direct)
  return reach?.kind === 'open' ? 'none now' : 'none: there is no session with the peer'
}
