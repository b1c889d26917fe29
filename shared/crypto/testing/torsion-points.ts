// The eight points of Ed25519 whose order divides 8, the neutral element first: what Rule K must never
// let into a key or a signature. For tests that build hostile keys.

import { ed25519 } from '@noble/curves/ed25519.js'
import { fromHex } from '../../bytes/hex.ts'

type Point = typeof ed25519.Point.BASE

/** A point of order 8. */
const GENERATOR = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'

export function torsionPoints(): Point[] {
  const generator = ed25519.Point.fromBytes(fromHex(GENERATOR))
  const points = [ed25519.Point.ZERO]
  for (let last = generator; !last.is0(); last = last.add(generator)) points.push(last)
  return points
}
