// What others wrote, made safe to show: a terminal obeys control characters, and direction marks can make
// a text read as another. Each becomes a visible escape; nothing is dropped.

const UNSAFE = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu
const UNSAFE_IN_LINE = new RegExp(`${UNSAFE.source}|[\\t\\n]`, 'gu')

/** Line breaks and tabs stay. */
export function printable(text: string): string {
  return text.replace(UNSAFE, escaped)
}

/** As one line. */
export function printableLine(text: string): string {
  return text.replace(UNSAFE_IN_LINE, escaped)
}

function escaped(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
