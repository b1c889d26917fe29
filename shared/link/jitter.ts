// Spreads what many nodes would otherwise do at the same moment, or with the same ones.

import type { RandomBytes } from '../machine/machine.ts'

/** A whole number of milliseconds around `ms`: up to `share` of it more or less. */
export function jittered(random: RandomBytes, ms: number, share: number): number {
  return Math.round(ms * (1 + (2 * unitInterval(random) - 1) * share))
}

/** Uniform in [0, 1). */
export function unitInterval(random: RandomBytes): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4)
  return (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32
}

/** In random order. */
export function shuffled<T>(random: RandomBytes, items: readonly T[]): T[] {
  const order = items.map(item => ({ item, at: unitInterval(random) }))
  return order.sort((a, b) => a.at - b.at).map(({ item }) => item)
}
