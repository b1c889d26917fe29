// How long an explanation waits for a direct connection that is being made: until its outcome is known or a few
// seconds are over. Asks again and again, as a node tells of an attempt only when it is asked.

import { setTimeout as delay } from 'node:timers/promises'
import type { Explanation } from '../client/node.ts'
import { isDirectInUse } from './direct-text.ts'

/** Two that can reach each other have found out long before; with others it may take four times as long. */
export const DIRECT_WAIT_MS = 5_000
/** Each question costs every server of ours one lookup. */
const PAUSE_MS = 200

export interface DirectWait {
  /** At most, from the first answer on. */
  readonly waitMs: number
  readonly signal: AbortSignal
}

/** @returns the last explanation, whatever came of the attempt, also when it was given up @throws {MeshError} as `ask` */
export async function explanationAfterDirect(
  ask: () => Promise<Explanation>,
  { waitMs, signal }: DirectWait,
): Promise<Explanation> {
  let explanation = await ask()
  const until = performance.now() + waitMs
  while (isUnderWay(explanation)) {
    const leftMs = until - performance.now()
    if (leftMs <= 0) break
    await delay(Math.min(PAUSE_MS, leftMs), undefined, { signal }).catch(() => {})
    if (signal.aborted) break
    explanation = await ask()
  }
  return explanation
}

/** Whether the outcome of an attempt is still to come, or its connection still to be taken into use. */
function isUnderWay({ direct, routes }: Explanation): boolean {
  switch (direct?.state) {
    case 'trying':
      return true
    case 'waiting':
      return direct.reason === undefined
    case 'open':
      return !isDirectInUse(routes)
    default:
      return false
  }
}
