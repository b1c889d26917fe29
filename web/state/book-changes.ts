// What one tab tells the others of its book, and what they make of it: new and changed messages, names, modes, and what
// was read. Drafts are each tab's own. Pure.

import type { Book } from './book.ts'
import { withConversation, withoutConversation } from './book.ts'
import type { ChatMessage, Conversation } from './conversation.ts'
import {
  asRead,
  newConversation,
  withIncoming,
  withMessage,
  withMode,
  withPetname,
} from './conversation.ts'

export interface ConversationChange extends Pick<Conversation, 'key' | 'startedBy' | 'activeAtMs'> {
  /** New ones and those whose delivery changed. */
  readonly messages: readonly ChatMessage[]
  /** Only what changed. */
  readonly petname?: { readonly is: string | undefined }
  readonly mode?: { readonly is: Conversation['mode'] }
  /** Id of the incoming message up to which the user has read. */
  readonly readTo?: string
}

export interface BookChange {
  readonly changed: readonly ConversationChange[]
  readonly removed: readonly string[]
}

/** @returns `undefined` when there is nothing to tell */
export function changesBetween(before: Book, after: Book): BookChange | undefined {
  const changed: ConversationChange[] = []
  for (const conversation of after.values()) {
    const change = changeOf(before.get(conversation.key), conversation)
    if (change !== undefined) changed.push(change)
  }
  const removed = [...before.keys()].filter(key => !after.has(key))
  return changed.length + removed.length === 0 ? undefined : { changed, removed }
}

/** @param isSeen whether the user sees the chat with this key now */
export function withChanges(
  book: Book,
  { changed, removed }: BookChange,
  isSeen: (key: string) => boolean,
): Book {
  let next = removed.reduce(withoutConversation, book)
  for (const change of changed) {
    next = withConversation(next, applied(next.get(change.key), change, isSeen(change.key)))
  }
  return next
}

function changeOf(
  before: Conversation | undefined,
  after: Conversation,
): ConversationChange | undefined {
  if (before === after) return undefined
  const { key, startedBy, activeAtMs, petname, mode } = after
  const known = new Set(before?.messages)
  const messages = after.messages.filter(message => !known.has(message))
  const lastIn = after.messages.findLast(({ direction }) => direction === 'in')
  const isRead =
    after.unread === 0 &&
    ((before?.unread ?? 0) > 0 || messages.some(({ direction }) => direction === 'in'))
  const news = {
    messages,
    ...(petname !== before?.petname && { petname: { is: petname } }),
    ...(mode !== before?.mode && { mode: { is: mode } }),
    ...(isRead && lastIn !== undefined && { readTo: lastIn.id }),
  }
  const isNews = before === undefined || messages.length > 0 || Object.keys(news).length > 1
  return isNews ? { key, startedBy, activeAtMs, ...news } : undefined
}

function applied(
  known: Conversation | undefined,
  change: ConversationChange,
  isSeen: boolean,
): Conversation {
  const { key, startedBy, activeAtMs, messages, petname, mode, readTo } = change
  let next = known ?? newConversation(key, startedBy, activeAtMs)
  for (const message of messages) {
    next =
      message.direction === 'in' ? withIncoming(next, message, isSeen) : withMessage(next, message)
  }
  if (petname !== undefined) next = withPetname(next, petname.is)
  if (mode !== undefined) next = withMode(next, mode.is ?? 'fast')
  const lastIn = next.messages.findLast(({ direction }) => direction === 'in')
  return readTo !== undefined && readTo === lastIn?.id ? asRead(next) : next
}
