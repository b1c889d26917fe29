// The node's seed in a file of its data folder, readable by its owner only. Written once, whole or not
// at all; a damaged file is an error and is never overwritten.

import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromHex, toHex } from '../../shared/bytes/hex.ts'
import { wipe } from '../../shared/bytes/wipe.ts'
import { SEED_BYTES } from '../../shared/identity/identity.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { storageError } from './storage-error.ts'

const FILE = 'identity'
const HEADER = 'keymesh-identity-1'
const FORM = new RegExp(`^${HEADER} ([0-9a-f]{64})\\n$`)

/**
 * The seed kept in `folder`; the folder and the seed are made on first use.
 * @throws {MeshError} `STORAGE` when the folder cannot be read or written, `CORRUPT` when the file is damaged
 */
export async function loadOrCreateSeed(folder: string): Promise<Uint8Array> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return (await read(folder)) ?? (await create(folder))
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
    hint: 'Restore the file from a backup, or move it away to start with a new key.',
  })
}

async function create(folder: string): Promise<Uint8Array> {
  const seed = new Uint8Array(randomBytes(SEED_BYTES))
  const draft = join(folder, `${FILE}.${toHex(randomBytes(6))}.new`)
  try {
    await writeWhole(draft, `${HEADER} ${toHex(seed)}\n`)
    // A link fails where a rename would overwrite: the first of two starters wins.
    await link(draft, join(folder, FILE))
    await syncFolder(folder)
    return seed
  } catch (error) {
    wipe(seed)
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const others = await read(folder)
    if (others === undefined) throw error
    return others
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A new name lasts through a power cut only once its folder is on the disk. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
