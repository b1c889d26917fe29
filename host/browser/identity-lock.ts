// Keeps a node and whoever replaces its identity apart, across tabs and workers of one origin: each node
// holds a shared Web Lock on its database, replacing needs the lock alone. A page that goes away lets go.

import { MeshError } from '../../shared/node/mesh-error.ts'

const lockName = (database: string): string => `keymesh-identity:${database}`

/**
 * Waits while the identity is being replaced.
 * @returns a function that releases the lock, and settles when it is free
 * @throws {MeshError} `STORAGE` on a page that has no locks
 */
export async function holdIdentity(database: string): Promise<() => Promise<void>> {
  const locks = locksOfPage()
  return new Promise((resolve, reject) => {
    const untilReleased = (): Promise<void> =>
      new Promise(release => {
        resolve(() => {
          release()
          return held
        })
      })
    const held = locks.request(lockName(database), { mode: 'shared' }, untilReleased)
    held.catch(reject)
  })
}

/** @throws {MeshError} `IN_USE` when a node runs on the database, `STORAGE`, and as `task` */
export async function withIdentityAlone(
  database: string,
  task: () => Promise<void>,
): Promise<void> {
  await locksOfPage().request(lockName(database), { ifAvailable: true }, async lock => {
    if (lock !== null) return task()
    throw new MeshError('IN_USE', 'A node of this site uses the identity right now.', {
      hint: 'Close that node, and other tabs with this site, then try again.',
    })
  })
}

/** Browsers have locks on secure pages only, whatever the types say; identities are kept on no others. */
function locksOfPage(): LockManager {
  if ('locks' in navigator) return navigator.locks
  throw new MeshError('STORAGE', 'A page without encryption cannot keep an identity.', {
    hint: 'Open this site with https://, or use localhost.',
  })
}
