// Bytes as a Map key: a string with one character (U+0000-U+00FF) per byte. Engines store such strings
// with one byte per character and compare them fast. Not for people: use hex or the key text there.

// Arguments live on the stack; the smallest limit of any engine is far above this.
const MAX_ARGUMENTS = 4096

export function mapKey(bytes: Uint8Array): string {
  if (bytes.length <= MAX_ARGUMENTS) return toText(bytes)
  let text = ''
  for (let i = 0; i < bytes.length; i += MAX_ARGUMENTS) {
    text += toText(bytes.subarray(i, i + MAX_ARGUMENTS))
  }
  return text
}

/** The bytes that `mapKey` was made of, in a new array. */
export function fromMapKey(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** `apply` takes any array-like and is five times faster here than spreading, which iterates. */
function toText(bytes: Uint8Array): string {
  const codes: ArrayLike<number> = bytes
  return String.fromCharCode.apply(null, codes as number[])
}
