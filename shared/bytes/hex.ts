// Bytes as lower-case hexadecimal text, for people, logs and vectors. Not constant time.

const DIGITS = '0123456789abcdef'

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15)
  return text
}

/**
 * Reads pairs of hexadecimal digits, either case, nothing else.
 * @throws RangeError for an odd length or another character.
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw new RangeError('hex text has an odd length')
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitAt(text, 2 * i) << 4) | digitAt(text, 2 * i + 1)
  }
  return bytes
}

function digitAt(text: string, index: number): number {
  const code = text.charCodeAt(index)
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  // Setting bit 5 turns A-F into a-f and moves no other character into that range.
  const lower = code | 0x20
  if (lower >= 0x61 && lower <= 0x66) return lower - 0x61 + 10
  throw new RangeError('hex text has a character that is not 0-9, a-f')
}
