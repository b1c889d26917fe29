// Text of another node as it may stand in one of our sentences. It does not escape HTML: nothing here does.

/** Controls, format characters (bidi overrides among them) and line separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** `text` without what could paint a terminal or turn a line around. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '')
}
