// Keys as people handle them: pasted, shared as `https://host/#key_…`, shortened for the eye.
// Validity of a key is judged by shared/identity; a link to one's own key is told apart here.

import { parseKey } from '../../shared/identity/key-text.ts'
import { KEY_INPUT_MAX_CHARS } from './limits.ts'
import type { Problem } from './problem.ts'
import { asSentence } from './problem.ts'

export type KeyInput =
  | { readonly kind: 'empty' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'wrong'; readonly problem: Problem }

const PREFIX = 'key_'
const EDGE_CHARS = 6
const LOOKS_LIKE_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//iu

/** Reads a key, `#key_…` or a whole link, however it was wrapped on its way. */
export function readKeyInput(text: string, ownKey: string | undefined): KeyInput {
  // Mail and chat programs break long words and put invisible characters into them.
  const input = text.slice(0, KEY_INPUT_MAX_CHARS).replace(/[\s\p{Cf}]+/gu, '')
  if (input === '' || input === '#') return { kind: 'empty' }
  const hashAt = input.indexOf('#')
  if (hashAt === -1 && LOOKS_LIKE_ADDRESS.test(input)) {
    return wrong('This link carries no key', 'A link to a person ends in #key_ and more letters.')
  }
  const key = input.slice(hashAt + 1)
  try {
    parseKey(key)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'This is not a key'
    return wrong(reason, 'Paste the whole key or link as your friend shared it.')
  }
  return key === ownKey ? { kind: 'wrong', problem: OWN_KEY_PROBLEM } : { kind: 'key', key }
}

export const OWN_KEY_PROBLEM: Problem = {
  sentence: 'This is your own key.',
  hint: 'Give it to a friend, and enter the key of your friend here.',
}

/** The link that opens a chat with `key` in the web client that this page came from. */
export function shareLink(pageUrl: string, key: string): string {
  const [page = ''] = pageUrl.split(/[?#]/u, 1)
  return `${page}#${key}`
}

/** `key_9hSR6S…rUGWBu`: enough of both ends to tell keys apart, even ones made to look alike. */
export function shortKey(key: string): string {
  if (key.length <= PREFIX.length + 2 * EDGE_CHARS) return key
  return `${key.slice(0, PREFIX.length + EDGE_CHARS)}…${key.slice(-EDGE_CHARS)}`
}

/** The whole key in groups of four, to compare two screens or to read aloud. */
export function keyGroups(key: string): readonly string[] {
  return [PREFIX, ...(key.slice(PREFIX.length).match(/.{1,4}/gu) ?? [])]
}

/** A hue of 0 to 359 degrees for the avatar of a key: the same everywhere. */
export function keyHue(key: string): number {
  let hash = 0x811c9dc5
  for (const char of key) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 8) % 360
}

function wrong(sentence: string, hint: string): KeyInput {
  return { kind: 'wrong', problem: { sentence: asSentence(sentence), hint } }
}
