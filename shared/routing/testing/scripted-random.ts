// A `RandomBytes` that hands out given byte strings in order and checks their lengths: it shows which
// randomness a function takes, and lets vectors fix it.

import type { RandomBytes } from '../../machine/machine.ts'

export function scriptedRandom(...script: readonly Uint8Array[]): RandomBytes {
  const rest = [...script]
  return length => {
    const bytes = rest.shift()
    if (bytes?.length !== length) throw new Error(`asked for ${length} random bytes off the script`)
    return bytes.slice()
  }
}

/** Endless, repeatable and not secure (xorshift32). */
export function seededRandom(seed: number): RandomBytes {
  let state = seed | 1
  return length =>
    Uint8Array.from({ length }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state >>> 24
    })
}
