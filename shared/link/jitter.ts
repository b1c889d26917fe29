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

/** So many of them at random, in random order; all where there are fewer. Draws once for each that it takes. */
export function sampled<T>(random: RandomBytes, items: readonly T[], count: number): T[] {
  const left = [...items]
  const taken: T[] = []
  while (left.length > 0 && taken.length < count) {
    const at = Math.floor(unitInterval(random) * left.length)
    taken.push(left[at] as T)
    // The last one takes its place: nothing else moves.
    left[at] = left.at(-1) as T
    left.pop()
  }
  return taken
}

/** In random order. */
export function shuffled<T>(random: RandomBytes, items: readonly T[]): T[] {
  const order = items.map(item => ({ item, at: unitInterval(random) }))
  return order.sort((a, b) => a.at - b.at).map(({ item }) => item)
}
