// What the tabs of one origin say to each other over BroadcastChannel, so that one of them runs the node for all. All of
// them run our code, of this version: others have channels of another name. Each tab has a channel of its own, its
// inbox; the one of the group is for finding the leader. Types, and the little that all need; opens nothing.

import { toHex } from '../../shared/bytes/hex.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'

/** Of these messages, commands and events included. Tabs of different versions do not share a node. */
export const TABS_VERSION = 1

/** 32 hex digits, of one life of one page. */
export type TabId = string
/** One tab's time as the leader: a number that is higher than that of every time before it. */
export type Term = number

export type GroupMessage =
  /** Asked until there is an answer. */
  | { readonly kind: 'who' }
  /** `isReady`: the node runs, and tabs may attach. Said in answer, and unasked once that is so. */
  | {
      readonly kind: 'leads'
      readonly leader: TabId
      readonly term: Term
      readonly isReady: boolean
    }

/** In the inbox of the leader. What is not of its term it ignores. */
export type ToLeader = { readonly from: TabId; readonly term: Term } & (
  | { readonly kind: 'attach' }
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'ping' }
  | { readonly kind: 'leave' }
)

/** In the inbox of a follower. What is not of the term that it follows it ignores. */
export type ToFollower = { readonly term: Term } & (
  | { readonly kind: 'event'; readonly event: NodeEvent }
  | { readonly kind: 'pong' }
  /** Of a tab that is not attached (any more). */
  | { readonly kind: 'stranger' }
)

/** What a BroadcastChannel is to us. */
export interface TabChannel {
  /** @throws DataCloneError */
  post(message: unknown): void
  close(): void
}

export type OpenChannel = (name: string, onMessage: (message: unknown) => void) => TabChannel

export function groupName(database: string): string {
  return `keymesh-tabs/${TABS_VERSION}:${database}`
}

/** A name that no other tab has. */
export function newTabId(randomBytes: (length: number) => Uint8Array): TabId {
  return toHex(randomBytes(16))
}

export function inboxName(group: string, tab: TabId): string {
  return `${group}/inbox/${tab}`
}

/** Of the lock that a tab holds while it lives. */
export function lifeName(group: string, tab: TabId): string {
  return `${group}/life/${tab}`
}

/** Structured cloning copies the whole buffer behind an array: a short piece of a long one is cut out first. */
export function withOwnBytes<T extends NodeEvent | Command>(item: T): T {
  switch (item.kind) {
    case 'message':
    case 'send':
      return { ...item, id: ownBytes(item.id), data: ownBytes(item.data) }
    default:
      return item
  }
}

function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice()
}
