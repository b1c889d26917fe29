// A failure of the file system in the words of its user.

import { MeshError } from '../../shared/node/mesh-error.ts'

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'there is a file in its place',
  EIO: 'the disk failed',
  ENOENT: 'it is not there and cannot be made',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'there is a file in its place',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
}

/** @returns what was thrown if it is a `MeshError` already, else one with code `STORAGE` */
export function storageError(folder: string, thrown: unknown): MeshError {
  if (thrown instanceof MeshError) return thrown
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error'
  const reason = REASONS[code]
  const detail = reason === undefined ? code : `${reason}, ${code}`
  return new MeshError('STORAGE', `The data folder ${folder} cannot be used (${detail}).`, {
    cause: thrown,
  })
}
