// One identity, one running tab: a Web Lock says who it is. A tab that wants to take over asks first, so
// that the other one saves and says goodbye; a tab that does not answer in time loses the lock anyway.
// Where the page has no locks (plain http on a LAN) every tab runs.

import { HANDOVER_TIMEOUT_MS } from './limits.ts'

const LOCK_NAME = 'keymesh/node'
const HANDOVER = 'handover'

export interface TabLock {
  /**
   * @returns false when another tab runs and `isTakeover` is false
   * @param onLost closes this tab's node; the lock goes on to the other tab when it settles
   */
  claim(isTakeover: boolean, onLost: () => Promise<void>): Promise<boolean>
  release(): void
}

export type Locks = Pick<LockManager, 'request'>
export type TabChannel = Pick<BroadcastChannel, 'postMessage' | 'addEventListener'>

export function createTabLock(locks: Locks | undefined, channel: TabChannel): TabLock {
  let held: { release(): void; onLost(): Promise<void> } | undefined

  channel.addEventListener('message', event => {
    const holder = held
    if (event.data !== HANDOVER || holder === undefined) return
    held = undefined
    void holder.onLost().finally(holder.release)
  })

  /** @returns whether the lock is ours; rejects as `locks.request` does before it was granted */
  const request = (manager: Locks, options: LockOptions, onLost: () => Promise<void>) =>
    new Promise<boolean>((resolve, reject) => {
      let mine: typeof held
      manager
        .request(LOCK_NAME, options, async lock => {
          if (lock === null) return resolve(false)
          await new Promise<void>(release => {
            mine = { release, onLost }
            held = mine
            resolve(true)
          })
        })
        .catch(error => {
          reject(error)
          // Granted before, so it was stolen: the handover came too late for this tab.
          if (mine === undefined || held !== mine) return
          held = undefined
          void onLost()
        })
    })

  return {
    async claim(isTakeover, onLost) {
      if (locks === undefined) return true
      if (!isTakeover) return request(locks, { ifAvailable: true }, onLost)
      channel.postMessage(HANDOVER)
      try {
        return await request(locks, { signal: AbortSignal.timeout(HANDOVER_TIMEOUT_MS) }, onLost)
      } catch {
        return request(locks, { steal: true }, onLost)
      }
    },
    release() {
      held?.release()
      held = undefined
    },
  }
}
