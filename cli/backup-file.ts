// Where the text of a backup goes to and comes from: a file, or `-` for standard output and input.

import { createReadStream } from 'node:fs'
import { lstat, open, rm } from 'node:fs/promises'
import { MeshError } from '../client/node.ts'
import { BACKUP_END } from '../shared/identity/backup-armor.ts'
import { BACKUP_MAX_CHARS } from '../shared/wire/limits.ts'
import type { CliContext } from './context.ts'
import { readUntil } from './read-until.ts'

/** The file name that stands for standard output and input. */
export const STANDARD_STREAM = '-'

/** Room for a letter or the like around it. */
const MAX_CHARS = 16 * BACKUP_MAX_CHARS

/** Says so before a passphrase is asked for. @throws {MeshError} `USAGE` when there is something already */
export async function expectNoFile(file: string): Promise<void> {
  const isThere = await lstat(file).then(
    () => true,
    () => false,
  )
  if (isThere) throw fileExists(file)
}

/** A new file, whole or not at all, for its owner only. @throws {MeshError} `USAGE`, `STORAGE` */
export async function writeBackup(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? fileExists(file) : fileFailed('written to', file, error)
  })
  try {
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await rm(file, { force: true })
    throw fileFailed('written to', file, error)
  }
}

/**
 * @returns the text up to the end of the backup in it; whether it is one is for the library to say
 * @throws {MeshError} `STORAGE`, `ABORTED`
 */
export async function readBackup(
  file: string,
  { stdin, signal }: Pick<CliContext, 'stdin' | 'signal'>,
): Promise<string> {
  const stream = file === STANDARD_STREAM ? stdin : createReadStream(file)
  try {
    return await readUntil(stream, { mark: BACKUP_END, maxChars: MAX_CHARS, signal })
  } catch (error) {
    throw fileFailed('read from', file, error)
  } finally {
    if (stream !== stdin) stream.destroy()
  }
}

function fileExists(file: string): MeshError {
  return new MeshError('USAGE', `There is a file ${file} already.`, {
    hint: 'Choose another name: a backup never overwrites anything.',
  })
}

function fileFailed(what: string, file: string, cause: unknown): MeshError {
  if (cause instanceof MeshError) return cause
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error'
  const place = file === STANDARD_STREAM ? 'standard input' : file
  return new MeshError('STORAGE', `The backup could not be ${what} ${place} (${code}).`, {
    cause,
    hint: 'Check the name of the file, its disk and permissions.',
  })
}
