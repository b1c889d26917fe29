// Sybils around one key (docs/PROTOCOL.md 4.4, threat 1): ids ground to lie nearest to a target crowd honest
// servers out of every answer about it. Where the nearest lie far nearer than the network's size allows, the
// region around the target is looked at piece by piece, by targets that the sybils were not ground for.

import { DHT_CROWDED_FACTOR } from '../wire/limits.ts'
import type { DhtId } from './contact.ts'
import { flipBit } from './distance.ts'
import type { RegionEstimate } from './size-estimate.ts'

/**
 * Whether the k-th nearest lies suspiciously near. In an honest network that happens to fewer than one target
 * of ten thousand.
 */
export function isCrowded(kthDistance: number, region: RegionEstimate): boolean {
  return kthDistance < region.radius / DHT_CROWDED_FACTOR
}

/**
 * Places beside the target, one in each piece of its region: the outermost half, the quarter next to it, and
 * so on, down to the piece where less than one honest server is to be expected.
 */
export function sweepTargets(target: DhtId, { radius }: RegionEstimate, k: number): DhtId[] {
  const outermost = Math.floor(-Math.log2(radius))
  const pieces = Math.ceil(Math.log2(k)) + 1
  return Array.from({ length: pieces }, (_, i) => flipBit(target, outermost + i))
}
