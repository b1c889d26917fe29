// Whether a key is online, as its servers say at this moment.

import type { MeshNode, Presence } from '../client/node.ts'

/** Servers that know answer at once. */
const WAIT_MS = 1_500

/** @returns `unknown` when none says more in a moment */
export function presenceNow(
  node: Pick<MeshNode, 'watch'>,
  key: string,
  signal: AbortSignal,
): Promise<Presence['state']> {
  return new Promise(resolve => {
    let isSettled = false
    let stop = (): void => {}
    const settle = (state: Presence['state']): void => {
      isSettled = true
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      stop()
      resolve(state)
    }
    const giveUp = (): void => settle('unknown')
    const timer = setTimeout(giveUp, WAIT_MS)
    signal.addEventListener('abort', giveUp)
    const stopWatching = node.watch(key, ({ state }) => {
      if (!isSettled && state !== 'unknown') settle(state)
    })
    // The first news may have come before this.
    if (isSettled) stopWatching()
    else stop = stopWatching
  })
}
