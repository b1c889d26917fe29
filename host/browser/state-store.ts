// What a node in a browser keeps beside its identity: small values in IndexedDB. One node of an origin has it at a
// time, by a Web Lock; others of the same database keep nothing, so that no two take up one session. A write that
// fails is lost, as everything was before there was a store.

import { createStore, entries, promisifyRequest } from 'idb-keyval'
import type { SmallStore } from './browser-host.ts'

export interface StateStore extends SmallStore {
  /** What earlier lives kept. */
  readonly saved: ReadonlyMap<string, Uint8Array>
  /** Another node may have the store, and finds in it what was saved. Settles when everything is written. */
  close(): Promise<void>
}

/** A page that is reloaded may have to wait for the end of the one before. */
const HANDOVER_MS = 300

/** Whoever has the store. */
interface Holder {
  /** Somebody took it away: nothing is written any more. */
  readonly isRobbed: boolean
  release(): void
}

/**
 * @param isTakenAway whoever has it does not answer, and loses it
 * @returns `undefined` when another node has it, or the browser gives no storage
 */
export async function openStateStore(
  database: string,
  isTakenAway = false,
): Promise<StateStore | undefined> {
  const holder = await lock(`keymesh-state:${database}`, isTakenAway)
  if (holder === undefined) return undefined
  try {
    return await open(`${database}-state`, holder)
  } catch {
    holder.release()
    return undefined
  }
}

async function open(name: string, holder: Holder): Promise<StateStore> {
  const store = createStore(name, 'state')
  const saved = new Map<string, Uint8Array>()
  for (const [key, value] of await entries<IDBValidKey, unknown>(store)) {
    if (typeof key === 'string' && value instanceof Uint8Array) saved.set(key, value)
  }
  let waiting = new Map<string, Uint8Array | undefined>()
  let begun = Promise.resolve()
  let last = Promise.resolve()

  const write = (): void => {
    const changes = waiting
    waiting = new Map()
    if (holder.isRobbed) return
    let begin = (): void => {}
    begun = new Promise(resolve => {
      begin = resolve
    })
    last = store('readwrite', values => {
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key)
        else values.put(value, key)
      }
      // Else the browser waits for more requests, and a page that is about to go has no such time.
      values.transaction.commit()
      begin()
      return promisifyRequest(values.transaction)
    })
      .catch(() => {})
      .finally(begin)
  }

  return {
    saved,
    // What is saved in one task is written at once. Transactions keep the order in which they were made.
    save(key, value) {
      if (waiting.size === 0) queueMicrotask(write)
      waiting.set(key, value)
    },
    // What is begun comes before all that the next node does, and a page that is frozen never hears of its end.
    async close() {
      await Promise.resolve()
      await begun
      holder.release()
      await last
    },
  }
}

/** @returns `undefined` when it is not free */
async function lock(name: string, isTakenAway: boolean): Promise<Holder | undefined> {
  if (!('locks' in navigator)) return undefined
  if (isTakenAway) return request(name, { steal: true })
  const now = await request(name, { ifAvailable: true })
  return now ?? request(name, { signal: AbortSignal.timeout(HANDOVER_MS) })
}

function request(name: string, options: LockOptions): Promise<Holder | undefined> {
  return new Promise(resolve => {
    let isRobbed = false
    navigator.locks
      .request(name, options, granted => {
        if (granted === null) return resolve(undefined)
        return new Promise<void>(release => {
          const holder = {
            get isRobbed() {
              return isRobbed
            },
            release,
          }
          resolve(holder)
        })
      })
      .catch(() => {
        isRobbed = true
        resolve(undefined)
      })
  })
}
