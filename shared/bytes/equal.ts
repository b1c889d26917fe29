// Comparing byte arrays. Equality and the all-zero test take the same time whatever the contents, so
// they are safe for tags, keys and shared secrets; the order is for public values only.

/** Constant time for equal lengths; the lengths themselves are not secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** Lexicographic order of unsigned bytes, a prefix first: negative, zero or positive. Not constant time. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Constant time. An empty array counts as all-zero. */
export function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0
  for (const byte of bytes) seen |= byte
  return seen === 0
}
