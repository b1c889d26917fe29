// Seeded randomness for the simulator: sfc32 (Chris Doty-Humphrey, PractRand), forked by label. A fork
// depends on seed and label only, never on what was drawn before, so a new consumer disturbs no other.
// Not secure: simulated nodes draw their keys from it, which is why nothing outside sim/ may load it.

export class Rng {
  readonly #seed: string
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: string | number) {
    this.#seed = String(seed)
    this.#a = hashText(this.#seed, 0x811c9dc5)
    this.#b = hashText(this.#seed, 0x9e3779b9)
    this.#c = hashText(this.#seed, 0x85ebca6b)
    for (let round = 0; round < 12; round += 1) this.u32()
  }

  /** An independent generator, the same for the same seed and label. */
  fork(label: string | number): Rng {
    return new Rng(`${this.#seed}/${label}`)
  }

  /** Uniform in [0, 2^32). */
  u32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** Uniform in [0, 1), 32 bits of it. */
  unit(): number {
    return this.u32() / 2 ** 32
  }

  /** A whole number in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.unit() * bound)
  }

  /** A real number in [min, max). */
  between(min: number, max: number): number {
    return min + this.unit() * (max - min)
  }

  chance(probability: number): boolean {
    return this.unit() < probability
  }

  /** @throws {RangeError} for an empty list */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('Nothing to pick from.')
    return item
  }

  /** A new list in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items]
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1)
      const moved = shuffled[last] as T
      shuffled[last] = shuffled[other] as T
      shuffled[other] = moved
    }
    return shuffled
  }

  /** Fits `RandomBytes` of the core: `randomBytes: length => rng.bytes(length)`. */
  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at += 4) {
      const word = this.u32()
      bytes[at] = word
      bytes[at + 1] = word >>> 8
      bytes[at + 2] = word >>> 16
      bytes[at + 3] = word >>> 24
    }
    return bytes
  }
}

/** FNV-1a over the UTF-16 units, then the 32-bit finalizer of MurmurHash3. */
function hashText(text: string, basis: number): number {
  let hash = basis
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
