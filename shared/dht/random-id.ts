// Random choices of the DHT: places in the id space to look up, one of many.

import { unitInterval } from '../link/jitter.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { DhtId } from './contact.ts'
import { flipBit, ID_BYTES } from './distance.ts'

/** Uniform in 0 … `bound` - 1. */
export function randomBelow(random: RandomBytes, bound: number): number {
  return Math.floor(unitInterval(random) * bound)
}

/** A random id that shares exactly `prefix` leading bits with `id`, 0 to 255. */
export function randomIdSharing(random: RandomBytes, id: DhtId, prefix: number): DhtId {
  const target = random(ID_BYTES)
  const flipped = flipBit(id, prefix)
  const wholeBytes = (prefix + 1) >> 3
  target.set(flipped.subarray(0, wholeBytes))
  const mask = 0xff >> ((prefix + 1) & 7)
  if (wholeBytes < ID_BYTES) {
    target[wholeBytes] =
      ((flipped[wholeBytes] as number) & ~mask & 0xff) | ((target[wholeBytes] as number) & mask)
  }
  return target
}
