// Random bytes, fetched from the system a few thousand at a time: a message needs 16, and asking for them
// one message at a time costs more than sealing it. What was handed out is erased from the pool.

import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4_096
const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES

/** @returns an array of its own */
export function pooledRandomBytes(length: number): Uint8Array {
  if (length > POOL_BYTES / 4) return randomFillSync(new Uint8Array(length))
  if (used + length > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + length)
  pool.fill(0, used, used + length)
  used += length
  return bytes
}
