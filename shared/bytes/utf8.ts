// UTF-8 (RFC 3629), written out because the core is compiled without host APIs and because every
// host must judge ill-formed bytes alike: overlong forms, surrogates and values above U+10FFFF fail.

import { DecodeError } from './decode-error.ts'

/** Lone surrogates, which have no UTF-8 form, become U+FFFD (as in the WHATWG encoder): never throws. */
export function utf8Encode(text: string): Uint8Array {
  // No UTF-16 unit needs more than three bytes; a pair needs four.
  const bytes = new Uint8Array(3 * text.length)
  let length = 0
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i)
    if (code < 0x80) {
      bytes[length++] = code
      continue
    }
    if (isSurrogate(code)) {
      code = pairAt(text, i) ?? 0xfffd
      if (code > 0xffff) i++
    }
    if (code < 0x800) {
      bytes[length++] = 0xc0 | (code >> 6)
    } else {
      if (code < 0x10000) {
        bytes[length++] = 0xe0 | (code >> 12)
      } else {
        bytes[length++] = 0xf0 | (code >> 18)
        bytes[length++] = 0x80 | ((code >> 12) & 0x3f)
      }
      bytes[length++] = 0x80 | ((code >> 6) & 0x3f)
    }
    bytes[length++] = 0x80 | (code & 0x3f)
  }
  return bytes.slice(0, length)
}

/** @throws DecodeError for ill-formed UTF-8. A byte order mark is a character like any other. */
export function utf8Decode(bytes: Uint8Array): string {
  let text = ''
  let i = 0
  while (i < bytes.length) {
    const first = bytes[i] as number
    if (first < 0x80) {
      text += String.fromCharCode(first)
      i++
    } else {
      const length = sequenceLength(bytes, i)
      let code = first & (0x7f >> length)
      for (let k = 1; k < length; k++) code = (code << 6) | ((bytes[i + k] as number) & 0x3f)
      text += String.fromCodePoint(code)
      i += length
    }
  }
  return text
}

/** Whether a string has no lone surrogate, so that UTF-8 keeps it exactly. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (!isSurrogate(text.charCodeAt(i))) continue
    if (pairAt(text, i) === undefined) return false
    i++
  }
  return true
}

/** Length of the multi-byte sequence at `index`, by the table of well-formed sequences (RFC 3629 4). */
function sequenceLength(bytes: Uint8Array, index: number): 2 | 3 | 4 {
  const first = bytes[index] as number
  const second = bytes[index + 1] ?? 0
  let length: 2 | 3 | 4 | undefined
  if (first >= 0xc2 && first <= 0xdf && isWithin(second, 0x80, 0xbf)) {
    length = 2
  } else if (first >= 0xe0 && first <= 0xef) {
    // E0 would be overlong below A0; ED would be a surrogate above 9F.
    if (isWithin(second, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf)) length = 3
  } else if (first >= 0xf0 && first <= 0xf4) {
    // F0 would be overlong below 90; F4 would pass U+10FFFF above 8F.
    if (isWithin(second, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf)) length = 4
  }
  for (let k = 2; length !== undefined && k < length; k++) {
    if (!isWithin(bytes[index + k] ?? 0, 0x80, 0xbf)) length = undefined
  }
  if (length === undefined) throw new DecodeError('ill-formed UTF-8')
  return length
}

function isWithin(value: number, low: number, high: number): boolean {
  return value >= low && value <= high
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff
}

/** The code point of the surrogate pair at `index`, `undefined` when it is not a pair. */
function pairAt(text: string, index: number): number | undefined {
  const code = text.codePointAt(index) ?? 0
  return code > 0xffff ? code : undefined
}
