// The node's seed in a file of its data folder, readable by its owner only. Written whole or not at all;
// another identity, or a damaged file, is overwritten only when the caller says so.

import { randomBytes } from 'node:crypto'
import { link, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes } from '../../shared/bytes/equal.ts'
import { fromHex, toHex } from '../../shared/bytes/hex.ts'
import { wipe } from '../../shared/bytes/wipe.ts'
import { SEED_BYTES } from '../../shared/identity/identity.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { makeFolders } from './make-folders.ts'
import { writePrivateFile } from './private-file.ts'
import { storageError } from './storage-error.ts'

const FILE = 'identity'
const HEADER = 'keymesh-identity-1'
const FORM = new RegExp(`^${HEADER} ([0-9a-f]{64})\\n$`)

/**
 * The seed kept in `folder`; the folder and the seed are made on first use.
 * @throws {MeshError} `STORAGE` when the folder cannot be read or written, `CORRUPT` when the file is damaged
 */
export async function loadOrCreateSeed(folder: string): Promise<Uint8Array> {
  await makeFolder(folder)
  return inFolder(folder, async () => (await read(folder)) ?? (await create(folder)))
}

/** The seed kept in `folder`. @throws {MeshError} `NOT_FOUND` when there is none yet, `STORAGE`, `CORRUPT` */
export async function loadSeed(folder: string): Promise<Uint8Array> {
  const seed = await inFolder(folder, () => read(folder))
  if (seed !== undefined) return seed
  throw new MeshError('NOT_FOUND', `The data folder ${folder} has no identity yet.`, {
    hint: 'Start a node on it, or run keymesh id, to make one.',
  })
}

/**
 * Keeps `seed` in `folder`, in one step. The caller holds the folder's lock.
 * @param mayReplace whether another identity, or a damaged file, may be lost
 * @throws {MeshError} `USAGE` when there is another identity, `CORRUPT` when the file is damaged, `STORAGE`
 */
export function storeSeed(folder: string, seed: Uint8Array, mayReplace: boolean): Promise<void> {
  return inFolder(folder, async () => {
    if (mayReplace) return write(folder, seed, rename)
    const kept = (await read(folder)) ?? (await createFrom(folder, seed))
    const isSame = equalBytes(kept, seed)
    if (kept !== seed) wipe(kept)
    if (isSame) return
    throw new MeshError('USAGE', `The data folder ${folder} has another identity already.`, {
      hint: 'Back that one up if you may need it, then allow it to be replaced, or choose another folder.',
    })
  })
}

/** For its owner only, with the folders above it. @throws {MeshError} `STORAGE` */
export async function makeFolder(folder: string): Promise<void> {
  await inFolder(folder, () => makeFolders(folder))
}

async function inFolder<T>(folder: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task()
  } catch (error) {
    throw storageError(folder, error)
  }
}

async function read(folder: string): Promise<Uint8Array | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, FILE), 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const match = FORM.exec(text)
  if (match?.[1] !== undefined) return fromHex(match[1])
  throw new MeshError('CORRUPT', `The identity in ${join(folder, FILE)} is damaged.`, {
    hint: 'Restore a backup in its place, or move it away to start with a new key.',
  })
}

async function create(folder: string): Promise<Uint8Array> {
  const seed = new Uint8Array(randomBytes(SEED_BYTES))
  let kept: Uint8Array | undefined
  try {
    kept = await createFrom(folder, seed)
    return kept
  } finally {
    if (kept !== seed) wipe(seed)
  }
}

/** The first of two starters wins. @returns `seed`, or what another has written meanwhile */
async function createFrom(folder: string, seed: Uint8Array): Promise<Uint8Array> {
  try {
    // A link fails where a rename would overwrite.
    await write(folder, seed, link)
    return seed
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EEXIST'
    const others = isTaken ? await read(folder) : undefined
    if (others === undefined) throw error
    return others
  }
}

function write(folder: string, seed: Uint8Array, place: typeof rename): Promise<void> {
  return writePrivateFile(join(folder, FILE), `${HEADER} ${toHex(seed)}\n`, place)
}
