// Files for their owner only, written whole or not at all: to a draft beside, which then takes the name. What
// was written lasts through a power cut.

import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toHex } from '../../shared/bytes/hex.ts'

/**
 * @param place gives the finished draft its name: `rename` replaces what is there, `link` fails with EEXIST
 * @throws what the file system says
 */
export async function writePrivateFile(
  path: string,
  text: string,
  place: typeof rename = rename,
): Promise<void> {
  const draft = `${path}.${toHex(randomBytes(6))}.new`
  try {
    await writeWhole(draft, text)
    await place(draft, path)
    await syncFolder(dirname(path))
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
