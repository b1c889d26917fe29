// The few types of DER (ITU-T X.690) that a certificate is made of. Writes only, and nothing longer than a
// certificate; node:crypto reads.

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** RFC 5280 4.1.2.5: years of four digits from here on. */
const FIRST_LONG_YEAR = 2050

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return element(TAG.sequence, Buffer.concat(items))
}

export function set(...items: readonly Uint8Array[]): Uint8Array {
  return element(TAG.set, Buffer.concat(items))
}

/** @param bytes big-endian, not negative, without leading zeros */
export function integer(bytes: Uint8Array): Uint8Array {
  const isNegative = (bytes[0] ?? 0) >= 0x80
  return element(TAG.integer, isNegative ? Buffer.from([0, ...bytes]) : bytes)
}

export function isTrue(): Uint8Array {
  return element(TAG.boolean, Uint8Array.of(0xff))
}

/** @param unusedBits of the last byte */
export function bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return element(TAG.bitString, Buffer.from([unusedBits, ...bytes]))
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return element(TAG.octetString, bytes)
}

export function utf8String(text: string): Uint8Array {
  return element(TAG.utf8String, Buffer.from(text, 'utf8'))
}

/** @param dotted for example `1.2.840.10045.4.3.2` */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(TAG.oid, Buffer.from([first * 40 + second, ...rest].flatMap(base128)))
}

export function time(unixMs: number): Uint8Array {
  const date = new Date(unixMs)
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '')
  if (date.getUTCFullYear() >= FIRST_LONG_YEAR) {
    return element(TAG.generalizedTime, Buffer.from(digits, 'latin1'))
  }
  return element(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
}

/** `[n]` around a whole element. */
export function explicit(n: number, item: Uint8Array): Uint8Array {
  return element(0xa0 | n, item)
}

/** `[n]` in the place of the element's own tag. */
export function implicit(n: number, bytes: Uint8Array): Uint8Array {
  return element(0x80 | n, bytes)
}

function element(tag: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content])
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

/** Seven bits a byte, the highest bit set on all but the last. */
function base128(number: number): readonly number[] {
  const bytes = [number & 0x7f]
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}
