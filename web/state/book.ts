// All conversations, by key: an immutable map with a cap. Pure.

import { isSameName } from './clean-text.ts'
import type { Conversation } from './conversation.ts'
import { isStranger } from './conversation.ts'
import { shortKey } from './key-link.ts'
import { CONVERSATIONS_MAX } from './limits.ts'

export type Book = ReadonlyMap<string, Conversation>

/**
 * Puts a conversation in. When the book is full the stranger who was silent longest makes room;
 * without strangers a new stranger is not taken in, and a contact replaces the stalest contact.
 */
export function withConversation(book: Book, conversation: Conversation): Book {
  if (book.get(conversation.key) === conversation) return book
  const next = new Map(book)
  if (!book.has(conversation.key) && book.size >= CONVERSATIONS_MAX) {
    const evicted =
      stalest(book, isStranger) ?? (isStranger(conversation) ? undefined : stalest(book))
    if (evicted === undefined) return book
    next.delete(evicted)
  }
  return next.set(conversation.key, conversation)
}

export function withoutConversation(book: Book, key: string): Book {
  const next = new Map(book)
  return next.delete(key) ? next : book
}

/** Latest first; ties by key, so that the order never flickers. */
export function byActivity(book: Book): readonly Conversation[] {
  return [...book.values()].sort((a, b) => b.activeAtMs - a.activeAtMs || (a.key < b.key ? -1 : 1))
}

export function unreadTotal(book: Book): number {
  let total = 0
  for (const { unread } of book.values()) total += unread
  return total
}

/** The other key that already has this name, if any: two equal names hide who is who. */
export function holderOfName(book: Book, name: string, exceptKey: string): string | undefined {
  for (const { key, petname } of book.values()) {
    if (key !== exceptKey && petname !== undefined && isSameName(petname, name)) return key
  }
  return undefined
}

/** How a conversation is called in lists and labels. */
export function displayName(conversation: Conversation): string {
  return conversation.petname ?? shortKey(conversation.key)
}

function stalest(
  book: Book,
  isEligible: (c: Conversation) => boolean = () => true,
): string | undefined {
  let found: Conversation | undefined
  for (const conversation of book.values()) {
    if (!isEligible(conversation)) continue
    if (found === undefined || conversation.activeAtMs < found.activeAtMs) found = conversation
  }
  return found?.key
}
