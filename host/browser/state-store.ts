// What a node in a browser keeps beside its identity: small values in IndexedDB. One node of an origin has it at a
// time, by a Web Lock; others of the same database keep nothing, so that no two take up one session. A write that
// fails is lost, as everything was before there was a store.

import { createStore, entries, promisifyRequest } from 'idb-keyval'
import type { SmallStore } from './browser-host.ts'

export interface StateStore extends SmallStore {
  /** What earlier lives kept. */
  readonly saved: ReadonlyMap<string, Uint8Array>
  /** Settles when everything is written and another node may have the store. */
  close(): Promise<void>
}

/** A page that is reloaded may have to wait for the end of the one before. */
const HANDOVER_MS = 300

/** @returns `undefined` when another node has it, or the browser gives no storage */
export async function openStateStore(database: string): Promise<StateStore | undefined> {
  const release = await lock(`keymesh-state:${database}`)
  if (release === undefined) return undefined
  try {
    return await open(`${database}-state`, release)
  } catch {
    release()
    return undefined
  }
}

async function open(name: string, release: () => void): Promise<StateStore> {
  const store = createStore(name, 'state')
  const saved = new Map<string, Uint8Array>()
  for (const [key, value] of await entries<IDBValidKey, unknown>(store)) {
    if (typeof key === 'string' && value instanceof Uint8Array) saved.set(key, value)
  }
  let waiting = new Map<string, Uint8Array | undefined>()
  let last = Promise.resolve()

  const write = (): void => {
    const changes = waiting
    waiting = new Map()
    last = store('readwrite', values => {
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key)
        else values.put(value, key)
      }
      // Else the browser waits for more requests, and a page that is about to go has no such time.
      values.transaction.commit()
      return promisifyRequest(values.transaction)
    }).catch(() => {})
  }

  return {
    saved,
    // What is saved in one task is written at once. Transactions keep the order in which they were made.
    save(key, value) {
      if (waiting.size === 0) queueMicrotask(write)
      waiting.set(key, value)
    },
    async close() {
      await Promise.resolve()
      await last
      release()
    },
  }
}

/** @returns what releases it, `undefined` when it is not free */
async function lock(name: string): Promise<(() => void) | undefined> {
  if (!('locks' in navigator)) return undefined
  const now = await request(name, { ifAvailable: true })
  return now ?? request(name, { signal: AbortSignal.timeout(HANDOVER_MS) })
}

function request(name: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise(resolve => {
    navigator.locks
      .request(name, options, granted => {
        if (granted === null) return resolve(undefined)
        return new Promise<void>(release => resolve(release))
      })
      .catch(() => resolve(undefined))
  })
}
