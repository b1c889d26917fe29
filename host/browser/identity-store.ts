// The node's seed in this browser: made on first start, kept in IndexedDB as an AES-GCM blob under a
// WebCrypto key that cannot be exported (threat 24). A copied database alone does not give the key away.

import type { UseStore } from 'idb-keyval'
import { createStore, get, set, update } from 'idb-keyval'
import { equalBytes } from '../../shared/bytes/equal.ts'
import { wipe } from '../../shared/bytes/wipe.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'

const SEED_BYTES = 32
const IV_BYTES = 12
const SLOT = 'identity'

interface Wrapped {
  readonly version: 1
  readonly wrappingKey: CryptoKey
  readonly iv: Uint8Array<ArrayBuffer>
  readonly sealed: ArrayBuffer
}

/**
 * @param database name of the IndexedDB database
 * @returns the seed, made on first use; the caller wipes it
 * @throws {MeshError} `STORAGE` when the browser gives no storage, `CORRUPT` when the kept identity is damaged
 */
export function loadOrCreateSeed(database: string): Promise<Uint8Array> {
  return withStore(database, async store => {
    return (
      (await read(store)) ??
      (await create(store, crypto.getRandomValues(new Uint8Array(SEED_BYTES))))
    )
  })
}

/** The seed as `loadOrCreateSeed` gives it. @throws {MeshError} `NOT_FOUND` when there is none yet, `STORAGE`, `CORRUPT` */
export function loadSeed(database: string): Promise<Uint8Array> {
  return withStore(database, async store => {
    const seed = await read(store)
    if (seed !== undefined) return seed
    throw new MeshError('NOT_FOUND', 'This browser keeps no identity yet.', {
      hint: 'Start a node: it makes one.',
    })
  })
}

/**
 * Keeps `seed`, in one step. The caller holds the identity alone (identity-lock.ts).
 * @param mayReplace whether another identity, or a damaged one, may be lost
 * @throws {MeshError} `USAGE` when there is another, `CORRUPT` when what is kept is damaged, `STORAGE`
 */
export function storeSeed(database: string, seed: Uint8Array, mayReplace: boolean): Promise<void> {
  return withStore(database, async store => {
    if (mayReplace) return set(SLOT, await wrap(new Uint8Array(seed)), store)
    const kept = (await read(store)) ?? (await create(store, new Uint8Array(seed)))
    const isSame = equalBytes(kept, seed)
    wipe(kept)
    if (isSame) return
    throw new MeshError('USAGE', 'This browser keeps another identity already.', {
      hint: 'Back that one up if you may need it, then allow it to be replaced.',
    })
  })
}

async function withStore<T>(database: string, task: (store: UseStore) => Promise<T>): Promise<T> {
  try {
    return await task(createStore(database, 'keymesh'))
  } catch (cause) {
    if (cause instanceof MeshError) throw cause
    throw new MeshError('STORAGE', 'This browser does not let keymesh keep its identity.', {
      cause,
      hint: 'Leave private browsing or allow this site to store data.',
    })
  }
}

async function read(store: UseStore): Promise<Uint8Array | undefined> {
  const kept = await get<unknown>(SLOT, store)
  return kept === undefined ? undefined : unwrap(kept)
}

/** Two tabs may start at once: whoever writes first wins, and both use what is kept then. */
async function create(store: UseStore, seed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const fresh = await wrap(seed)
  await update<unknown>(SLOT, kept => kept ?? fresh, store)
  return unwrap(await get<unknown>(SLOT, store))
}

/** Wipes `seed`. */
async function wrap(seed: Uint8Array<ArrayBuffer>): Promise<Wrapped> {
  const wrappingKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, wrappingKey, seed)
  wipe(seed)
  return { version: 1, wrappingKey, iv, sealed }
}

async function unwrap(kept: unknown): Promise<Uint8Array> {
  if (!isWrapped(kept)) throw damaged()
  try {
    const { wrappingKey, iv, sealed } = kept
    const seed = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, wrappingKey, sealed)
    if (seed.byteLength === SEED_BYTES) return new Uint8Array(seed)
  } catch (cause) {
    throw damaged(cause)
  }
  throw damaged()
}

function isWrapped(value: unknown): value is Wrapped {
  if (typeof value !== 'object' || value === null) return false
  const { version, wrappingKey, iv, sealed } = value as Partial<Wrapped>
  return (
    version === 1 &&
    wrappingKey instanceof CryptoKey &&
    iv instanceof Uint8Array &&
    sealed instanceof ArrayBuffer
  )
}

function damaged(cause?: unknown): MeshError {
  return new MeshError('CORRUPT', 'The identity kept in this browser is damaged.', {
    cause,
    hint: 'Restore a backup in its place, or clear the data of this site to start with a new key.',
  })
}
