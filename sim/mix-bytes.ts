// A fast hash without any security: four 32-bit lanes of multiply and rotate in the manner of MurmurHash3,
// stretched to any length. Spreads inputs evenly and depends on every bit; enough for simulated ids.

// Reused, as a call ends before the next begins: hashing is the simulator's commonest work.
const lanes = new Int32Array(4)

/** @returns `length` bytes, each of which depends on every bit of `bytes`. */
export function mixBytes(length: number, bytes: Uint8Array): Uint8Array {
  lanes[0] = 0x243f6a88
  lanes[1] = 0x85a308d3
  lanes[2] = 0x13198a2e
  lanes[3] = 0x03707344
  const whole = bytes.length & ~3
  for (let at = 0; at < whole; at += 4) fold((at >> 2) & 3, wordAt(bytes, at))
  let rest = bytes.length
  for (let at = whole; at < bytes.length; at += 1) rest = (rest << 8) | (bytes[at] as number)
  fold((whole >> 2) & 3, rest)
  return stretch(length)
}

function fold(lane: number, word: number): void {
  const mixed = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593)
  const next = lanes[(lane + 1) & 3] as number
  lanes[lane] = Math.imul(rotate((lanes[lane] as number) ^ mixed, 19) + next, 5) + 0x561ccd1b
}

/** Every byte of output depends on all four lanes. */
function stretch(length: number): Uint8Array {
  const [a = 0, b = 0, c = 0, d = 0] = lanes
  const sum = finish(a + finish(b + finish(c + finish(d))))
  const out = new Uint8Array(length)
  for (let at = 0; at < length; at += 4) {
    const lane = lanes[(at >> 2) & 3] as number
    const word = finish(finish(lane + Math.imul(at + 1, 0x9e3779b1)) ^ sum)
    out[at] = word >>> 24
    out[at + 1] = word >>> 16
    out[at + 2] = word >>> 8
    out[at + 3] = word
  }
  return out
}

/** The 32-bit finalizer of MurmurHash3: each bit of input changes each bit of output half of the time. */
function finish(word: number): number {
  let hash = word ^ (word >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}
