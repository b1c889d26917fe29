// The small parts of what is kept, each alone: ids in blocks, messages that wait to be saved, and what is read back.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { SavedMessage } from '../../session/saved-session.ts'
import { encodeSavedIds, encodeSavedMessage, encodeSavedPeer } from '../../session/saved-session.ts'
import { StateSeal } from '../../session/state-seal.ts'
import { seeded } from '../../session/testing/seeded.ts'
import {
  MAX_RESUMED_SESSIONS,
  MESSAGE_TIMEOUT_MS,
  SAVED_IDS_PER_BLOCK,
  SAVED_MESSAGE_MAX_BYTES,
  SAVED_MESSAGES_MAX,
  SAVED_MESSAGES_MAX_BYTES,
  SEEN_MESSAGES_PER_PEER,
  SESSION_ALIVE_MS,
  SESSION_PATHLESS_MS,
  SESSION_SAVE_MS,
} from '../../wire/limits.ts'
import { KeptIds } from './kept-ids.ts'
import { KeptMessages } from './kept-messages.ts'
import { idsName, messageName, peerName, restoreSessions } from './restore.ts'

const random = seeded(1)
const UNIX_MS = 1_800_000_000_000
const PEER = random.bytes(32)
const at = (now: number): Time => ({ now, unixMs: UNIX_MS + now })

function message(order: number, length = 3, over: Partial<SavedMessage> = {}): SavedMessage {
  const expiresAtUnixMs = UNIX_MS + MESSAGE_TIMEOUT_MS
  const data = new Uint8Array(length)
  return {
    publicKey: PEER,
    mode: undefined,
    order,
    id: random.bytes(16),
    expiresAtUnixMs,
    data,
    ...over,
  }
}

describe('kept ids', () => {
  const taken = (ids: KeptIds) => {
    const blocks = []
    for (let block = ids.take(); block !== undefined; block = ids.take()) blocks.push(block)
    return blocks
  }

  it('make one block be written anew, and the next when it is full', () => {
    const ids = new KeptIds()
    expect(taken(ids)).toEqual([])
    ids.add(random.bytes(16))
    expect(taken(ids)).toMatchObject([{ place: 0, number: 0 }])
    expect(taken(ids)).toEqual([])
    for (let i = 0; i < SAVED_IDS_PER_BLOCK; i++) ids.add(random.bytes(16))
    const blocks = taken(ids)
    expect(blocks.map(block => [block.number, block.ids.length])).toEqual([
      [0, SAVED_IDS_PER_BLOCK],
      [1, 1],
    ])
  })

  it('take no more room than the memory of ids, the oldest block making way', () => {
    const ids = new KeptIds()
    for (let i = 0; i < 3 * SEEN_MESSAGES_PER_PEER; i++) ids.add(random.bytes(16))
    taken(ids)
    expect([...ids.places]).toHaveLength(SEEN_MESSAGES_PER_PEER / SAVED_IDS_PER_BLOCK)
  })

  it('go on after the blocks of an earlier life', () => {
    const ids = new KeptIds([
      { number: 65, ids: [] },
      { number: 3, ids: [] },
    ])
    ids.add(random.bytes(16))
    expect(taken(ids)).toMatchObject([{ place: 2, number: 66 }])
    expect([...ids.places].sort()).toEqual([1, 2, 3])
  })
})

describe('kept messages', () => {
  it('are for the store when they were not settled in time, in order', () => {
    const kept = new KeptMessages()
    const [one, two, three] = [message(1), message(2), message(3)]
    kept.add(at(0), 1, one)
    kept.add(at(10), 2, two)
    kept.add(at(20), 3, three)
    expect(kept.nextTimeout()).toBe(SESSION_SAVE_MS)
    expect(kept.settle(1)).toBeUndefined()
    expect(kept.takeDue(SESSION_SAVE_MS + 9)).toEqual([])
    expect(kept.takeDue(SESSION_SAVE_MS + 20)).toEqual([two, three])
    expect(kept.nextTimeout()).toBeUndefined()
    expect([kept.settle(2), kept.settle(2), kept.settle(3)]).toEqual([two, undefined, three])
  })

  it('end with the process over the caps', () => {
    const kept = new KeptMessages()
    kept.add(at(0), 1, message(1, SAVED_MESSAGE_MAX_BYTES))
    kept.add(at(0), 2, message(2, SAVED_MESSAGE_MAX_BYTES + 1))
    expect(kept.takeDue()).toHaveLength(1)
    const fitting = SAVED_MESSAGES_MAX_BYTES / SAVED_MESSAGE_MAX_BYTES
    for (let i = 0; i < fitting; i++) kept.add(at(0), 10 + i, message(i, SAVED_MESSAGE_MAX_BYTES))
    expect(kept.takeDue()).toHaveLength(fitting - 1)
    kept.settle(1)
    kept.add(at(0), 100, message(100, SAVED_MESSAGE_MAX_BYTES))
    expect(kept.takeDue()).toHaveLength(1)
    const many = new KeptMessages()
    for (let i = 0; i <= SAVED_MESSAGES_MAX; i++) many.add(at(0), i, message(i, 0))
    expect(many.takeDue()).toHaveLength(SAVED_MESSAGES_MAX)
  })
})

