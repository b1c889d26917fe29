// The one open file of file-store.ts: appends whole batches or nothing, and rewrites itself when most of
// it is outdated. Knows where the current entry of each key is, not its value. One caller at a time.

import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, rename, rm } from 'node:fs/promises'
import type { StoreEntry } from './store-format.ts'
import { encodeEntry, STORE_HEADER } from './store-format.ts'

/** Outdated bytes that are not worth a rewrite. */
const SLACK_BYTES = 1024 * 1024
/** Bytes copied in one go. */
const COPY_BYTES = 1024 * 1024

interface Place {
  readonly offset: number
  readonly length: number
}

export class StoreFile {
  readonly #path: string
  /** In the order of the file, as an entry that is written anew goes to the end of both. */
  readonly #places = new Map<string, Place>()
  #file: FileHandle
  #size: number
  #liveBytes = 0
  /** A failed append may have left part of itself after `#size`. */
  #hasRemains = false
  /** After a rewrite that failed the next attempt waits for this size. */
  #rewriteAtBytes = 0

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path
    this.#file = file
    this.#size = size
  }

  /** @param goodBytes what follows is cut off; 0 starts the file anew */
  static async open(
    path: string,
    entries: readonly StoreEntry[],
    goodBytes: number,
  ): Promise<StoreFile> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    try {
      await file.truncate(goodBytes)
      if (goodBytes === 0) {
        await writeAll(file, STORE_HEADER, 0)
        await file.datasync()
      }
    } catch (error) {
      await file.close()
      throw error
    }
    const opened = new StoreFile(path, file, Math.max(goodBytes, STORE_HEADER.length))
    for (const entry of entries) opened.#place(entry.key, entry.value && entry)
    return opened
  }

  get size(): number {
    return this.#size
  }

  /** Whether most of the file is outdated. `isUrgent` tries again at once what has failed before. */
  shouldRewrite(isUrgent: boolean): boolean {
    const isMostlyOutdated = this.#size > 2 * this.#liveBytes + SLACK_BYTES
    return isMostlyOutdated && (isUrgent || this.#size >= this.#rewriteAtBytes)
  }

  /** Rejects when the disk does not take all of it; then nothing has changed. */
  async append(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    const keys = [...batch.keys()]
    const entries = keys.map(key => encodeEntry(key, batch.get(key)))
    if (this.#hasRemains) await this.#cut()
    this.#hasRemains = true
    await writeAll(this.#file, Buffer.concat(entries), this.#size)
    await this.#file.datasync()
    this.#hasRemains = false
    keys.forEach((key, index) => {
      const { length } = entries[index] ?? STORE_HEADER
      const isDeleted = batch.get(key) === undefined
      this.#place(key, isDeleted ? undefined : { offset: this.#size, length })
      this.#size += length
    })
  }

  /** Copies what counts into a new file and puts that in place. A failure leaves all as it was. */
  async rewrite(): Promise<void> {
    this.#rewriteAtBytes = this.#size + SLACK_BYTES
    const freshPath = `${this.#path}.new`
    const fresh = await open(freshPath, 'w', 0o600)
    let size = STORE_HEADER.length
    try {
      await writeAll(fresh, STORE_HEADER, 0)
      for (const run of runsOf(this.#places.values())) {
        const bytes = Buffer.alloc(run.length)
        await this.#file.read(bytes, 0, run.length, run.offset)
        await writeAll(fresh, bytes, size)
        size += run.length
      }
      await fresh.datasync()
      await rename(freshPath, this.#path)
    } catch (error) {
      await fresh.close()
      await rm(freshPath, { force: true })
      throw error
    }
    await this.#file.close()
    this.#file = fresh
    this.#moved(size)
  }

  /** Whatever a failed append left goes, so that the next start reads nothing broken. */
  async close(): Promise<void> {
    try {
      if (this.#hasRemains) await this.#cut()
    } finally {
      await this.#file.close()
    }
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(this.#size)
    this.#hasRemains = false
  }

  #place(key: string, place: Place | undefined): void {
    this.#liveBytes -= this.#places.get(key)?.length ?? 0
    this.#places.delete(key)
    if (place === undefined) return
    this.#places.set(key, { offset: place.offset, length: place.length })
    this.#liveBytes += place.length
  }

  #moved(size: number): void {
    let offset = STORE_HEADER.length
    for (const [key, { length }] of this.#places) {
      this.#places.set(key, { offset, length })
      offset += length
    }
    this.#size = size
    this.#rewriteAtBytes = 0
  }
}

/** Neighbouring places as one, up to the size of a copy. */
function* runsOf(places: Iterable<Place>): Iterable<Place> {
  let run: Place | undefined
  for (const { offset, length } of places) {
    const isNext = run !== undefined && run.offset + run.length === offset
    if (run !== undefined && isNext && run.length + length <= COPY_BYTES) {
      run = { offset: run.offset, length: run.length + length }
      continue
    }
    if (run !== undefined) yield run
    run = { offset, length }
  }
  if (run !== undefined) yield run
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}
