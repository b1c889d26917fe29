// One process per data folder. Node has no file locks, so each process makes a claim of its own (a socket,
// lock-claim.ts) and then looks for the claims of others:
//   1. a claim is made before its owner looks, so of any two at least one sees the other;
//   2. whoever sees a live claim with a smaller name gives up, whoever sees one with a larger name waits
//      for its outcome: of those that come together the smallest goes on, unless somebody holds already;
//   3. names are never used twice, so a dead claim is removed without harm, by the next holder.

import { createHash, randomBytes } from 'node:crypto'
import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { LockClaim, stateOfClaim } from './lock-claim.ts'
import { storageError } from './storage-error.ts'

type Release = () => Promise<void>

/** Where the claims to one folder are. */
interface Place {
  readonly folder: string
  readonly prefix: string
}

/** Bytes of a socket's path: macOS allows 103, Linux 107. */
const MAX_SOCKET_PATH_BYTES = 100
const NAME_BYTES = 8

/**
 * @param folder exists already
 * @returns a function that releases the lock
 * @throws {MeshError} `IN_USE` when another process holds it, `STORAGE` when it cannot be made
 */
export async function lockFolder(folder: string): Promise<Release> {
  const release = await acquire(folder).catch((cause: unknown) => {
    throw storageError(folder, cause)
  })
  if (release !== undefined) return release
  throw new MeshError('IN_USE', `The data folder ${folder} is used by another keymesh process.`, {
    hint: 'Stop that process, or choose another folder with --data.',
  })
}

async function acquire(folder: string): Promise<Release | undefined> {
  const real = await realpath(folder)
  if (process.platform === 'win32') return acquirePipe(real)
  const place = placeFor(real)
  const name = place.prefix + randomBytes(NAME_BYTES).toString('hex')
  const path = join(place.folder, name)
  const claim = await LockClaim.open(path)
  try {
    const dead = await findRivals(place, name)
    // Its file is there unless a holder, which has gone since, took the claim for dead as it was made.
    if (dead !== undefined && (await exists(path))) {
      claim.hold()
      for (const one of dead) await rm(one, { force: true })
      return () => claim.close()
    }
  } catch (error) {
    await claim.close()
    throw error
  }
  await claim.close()
  return undefined
}

/** @returns the paths of dead claims, or `undefined` when another claim comes first */
async function findRivals(place: Place, own: string): Promise<string[] | undefined> {
  const dead: string[] = []
  const names = await readdir(place.folder)
  for (const name of names.sort()) {
    if (!name.startsWith(place.prefix) || name === own) continue
    const path = join(place.folder, name)
    const state = await stateOfClaim(path, name > own)
    if (state === 'held' || state === 'alive') return undefined
    if (state === 'dead') dead.push(path)
  }
  return dead
}

/** A named pipe leaves nothing behind, so there one name for all is enough. */
async function acquirePipe(folder: string): Promise<Release | undefined> {
  try {
    const claim = await LockClaim.open(`\\\\.\\pipe\\keymesh-${hashOf(folder)}`)
    claim.hold()
    return () => claim.close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
}

/**
 * In the folder itself, or, where its path is too long for a socket, among the temporary files.
 * @param folder without symbolic links, so that every way to it gives the same place
 */
function placeFor(folder: string): Place {
  const longest = join(folder, `lock-${'0'.repeat(2 * NAME_BYTES)}`)
  if (Buffer.byteLength(longest) <= MAX_SOCKET_PATH_BYTES) return { folder, prefix: 'lock-' }
  return { folder: tmpdir(), prefix: `keymesh-${hashOf(folder)}-lock-` }
}

function hashOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16)
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
