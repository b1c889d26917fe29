// The node's seed in this browser: made on first start, kept in IndexedDB as an AES-GCM blob under a
// WebCrypto key that cannot be exported (threat 24). A copied database alone does not give the key away.

import { createStore, get, type UseStore, update } from 'idb-keyval'
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
 * @returns the seed; the caller wipes it
 * @throws {MeshError} `STORAGE` when the browser gives no storage, `CORRUPT` when the kept identity is damaged
 */
export async function loadOrCreateSeed(database: string): Promise<Uint8Array> {
  const store = createStore(database, 'keymesh')
  try {
    const kept = await get<unknown>(SLOT, store)
    if (kept !== undefined) return await unwrap(kept)
    return await create(store)
  } catch (cause) {
    if (cause instanceof MeshError) throw cause
    throw new MeshError('STORAGE', 'This browser does not let keymesh keep its identity.', {
      cause,
      hint: 'Leave private browsing or allow this site to store data.',
    })
  }
}

/** Two tabs may start at once: whoever writes first wins, and both use what is kept then. */
async function create(store: UseStore): Promise<Uint8Array> {
  const fresh = await wrap(crypto.getRandomValues(new Uint8Array(SEED_BYTES)))
  await update<unknown>(SLOT, kept => kept ?? fresh, store)
  return unwrap(await get<unknown>(SLOT, store))
}

async function wrap(seed: Uint8Array<ArrayBuffer>): Promise<Wrapped> {
  const wrappingKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, wrappingKey, seed)
  seed.fill(0)
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
    hint: 'Restore your backup, or clear the data of this site to start with a new key.',
  })
}
