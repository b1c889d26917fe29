// Conversations as they lie in IndexedDB: plain objects with a version. Reading trusts nothing, because an
// older or newer page, or a broken disk, may have written them; what is not understood is left out.

import type { PathMode } from '../../client/api.ts'
import { cleanMessage, cleanName } from './clean-text.ts'
import type { ChatMessage, Conversation, Delivery } from './conversation.ts'
import { afterReload } from './conversation.ts'
import { readKeyInput } from './key-link.ts'
import { COMPOSE_MAX_CHARS, MESSAGES_MAX } from './limits.ts'

const VERSION = 1

export interface StoredConversation extends Conversation {
  readonly version: typeof VERSION
}

export function encodeConversation(conversation: Conversation): StoredConversation {
  return { version: VERSION, ...conversation }
}

/** @returns `undefined` for anything that is not a conversation of this version */
export function decodeConversation(value: unknown, nowMs = Date.now()): Conversation | undefined {
  if (!isFields(value) || value.version !== VERSION) return undefined
  const { key, startedBy, draft, messages } = value
  const activeAtMs = asTime(value.activeAtMs)
  if (typeof key !== 'string' || readKeyInput(key, undefined).kind !== 'key') return undefined
  if (startedBy !== 'me' && startedBy !== 'them') return undefined
  if (activeAtMs === undefined || !Array.isArray(messages)) return undefined
  const petname = typeof value.petname === 'string' ? cleanName(value.petname) : undefined
  const decoded: Conversation = {
    key,
    startedBy,
    ...decodeMode(value.mode),
    ...(petname === undefined ? {} : { petname }),
    messages: messages.map(decodeMessage).filter(message => message !== undefined),
    unread: asCount(value.unread),
    draft: typeof draft === 'string' ? draft.slice(0, COMPOSE_MAX_CHARS) : '',
    activeAtMs,
  }
  return afterReload(decoded, nowMs)
}

/** What is not understood was asked for all the same: never a laxer mode than it may have been. */
function decodeMode(value: unknown): { readonly mode?: PathMode } {
  if (value === undefined || value === 'fast') return {}
  return { mode: value === 'relay' ? 'relay' : 'private' }
}

function decodeMessage(value: unknown): ChatMessage | undefined {
  if (!isFields(value)) return undefined
  const { direction, id } = value
  const atMs = asTime(value.atMs)
  if (typeof id !== 'string' || typeof value.text !== 'string' || atMs === undefined) {
    return undefined
  }
  const text = cleanMessage(value.text)
  if (direction === 'in') return { direction, id, text, atMs, isNote: value.isNote === true }
  const delivery = decodeDelivery(value.delivery)
  if (direction !== 'out' || delivery === undefined) return undefined
  return { direction, id, text, atMs, delivery }
}

function decodeDelivery(value: unknown): Delivery | undefined {
  if (!isFields(value)) return undefined
  const { state, problem } = value
  if (state === 'waiting' || state === 'sending' || state === 'delivered') return { state }
  if (state !== 'failed' || !isFields(problem)) return undefined
  const { sentence, hint } = problem
  if (typeof sentence !== 'string') return undefined
  return { state, problem: typeof hint === 'string' ? { sentence, hint } : { sentence } }
}

function asTime(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

function asCount(value: unknown): number {
  return Number.isSafeInteger(value) ? Math.min(Math.max(Number(value), 0), MESSAGES_MAX) : 0
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
