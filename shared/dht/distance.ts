// The XOR metric of Kademlia (docs/PROTOCOL.md 4.1) on ids of 32 bytes. Bit 0 is the most significant.
// For public values only: nothing here takes constant time.

import type { DhtId } from './contact.ts'

export const ID_BYTES = 32
export const ID_BITS = 256

const FRACTION_STEPS = 2 ** 24

/** Negative when `a` is nearer to `target` than `b`, positive when it is farther, 0 when they are equal. */
export function compareDistance(target: DhtId, a: DhtId, b: DhtId): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const byteA = a[i] as number
    const byteB = b[i] as number
    if (byteA !== byteB) {
      const own = target[i] as number
      return (byteA ^ own) - (byteB ^ own)
    }
  }
  return 0
}

/** Leading bits that two ids share, 0 to 256. */
export function commonPrefixLength(a: DhtId, b: DhtId): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = (a[i] as number) ^ (b[i] as number)
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return ID_BITS
}

export function xorDistance(a: DhtId, b: DhtId): Uint8Array {
  const distance = new Uint8Array(ID_BYTES)
  for (let i = 0; i < ID_BYTES; i++) distance[i] = (a[i] as number) ^ (b[i] as number)
  return distance
}

/** The distance as a share of the id space, in [0, 1): its first 48 bits, exact as a number. */
export function distanceFraction(a: DhtId, b: DhtId): number {
  const high = xorOfThree(a, b, 0)
  const low = xorOfThree(a, b, 3)
  return (high + low / FRACTION_STEPS) / FRACTION_STEPS
}

/** A copy of `id` with one bit turned: as near to `id` as an id can be that shares `bit` leading bits with it. */
export function flipBit(id: DhtId, bit: number): DhtId {
  const flipped = id.slice()
  const byte = bit >> 3
  flipped[byte] = (flipped[byte] as number) ^ (0x80 >> (bit & 7))
  return flipped
}

function xorOfThree(a: DhtId, b: DhtId, from: number): number {
  let value = 0
  for (let i = from; i < from + 3; i++) value = value * 256 + ((a[i] as number) ^ (b[i] as number))
  return value
}
