// A server's small store: one file that is only ever appended to (store-format.ts), read once at the
// start. Writes are gathered and leave the event loop free. A full disk is told, waited out and survived;
// a damaged file is moved aside. Not for values that are read again: their owner keeps them in memory.

import { readFile, rename, stat } from 'node:fs/promises'
import type { SmallStore } from './node-host.ts'
import { storageError } from './storage-error.ts'
import { StoreFile } from './store-file.ts'
import type { StoreScan } from './store-format.ts'
import { scanStore } from './store-format.ts'

export interface FileStoreOptions {
  /** Told when the disk stops taking writes, and when it takes them again. */
  readonly onChange: (isWorking: boolean) => void
  /** Between attempts while the disk takes nothing. */
  readonly retryMs?: number
  /** Over this the store says that it is full. */
  readonly maxBytes?: number
}

export interface OpenedStore {
  readonly store: FileStore
  /** What earlier lives kept; views into one buffer. */
  readonly saved: ReadonlyMap<string, Uint8Array>
  /** Where a damaged file was moved. */
  readonly quarantine?: string
}

const RETRY_MS = 2_000
/** Eight times the records that a server keeps (docs/PROTOCOL.md 13). */
const MAX_BYTES = 512 * 1024 * 1024
/** Values of one write. */
const MAX_BATCH = 4_096

/**
 * Opens the store in the file `path`, or makes it.
 * @throws {MeshError} `STORAGE` when the file cannot be read, written or moved
 */
export async function openFileStore(path: string, options: FileStoreOptions): Promise<OpenedStore> {
  try {
    const scan = await scanFile(path)
    if (scan.ending !== 'damaged') return await openScanned(path, options, scan)
    const quarantine = await moveAside(path)
    const empty: StoreScan = { entries: [], goodBytes: 0, ending: 'torn' }
    return { ...(await openScanned(path, options, empty)), quarantine }
  } catch (cause) {
    throw storageError(path, cause)
  }
}

export class FileStore implements SmallStore {
  readonly #file: StoreFile
  readonly #onChange: (isWorking: boolean) => void
  readonly #retryMs: number
  readonly #maxBytes: number
  /** The newest value of each key that is not on the disk yet. */
  #pending = new Map<string, Uint8Array | undefined>()
  #writing: Promise<void> | undefined
  #isWorking = true
  #isClosed = false
  #stopWaiting: (() => void) | undefined

  constructor(file: StoreFile, { onChange, retryMs, maxBytes }: FileStoreOptions) {
    this.#file = file
    this.#onChange = onChange
    this.#retryMs = retryMs ?? RETRY_MS
    this.#maxBytes = maxBytes ?? MAX_BYTES
  }

  /** Takes a copy. In a moment it survives the end of the process, and soon that of the machine. */
  save(key: string, value: Uint8Array | undefined): void {
    if (this.#isClosed) return
    this.#pending.set(key, value?.slice())
    this.#writing ??= this.#write()
  }

  /** Writes what waits, once, then closes the file. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#stopWaiting?.()
    await this.#writing
    await this.#file.close().catch(() => {})
  }

  async #write(): Promise<void> {
    // What is saved in one turn of the event loop is written at once.
    await nextTurn()
    while (this.#pending.size > 0) {
      const isWritten = await this.#writeSome()
      if (isWritten !== this.#isWorking) {
        this.#isWorking = isWritten
        this.#onChange(isWritten)
      }
      if (isWritten) continue
      if (this.#isClosed) break
      await this.#wait()
    }
    this.#writing = undefined
  }

  async #writeSome(): Promise<boolean> {
    const batch = new Map([...this.#pending].slice(0, MAX_BATCH))
    try {
      const isOver = this.#file.size > this.#maxBytes
      if (this.#file.shouldRewrite(isOver)) await this.#file.rewrite().catch(() => {})
      if (this.#file.size > this.#maxBytes) return false
      await this.#file.append(batch)
    } catch {
      return false
    }
    for (const [key, value] of batch) {
      if (this.#pending.get(key) === value) this.#pending.delete(key)
    }
    return true
  }

  #wait(): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, this.#retryMs)
      this.#stopWaiting = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

async function openScanned(
  path: string,
  options: FileStoreOptions,
  { entries, goodBytes }: StoreScan,
): Promise<OpenedStore> {
  const saved = new Map<string, Uint8Array>()
  for (const { key, value } of entries) {
    if (value === undefined) saved.delete(key)
    else saved.set(key, value)
  }
  const file = await StoreFile.open(path, entries, goodBytes)
  return { store: new FileStore(file, options), saved }
}

async function scanFile(path: string): Promise<StoreScan> {
  try {
    const { size } = await stat(path)
    if (size > 2 * MAX_BYTES) return { entries: [], goodBytes: 0, ending: 'damaged' }
    return scanStore(await readFile(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { entries: [], goodBytes: 0, ending: 'torn' }
  }
}

async function moveAside(path: string): Promise<string> {
  const time = new Date().toISOString().replace(/[:.]/g, '-')
  const aside = `${path}.damaged-${time}`
  await rename(path, aside)
  return aside
}

function nextTurn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
