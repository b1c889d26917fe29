// Repeatable bytes for tests (mulberry32). Not secure, and not meant to be.

import type { RandomBytes } from '../../machine/machine.ts'

export function seededRandom(seed: number): RandomBytes {
  let state = seed >>> 0
  return length => {
    const bytes = new Uint8Array(length)
    for (let i = 0; i < length; i++) {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      bytes[i] = (mixed ^ (mixed >>> 14)) >>> 24
    }
    return bytes
  }
}