describe('restoring', () => {
  const seal = new StateSeal(nodeSuite, random.bytes, random.bytes(32))
  const name = peerName(seal, PEER)
  const session = (aliveAtUnixMs: number, publicKey = PEER): [string, Uint8Array] => {
    const peer = peerName(seal, publicKey)
    const value = { publicKey, isOurs: true, mode: 'relay', aliveAtUnixMs } as const
    return [peer, seal.seal(peer, encodeSavedPeer(value))]
  }
  const sent = (one: SavedMessage): [string, Uint8Array] => {
    const own = messageName(name, one.order)
    return [own, seal.seal(own, encodeSavedMessage(one))]
  }
  const block = (number: number): [string, Uint8Array] => {
    const own = idsName(name, number)
    return [own, seal.seal(own, encodeSavedIds({ number, ids: [random.bytes(16)] }))]
  }

  it('gives a peer with what belongs to it, messages in the order in which they were sent', () => {
    const saved = [
      sent(message(12)),
      block(1),
      session(UNIX_MS - 5_000),
      sent(message(3)),
      block(0),
    ]
    const { peers, useless } = restoreSessions(seal, UNIX_MS, saved)
    expect(useless).toEqual([])
    expect(peers).toMatchObject([
      {
        key: keyIdOf(PEER),
        isOurs: true,
        mode: 'relay',
        remainingMs: SESSION_PATHLESS_MS + SESSION_ALIVE_MS - 5_000,
        messages: [{ order: 3 }, { order: 12 }],
      },
    ])
    expect(peers[0]?.ids).toHaveLength(2)
  })

  it('gives messages of a peer without a session, in their own mode', () => {
    const { peers } = restoreSessions(seal, UNIX_MS, [sent(message(1, 3, { mode: 'private' }))])
    expect(peers).toMatchObject([{ isOurs: false, mode: 'private', remainingMs: 0 }])
  })

  const limit = SESSION_PATHLESS_MS + SESSION_ALIVE_MS
  it.each([
    [limit - 1, 1],
    [limit, 0],
    [limit + 1, 0],
    [-1, 1],
    [-limit + 1, 1],
    [-limit, 0],
  ])('of a session that was alive %i ms ago gives %i', (ageMs, count) => {
    const { peers, useless } = restoreSessions(seal, UNIX_MS, [session(UNIX_MS - ageMs), block(0)])
    expect(peers).toHaveLength(count)
    expect(useless).toHaveLength(2 - 2 * count)
  })

  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [MESSAGE_TIMEOUT_MS, 1, MESSAGE_TIMEOUT_MS],
    [2 * MESSAGE_TIMEOUT_MS, 1, MESSAGE_TIMEOUT_MS],
    [2 * MESSAGE_TIMEOUT_MS + 1, 0, 0],
  ])('of a message with %i ms left gives %i', (leftMs, count, remainingMs) => {
    const one = message(1, 3, { expiresAtUnixMs: UNIX_MS + leftMs })
    const { peers, useless } = restoreSessions(seal, UNIX_MS, [sent(one)])
    expect(peers.flatMap(({ messages }) => messages)).toHaveLength(count)
    expect(useless).toHaveLength(1 - count)
    if (count > 0) expect(peers[0]?.messages[0]?.remainingMs).toBe(remainingMs)
  })

  it('names what is damaged, not ours or misplaced, and lets alone what is no session', () => {
    const [, value] = session(UNIX_MS)
    const [other] = session(UNIX_MS, random.bytes(32))
    const garbage = (own: string): [string, Uint8Array] => [own, seal.seal(own, Uint8Array.of(9))]
    const saved: [string, Uint8Array][] = [
      ['relay/budget', random.bytes(9)],
      ['session/', random.bytes(9)],
      ['session/x/ids/0', random.bytes(99)],
      [other, value],
      garbage(`${name}/ids/1`),
      garbage(`${name}/sent/1`),
      garbage(`${name}/else/1`),
      garbage(name),
    ]
    const { peers, useless } = restoreSessions(seal, UNIX_MS, saved)
    expect(peers).toEqual([])
    expect([...useless].sort()).toEqual(
      saved
        .slice(1)
        .map(([own]) => own)
        .sort(),
    )
  })

  it('takes up so many sessions, the ones that were alive last', () => {
    const saved = Array.from({ length: MAX_RESUMED_SESSIONS + 1 }, (_, i) =>
      session(UNIX_MS - i, random.bytes(32)),
    )
    const { peers, useless } = restoreSessions(seal, UNIX_MS, saved.toReversed())
    expect(peers).toHaveLength(MAX_RESUMED_SESSIONS)
    expect(useless).toEqual([saved.at(-1)?.[0]])
  })
})
