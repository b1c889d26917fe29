// Reads what an earlier life of this node kept of its sessions (docs/PROTOCOL.md 7.7). What is damaged, sealed
// under another identity, too old or beyond the caps is named to be erased. Decides nothing about dials.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { SavedIds, SavedMessage, SavedPeer } from '../../session/saved-session.ts'
import { decodeSavedIds, decodeSavedMessage, decodeSavedPeer } from '../../session/saved-session.ts'
import type { StateSeal } from '../../session/state-seal.ts'
import {
  MAX_RESUMED_SESSIONS,
  MESSAGE_TIMEOUT_MS,
  SAVED_MESSAGES_MAX,
  SESSION_ALIVE_MS,
  SESSION_PATHLESS_MS,
} from '../../wire/limits.ts'

/** In front of every name under which this is kept. */
export const SESSION_PREFIX = 'session/'

export interface RestoredMessage extends SavedMessage {
  /** Until it is given up. */
  readonly remainingMs: number
}

export interface RestoredPeer {
  readonly key: KeyId
  readonly isOurs: boolean
  readonly mode: SavedPeer['mode']
  /** Of its session, if there was one. */
  readonly aliveAtUnixMs: number | undefined
  /** How much longer the peer may still have the session; 0 when only messages are left. */
  readonly remainingMs: number
  readonly ids: readonly SavedIds[]
  /** In the order in which they were sent. */
  readonly messages: readonly RestoredMessage[]
}

export interface Restored {
  /** The ones that were alive last come first. */
  readonly peers: readonly RestoredPeer[]
  /** What other parts of the node kept, as far as it is not damaged. */
  readonly others: ReadonlyMap<string, Uint8Array>
  /** Names of what is of no use. */
  readonly useless: readonly string[]
}

/** A peer whose session was alive this long ago may have it still. */
const RESUMABLE_MS = SESSION_PATHLESS_MS + SESSION_ALIVE_MS

export function peerName(seal: StateSeal, publicKey: Uint8Array): string {
  return SESSION_PREFIX + seal.nameOf(publicKey)
}

export function idsName(ofPeer: string, place: number): string {
  return `${ofPeer}/ids/${place}`
}

export function messageName(ofPeer: string, order: number): string {
  return `${ofPeer}/sent/${order}`
}

export function restoreSessions(
  seal: StateSeal,
  unixMs: number,
  saved: Iterable<readonly [name: string, value: Uint8Array]>,
): Restored {
  const useless: string[] = []
  const others = new Map<string, Uint8Array>()
  const sessions = new Map<string, SavedPeer>()
  const ids = new Map<string, { readonly name: string; readonly block: SavedIds }[]>()
  const messages = new Map<string, RestoredMessage[]>()
  let messageCount = 0
  for (const [name, value] of saved) {
    const opened = seal.open(name, value)
    if (!name.startsWith(SESSION_PREFIX)) {
      if (opened !== undefined) others.set(name, opened)
      continue
    }
    const [peer, part] = partsOf(name)
    if (opened === undefined) {
      useless.push(name)
    } else if (part === undefined) {
      const session = tryDecode(() => decodeSavedPeer(opened))
      const isOfUse = session !== undefined && remainingOf(session, unixMs) > 0
      if (isOfUse && peerName(seal, session.publicKey) === name) sessions.set(name, session)
      else useless.push(name)
    } else if (part === 'ids') {
      const block = tryDecode(() => decodeSavedIds(opened))
      if (block === undefined) useless.push(name)
      else listIn(ids, peer).push({ name, block })
    } else {
      const message = readMessage(opened, unixMs)
      if (message === undefined || ++messageCount > SAVED_MESSAGES_MAX) useless.push(name)
      else listIn(messages, peer).push(message)
    }
  }
  seal.forgetFormer()
  const peers = joined(sessions, messages, unixMs).slice(0, MAX_RESUMED_SESSIONS)
  const kept = new Set(peers.map(({ name }) => name))
  for (const [name] of sessions) if (!kept.has(name)) useless.push(name)
  for (const [peer, list] of messages) {
    if (!kept.has(peer)) useless.push(...list.map(({ order }) => messageName(peer, order)))
  }
  for (const [peer, blocks] of ids) {
    if (!kept.has(peer)) useless.push(...blocks.map(({ name }) => name))
  }
  const blocksOf = (name: string): SavedIds[] => (ids.get(name) ?? []).map(({ block }) => block)
  return { peers: peers.map(peer => ({ ...peer, ids: blocksOf(peer.name) })), others, useless }
}

function joined(
  sessions: ReadonlyMap<string, SavedPeer>,
  messages: ReadonlyMap<string, RestoredMessage[]>,
  unixMs: number,
): (Omit<RestoredPeer, 'ids'> & { readonly name: string })[] {
  const names = new Set([...sessions.keys(), ...messages.keys()])
  const peers = [...names].flatMap(name => {
    const session = sessions.get(name)
    const own = (messages.get(name) ?? []).sort((a, b) => a.order - b.order)
    const publicKey = session?.publicKey ?? own[0]?.publicKey
    if (publicKey === undefined) return []
    return {
      name,
      key: keyIdOf(publicKey),
      isOurs: session?.isOurs === true,
      mode: session?.mode ?? own.at(-1)?.mode,
      aliveAtUnixMs: session?.aliveAtUnixMs,
      remainingMs: session === undefined ? 0 : remainingOf(session, unixMs),
      messages: own,
    }
  })
  return peers.sort((a, b) => b.remainingMs - a.remainingMs)
}

/** 0 for what is too old, and for what is of a time that has not come: the clock was set back. */
function remainingOf({ aliveAtUnixMs }: SavedPeer, unixMs: number): number {
  const ageMs = unixMs - aliveAtUnixMs
  return ageMs > -RESUMABLE_MS ? Math.max(0, RESUMABLE_MS - Math.max(0, ageMs)) : 0
}

/**
 * @returns `undefined` for what was given up. After a clock was set back far, it cannot be told whether it was:
 *   the peer forgets ids in time, so then it must not go out again.
 */
function readMessage(bytes: Uint8Array, unixMs: number): RestoredMessage | undefined {
  const message = tryDecode(() => decodeSavedMessage(bytes))
  if (message === undefined) return undefined
  const remainingMs = message.expiresAtUnixMs - unixMs
  if (remainingMs <= 0 || remainingMs > 2 * MESSAGE_TIMEOUT_MS) return undefined
  return { ...message, remainingMs: Math.min(remainingMs, MESSAGE_TIMEOUT_MS) }
}

/** `session/peer`, `session/peer/ids/place` or `session/peer/sent/order`. */
function partsOf(name: string): [peer: string, part: string | undefined] {
  const end = name.indexOf('/', SESSION_PREFIX.length)
  if (end < 0) return [name, undefined]
  return [name.slice(0, end), name.slice(end + 1, name.indexOf('/', end + 1))]
}

function listIn<T>(lists: Map<string, T[]>, name: string): T[] {
  const list = lists.get(name) ?? []
  lists.set(name, list)
  return list
}
