// Seeded pseudo-randomness for tests (sfc32): the same seed, the same run.

import type { RandomBytes } from '../../machine/machine.ts'

export interface Seeded {
  /** In [0, 1). */
  next(): number
  bytes: RandomBytes
}

export function seeded(seed: number): Seeded {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed | 1]
  const next32 = (): number => {
    const sum = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) next32()
  return {
    next: () => next32() / 2 ** 32,
    bytes: length => Uint8Array.from({ length }, () => next32() & 0xff),
  }
}
