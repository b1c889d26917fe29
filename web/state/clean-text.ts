// Makes text of strangers safe to look at (security threat 23): no bidi controls, no control characters,
// no lone surrogates, bounded length. It does not escape anything: text only ever becomes text nodes.

import { MESSAGE_KEEP_MAX_CHARS, NAME_MAX_CODE_POINTS } from './limits.ts'

/** Marks, embeddings, overrides and isolates: they can show a text in another order than it is written. */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const CONTROLS_BUT_TAB_AND_NEWLINE = /(?![\t\n])\p{Cc}/gu
const LONE_SURROGATES = /\p{Cs}/gu
const LINE_BREAKS = /\r\n?|\u2028|\u2029/gu
/** Invisible characters; the two joiners stay, Persian and emoji need them. */
const INVISIBLE_BUT_JOINERS = /(?![\u200c\u200d])[\p{Cf}\p{Co}]/gu
const SOMETHING_TO_SEE = /[\p{L}\p{N}\p{P}\p{S}]/u
/** Far more than any clean line needs; bounds the work on a hostile one. */
const LINE_INPUT_MAX_CHARS = 4_096

/**
 * A name in one line, at most 64 code points.
 * @returns `undefined` when nothing visible is left
 */
export function cleanName(text: string): string | undefined {
  const name = cleanLine(text, NAME_MAX_CODE_POINTS)
  return SOMETHING_TO_SEE.test(name) ? name : undefined
}

/** One line of at most `maxCodePoints`, with nothing invisible in it. */
export function cleanLine(text: string, maxCodePoints: number): string {
  const line = text
    .slice(0, LINE_INPUT_MAX_CHARS)
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(BIDI_CONTROLS, '')
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(/\p{Cc}/gu, '')
    .replace(INVISIBLE_BUT_JOINERS, '')
    .trim()
  return Array.from(line).slice(0, maxCodePoints).join('').trim()
}

/** The body of a message: line breaks and tabs stay; a text over the limit is cut and says so. */
export function cleanMessage(text: string): string {
  const kept = text.slice(0, MESSAGE_KEEP_MAX_CHARS)
  const clean = kept
    .replace(LINE_BREAKS, '\n')
    .replace(BIDI_CONTROLS, '')
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(CONTROLS_BUT_TAB_AND_NEWLINE, '')
  const cut = text.length - kept.length
  return cut === 0 ? clean : `${clean}…\n(${cut.toLocaleString('en')} more characters were cut)`
}

/** Two names that a person could not tell apart when read quickly compare equal. */
export function isSameName(a: string, b: string): boolean {
  return foldName(a) === foldName(b)
}

function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ')
}
