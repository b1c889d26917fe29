// Makes a folder with those above it, for its owner only. By single steps, as the recursive mkdir of Node never returns
// where a folder is there and takes no others, as in /proc, and tries without a pause.

import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** @throws of `node:fs`, with its `code` */
export async function makeFolders(folder: string): Promise<void> {
  const failure = await failureToMake(folder)
  if (failure === undefined) return
  const above = dirname(folder)
  if (failure.code !== 'ENOENT' || above === folder) throw failure
  await makeFolders(above)
  const lasting = await failureToMake(folder)
  if (lasting !== undefined) throw lasting
}

/** @returns `undefined` when it is there, whoever made it */
async function failureToMake(folder: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(folder, { mode: 0o700 })
  } catch (error) {
    const isThere = await stat(folder).then(
      found => found.isDirectory(),
      () => false,
    )
    if (!isThere) return error as NodeJS.ErrnoException
  }
  return undefined
}
