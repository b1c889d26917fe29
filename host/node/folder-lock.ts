// One process per data folder. The lock is a listening local socket in the folder: the kernel stops it with
// the process, so after a crash it is known to be dead and is taken over. Where the folder's path is too
// long for a socket, it lies in the folder for temporary files instead.

import { createHash, randomBytes } from 'node:crypto'
import { realpath, rename, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MeshError } from '../../shared/node/mesh-error.ts'
import { storageError } from './storage-error.ts'

type Release = () => Promise<void>

/** Bytes of a socket's path, without the suffix of a take-over: macOS allows 103, Linux 107. */
const MAX_SOCKET_PATH_BYTES = 90

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
  const path = socketPath(await realpath(folder))
  return (await listen(path)) ?? (await takeOver(path))
}

/**
 * A socket whose process is gone takes no connections. Others may find that out at the same moment, so it
 * is moved aside first, which only one of them can do; and what was moved is looked at once more, for it
 * may be the new lock of somebody faster.
 */
async function takeOver(path: string): Promise<Release | undefined> {
  if (process.platform === 'win32' || (await isHeld(path))) return undefined
  const aside = `${path}.${randomBytes(4).toString('hex')}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return listen(path)
  }
  if (await isHeld(aside)) {
    await rename(aside, path)
    return undefined
  }
  await rm(aside, { force: true })
  return listen(path)
}

/** @returns undefined when the path is taken, by a live lock or a dead one */
function listen(path: string): Promise<Release | undefined> {
  const server = createServer(socket => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => {
      // The lock alone must not keep a process alive.
      server.unref()
      resolve(() => new Promise(done => server.close(() => done())))
    })
  })
}

/** Only a refused connection proves that nobody listens. */
function isHeld(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}

/** @param folder without symbolic links, so that every way to it gives the same lock */
function socketPath(folder: string): string {
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 32)
  if (process.platform === 'win32') return `\\\\.\\pipe\\keymesh-${name}`
  const inside = join(folder, 'lock')
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH_BYTES) return inside
  return join(tmpdir(), `keymesh-${name}.lock`)
}
