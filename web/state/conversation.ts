// One conversation and everything that may happen to it, as pure functions on plain data.
// Delivery of a message: waiting → sending → delivered, or back to waiting, or → failed → (retry) waiting. Sends nothing.

import type { PathMode } from '../../client/api.ts'
import { HISTORY_MAX_CHARS, MESSAGES_MAX, QUEUE_KEEP_MS } from './limits.ts'
import type { Problem } from './problem.ts'

export type Delivery =
  /** Not handed to the network now; `problem` says what came of the last time. */
  | { readonly state: 'waiting'; readonly problem?: Problem }
  | { readonly state: 'sending'; readonly problem?: Problem }
  | { readonly state: 'delivered' }
  | { readonly state: 'failed'; readonly problem: Problem }

export interface IncomingMessage {
  readonly direction: 'in'
  readonly id: string
  readonly text: string
  /** Milliseconds since 1970, when it arrived here. */
  readonly atMs: number
  /** The text was not written by the peer: it describes bytes. */
  readonly isNote: boolean
}

export interface OutgoingMessage {
  readonly direction: 'out'
  readonly id: string
  readonly text: string
  readonly atMs: number
  readonly delivery: Delivery
}

export type ChatMessage = IncomingMessage | OutgoingMessage

export interface Conversation {
  readonly key: string
  /** The name that this user gave to the key; never one the peer chose. */
  readonly petname?: string
  readonly startedBy: 'me' | 'them'
  /** Which paths may be used to this key; absent: `fast`. */
  readonly mode?: PathMode
  readonly messages: readonly ChatMessage[]
  readonly unread: number
  readonly draft: string
  /** Milliseconds since 1970 of the last message, or of the beginning. */
  readonly activeAtMs: number
}

const NEXT_DELIVERY = {
  waiting: ['sending', 'failed'],
  sending: ['delivered', 'failed', 'waiting'],
  delivered: [],
  failed: ['waiting'],
} as const satisfies Record<Delivery['state'], readonly Delivery['state'][]>

export const INTERRUPTED: Problem = {
  sentence: 'The page was closed before delivery was confirmed.',
  hint: 'It may have arrived all the same.',
}
/** In the place of what is not known of the time before: it was tried. */
const WAITED: Problem = { sentence: 'It was not delivered before this page was opened.' }
export const TOO_OLD: Problem = { sentence: 'It could not be delivered for a day.' }
export const STOPPED: Problem = {
  sentence: 'You stopped it.',
  hint: 'It may have arrived already.',
}

export function newConversation(
  key: string,
  startedBy: Conversation['startedBy'],
  nowMs: number,
): Conversation {
  return { key, startedBy, messages: [], unread: 0, draft: '', activeAtMs: nowMs }
}

/** Ignores a message whose id is there already. */
export function withIncoming(
  conversation: Conversation,
  message: IncomingMessage,
  isRead: boolean,
): Conversation {
  const { messages, unread } = conversation
  if (messages.some(known => known.direction === 'in' && known.id === message.id)) {
    return conversation
  }
  return {
    ...conversation,
    messages: capped([...messages, message]),
    unread: isRead ? 0 : Math.min(unread + 1, MESSAGES_MAX),
    activeAtMs: message.atMs,
  }
}

export function withOutgoing(
  conversation: Conversation,
  message: { readonly id: string; readonly text: string; readonly atMs: number },
): Conversation {
  const outgoing: OutgoingMessage = {
    direction: 'out',
    ...message,
    delivery: { state: 'waiting' },
  }
  return {
    ...conversation,
    messages: capped([...conversation.messages, outgoing]),
    activeAtMs: message.atMs,
  }
}

/** As another tab has it: a message of ours that is new or whose delivery changed. They lie in the order of their time. */
export function withMessage(conversation: Conversation, message: OutgoingMessage): Conversation {
  const { messages } = conversation
  const at = messages.findIndex(({ direction, id }) => direction === 'out' && id === message.id)
  if (at >= 0) return { ...conversation, messages: messages.with(at, message) }
  const before = messages.findLastIndex(({ atMs }) => atMs <= message.atMs) + 1
  return {
    ...conversation,
    messages: capped(messages.toSpliced(before, 0, message)),
    activeAtMs: Math.max(conversation.activeAtMs, message.atMs),
  }
}

/** A step that the state machine does not know changes nothing: late news is harmless. */
export function withDelivery(
  conversation: Conversation,
  id: string,
  delivery: Delivery,
): Conversation {
  let isChanged = false
  const messages = conversation.messages.map(message => {
    if (message.direction !== 'out' || message.id !== id) return message
    const next: readonly Delivery['state'][] = NEXT_DELIVERY[message.delivery.state]
    if (!next.includes(delivery.state)) return message
    isChanged = true
    return { ...message, delivery }
  })
  return isChanged ? { ...conversation, messages } : conversation
}

export function withPetname(conversation: Conversation, petname: string | undefined): Conversation {
  const { petname: _, ...rest } = conversation
  return petname === undefined ? rest : { ...rest, petname }
}

export function withMode(conversation: Conversation, mode: PathMode): Conversation {
  const { mode: _, ...rest } = conversation
  return mode === 'fast' ? rest : { ...rest, mode }
}

export function asRead(conversation: Conversation): Conversation {
  return conversation.unread === 0 ? conversation : { ...conversation, unread: 0 }
}

export function waitingMessages(conversation: Conversation): readonly OutgoingMessage[] {
  return conversation.messages.filter(
    (message): message is OutgoingMessage =>
      message.direction === 'out' && message.delivery.state === 'waiting',
  )
}

export function undelivered(conversation: Conversation): readonly OutgoingMessage[] {
  return conversation.messages.filter(
    (message): message is OutgoingMessage =>
      message.direction === 'out' &&
      (message.delivery.state === 'waiting' || message.delivery.state === 'sending'),
  )
}

/** What the user may send again. */
export function failedMessages(conversation: Conversation): readonly OutgoingMessage[] {
  return conversation.messages.filter(
    (message): message is OutgoingMessage =>
      message.direction === 'out' && message.delivery.state === 'failed',
  )
}

/** A clock that was set back makes nothing too old. */
export function isTooOld({ atMs }: OutgoingMessage, nowMs: number): boolean {
  return nowMs - atMs >= QUEUE_KEEP_MS
}

/** What waited or was on its way when the page went goes on, under its id; what is too old is the user's to send again. */
export function afterReload(conversation: Conversation, nowMs: number): Conversation {
  const messages = conversation.messages.map(message => {
    if (message.direction === 'in') return message
    const { state } = message.delivery
    if (state !== 'waiting' && state !== 'sending') return message
    const isOver = isTooOld(message, nowMs)
    const before = isOver ? TOO_OLD : WAITED
    const problem = state === 'sending' ? INTERRUPTED : before
    const delivery: Delivery = { state: isOver ? 'failed' : 'waiting', problem }
    return { ...message, delivery }
  })
  return { ...conversation, messages: capped(messages) }
}

/** Somebody wrote to us whom we have neither named nor answered. */
export function isStranger(conversation: Conversation): boolean {
  return (
    conversation.startedBy === 'them' &&
    conversation.petname === undefined &&
    !conversation.messages.some(message => message.direction === 'out')
  )
}

function capped(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  let first = Math.max(0, messages.length - MESSAGES_MAX)
  let chars = 0
  for (let i = messages.length - 1; i >= first; i--) {
    chars += messages[i]?.text.length ?? 0
    if (chars > HISTORY_MAX_CHARS) first = i + 1
  }
  return first === 0 ? messages : messages.slice(first)
}
