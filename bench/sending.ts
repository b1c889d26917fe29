// Sends as fast as a session takes it, in Node and in browsers.

import type { Peer } from '../client/api.ts'

/** Sends under way at once: enough to keep a path full, less than an outbox holds. */
const OUTSTANDING = 2_048
const OUTSTANDING_BYTES = 8 * 1024 * 1024

/** Settles when all of them are delivered. */
export function sendAll(peer: Peer, data: Uint8Array, count: number): Promise<void> {
  const most = Math.min(OUTSTANDING, OUTSTANDING_BYTES / data.length)
  let [started, underWay] = [0, 0]
  return new Promise<void>((resolve, reject) => {
    const fill = (): void => {
      while (started < count && underWay < most) {
        started += 1
        underWay += 1
        peer.send(data).then(() => {
          underWay -= 1
          if (started === count && underWay === 0) resolve()
          else fill()
        }, reject)
      }
    }
    fill()
  })
}
