// What others wrote, made safe to show: a terminal obeys control characters, and direction marks can make
// a text read as another. Each becomes a visible escape; nothing is dropped.

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const UNSAFE_IN_LINE = new RegExp(`${UNSAFE.source}|[\\t\\n]`, 'g')

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
