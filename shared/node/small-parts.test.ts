// The parts that are tables, queues or sentences.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { CircuitId, EndReason } from '../routing/circuit.ts'
import type { FailureCode } from '../session/effects.ts'
import type { CloseReason } from '../wire/close-code.ts'
import { CLOSE_CODE } from '../wire/close-code.ts'
import { MAX_LINKS_PER_KEY, OUTBOX_MAX_BYTES, OUTBOX_MAX_MESSAGES } from '../wire/limits.ts'
import type { SessionCloseCode, SessionRefusal } from '../wire/session-close.ts'
import { SESSION_CLOSE, SESSION_REFUSAL } from '../wire/session-close.ts'
import { failureOfClose as failureOfLink } from './links/close-failure.ts'
import { LinksByKey } from './links/links-by-key.ts'
import { ERROR_HINTS, MeshError, toMeshError } from './mesh-error.ts'
import { currentOnionKey } from './onion-key-choice.ts'
import {
  failureOfClose,
  failureOfDestroy,
  failureOfMessage,
  failureOfQuota,
  failureOfRefusal,
} from './peer-failure.ts'
import { circuitOf, isSamePath, pathOf } from './peers/peer-paths.ts'
import { PendingSends } from './peers/pending-sends.ts'
import { printable } from './printable.ts'
import { RequestTable } from './request-table.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { identityOf, recordOf } from './testing/records.ts'

const KEY = 'k'.repeat(32) as KeyId
const URL = { scheme: 'ws', host: 'one.example', port: 80 } as const

function keyOf(number: number): KeyId {
  return identityOf(number).keyId
}

describe('MeshError', () => {
  it('carries its code, the hint of the code or its own, and the cause', () => {
    const cause = new Error('deep')
    const error = new MeshError('QUOTA', 'Too much.', { cause })
    expect(error).toMatchObject({ name: 'MeshError', code: 'QUOTA', message: 'Too much.', cause })
    expect(error.hint).toBe(ERROR_HINTS.QUOTA)
    expect(new MeshError('QUOTA', 'x', { hint: 'mine' }).hint).toBe('mine')
    expect('cause' in new MeshError('USAGE', 'x')).toBe(false)
    expect(toMeshError({ code: 'CLOSED', message: 'gone' })).toMatchObject({ code: 'CLOSED' })
    expect(toMeshError({ code: 'CLOSED', message: 'gone' }).hint).toBe(ERROR_HINTS.CLOSED)
    expect(toMeshError({ code: 'CLOSED', message: 'gone', hint: 'mine' }).hint).toBe('mine')
  })

  it('has a sentence for each code', () => {
    for (const [code, hint] of Object.entries(ERROR_HINTS)) {
      expect(code).toMatch(/^[A-Z_]+$/)
      expect(hint).toMatch(/^[A-Z].+\.$/)
    }
  })

  it('says in it what to do, as the message says what happened', () => {
    const first = Object.values(ERROR_HINTS).map(hint => hint.split(/[ ,:;]/)[0] ?? '')
    const nouns = ['A', 'Another', 'Its', 'No', 'Other', 'The', 'This', 'Your']
    expect(first.filter(word => nouns.includes(word))).toEqual([])
  })
})

describe('every way to fail', () => {
  const sentence = { code: expect.any(String), message: expect.stringMatching(/^[A-Z].*\.$/) }

  it('of a link has a sentence that names the server', () => {
    for (const reason of Object.keys(CLOSE_CODE) as CloseReason[]) {
      const failure = failureOfLink(URL, reason, undefined)
      expect(failure).toMatchObject(sentence)
      expect(failure.message).toContain('ws://one.example')
      expect(ERROR_HINTS).toHaveProperty(failure.code)
    }
    expect(failureOfLink(URL, 'busy', 'ask\nlater').message).toMatch(/\(asklater\)\.$/)
    expect(failureOfLink(URL, 'busy', '').message).not.toContain('(')
    expect(failureOfLink(URL, 'wrongKey', 'this node has another key').message).not.toContain('(')
  })

  it('of a link says what to do where the code alone does not tell', () => {
    const hintOf = (...of: Parameters<typeof failureOfLink>) => failureOfLink(...of).hint
    const overTls = { ...URL, scheme: 'wss' } as const
    expect(hintOf(overTls, 'unauthenticated', undefined)).toContain('/#key_')
    expect(hintOf(overTls, 'unauthenticated', 'the other side said why')).toBeUndefined()
    const pinned = { ...overTls, key: new Uint8Array(32) }
    expect(hintOf(pinned, 'unauthenticated', undefined)).toBeUndefined()
    expect(hintOf(URL, 'unauthenticated', undefined)).toBeUndefined()
    expect(hintOf(pinned, 'wrongKey', undefined)).toContain('address')
    // The code's own hint is for those who dial a key that was revoked.
    expect(hintOf(URL, 'revoked', undefined)).not.toBe(ERROR_HINTS.REVOKED)
    expect(hintOf(URL, 'busy', undefined)).toBeUndefined()
  })

  it('of a peer has a sentence', () => {
    const refusals = Object.keys(SESSION_REFUSAL) as SessionRefusal[]
    const destroys: EndReason[] = [
      'protocol',
      'busy',
      'timeout',
      'closed',
      'quota',
      'unreachable',
      'linkLost',
    ]
    const messages: FailureCode[] = ['FULL', 'TOO_LARGE', 'TIMEOUT', 'ABORTED', 'CLOSED']
    for (const reason of refusals) expect(failureOfRefusal(reason)).toMatchObject(sentence)
    for (const reason of destroys) expect(failureOfDestroy(reason)).toMatchObject(sentence)
    for (const code of messages) expect(failureOfMessage(code)).toMatchObject(sentence)
    for (const code of Object.keys(SESSION_CLOSE) as SessionCloseCode[]) {
      if (code === 'NORMAL') expect(failureOfClose(code)).toBeUndefined()
      else expect(failureOfClose(code)).toMatchObject(sentence)
    }
  })

  it('of a quota names the limit and the time', () => {
    expect(failureOfQuota({ limit: 'setupsPerS', retryAfterMs: 1_001 }).message).toContain('2 s')
    expect(failureOfQuota({ limit: 'x', retryAfterMs: 0 }).message).toContain('as soon as')
    expect(failureOfQuota({ limit: 'a\u001b[31m', retryAfterMs: 1 }).message).not.toContain(
      '\u001b',
    )
  })
})

describe('printable', () => {
  it('keeps text of every language and drops what paints', () => {
    expect(printable('naïve 日本 🙂 – ok')).toBe('naïve 日本 🙂 – ok')
    expect(printable('a\u0000b\u001b[0m\u202ec\u2028d\ufeff')).toBe('ab[0mcd')
  })
})

describe('RequestTable', () => {
  const send = { kind: 'send', peer: KEY, id: new Uint8Array(16) } as const

  it('expires what is due, whichever way it is kept', () => {
    const table = new RequestTable()
    table.addUsual(1, send, 30)
    table.add(2, { kind: 'dial', peer: KEY }, 10)
    table.addUsual(3, send, 31)
    expect(table.nextTimeout()).toBe(10)
    expect(table.expired(9)).toEqual([])
    expect(table.expired(10)).toEqual([2])
    expect(table.remove(2)).toBe(true)
    expect(table.remove(2)).toBe(false)
    expect(table.nextTimeout()).toBe(30)
    expect(table.expired(30)).toEqual([1])
    expect(table.remove(1)).toBe(true)
    expect(table.nextTimeout()).toBe(31)
    expect(table.get(3)).toBe(send)
    expect(table.all()).toEqual([3])
    expect(table.remove(3)).toBe(true)
    expect([table.size, table.nextTimeout()]).toEqual([0, undefined])
  })

  it('may look too early, but never too late', () => {
    const table = new RequestTable()
    table.addUsual(1, send, 30)
    table.addUsual(2, send, 40)
    table.remove(1)
    expect(table.nextTimeout()).toBe(30)
    expect(table.expired(30)).toEqual([])
    expect(table.nextTimeout()).toBe(40)
  })
})

describe('PendingSends', () => {
  const message = (number: number, bytes = 1) => ({
    id: new Uint8Array(16).fill(number),
    data: new Uint8Array(bytes),
  })

  it('keeps the order, what was begun before ahead of what waits', () => {
    const sends = new PendingSends()
    sends.enqueue(1, message(1))
    sends.enqueue(2, message(2))
    sends.requeue([message(8), message(9)])
    expect(sends.drop(message(1).id)).toBe(true)
    expect(sends.drop(message(1).id)).toBe(false)
    expect(sends.takeQueued().map(({ id }) => id[0])).toEqual([8, 9, 2])
    expect(sends.takeQueued()).toEqual([])
    expect(sends.settle(message(2).id)).toBe(2)
    expect(sends.settle(message(2).id)).toBeUndefined()
  })

  it('is full at its bytes and its messages, and has room again', () => {
    const bytes = new PendingSends()
    expect(bytes.enqueue(1, message(1, OUTBOX_MAX_BYTES - 1))).toBe(true)
    expect(bytes.enqueue(2, message(2, 2))).toBe(false)
    expect(bytes.enqueue(3, message(3, 1))).toBe(true)
    expect(bytes.enqueue(4, message(4, 1))).toBe(false)
    bytes.drop(message(3).id)
    expect(bytes.enqueue(5, message(5, 1))).toBe(true)
    expect(bytes.settleAll()).toEqual([1, 5])
    expect(bytes.enqueue(6, message(6, OUTBOX_MAX_BYTES))).toBe(true)

    const count = new PendingSends()
    const id = (number: number) => {
      const bytes16 = new Uint8Array(16)
      new DataView(bytes16.buffer).setUint32(0, number)
      return { id: bytes16, data: new Uint8Array(0) }
    }
    for (let i = 0; i < OUTBOX_MAX_MESSAGES; i++) count.enqueue(i, id(i))
    expect(count.size).toBe(OUTBOX_MAX_MESSAGES)
    expect(count.enqueue(-1, id(OUTBOX_MAX_MESSAGES))).toBe(false)
  })
})

describe('LinksByKey', () => {
  it('names the oldest link over the limit, and forgets', () => {
    const links = new LinksByKey()
    for (let i = 1; i <= MAX_LINKS_PER_KEY; i++) expect(links.add(KEY, i as LinkId)).toBeUndefined()
    expect(links.add(KEY, 99 as LinkId)).toBe(1)
    links.remove(KEY, 1 as LinkId)
    links.remove(KEY, 1 as LinkId)
    expect(links.add(KEY, 100 as LinkId)).toBe(2)
    for (const link of [2, 3, 4, 99, 100]) links.remove(KEY, link as LinkId)
    expect(links.add(KEY, 5 as LinkId)).toBeUndefined()
  })
})

describe('paths', () => {
  it('are the same if hops and time are', () => {
    const path = { hops: [KEY], rttMs: 5 }
    expect(isSamePath(undefined, undefined)).toBe(true)
    expect(isSamePath(path, undefined)).toBe(false)
    expect(isSamePath(path, { hops: [KEY], rttMs: 5 })).toBe(true)
    expect(isSamePath(path, { hops: [KEY] })).toBe(false)
    expect(isSamePath(path, { hops: [KEY, KEY], rttMs: 5 })).toBe(false)
    expect(isSamePath(path, { hops: [keyOf(1)], rttMs: 5 })).toBe(false)
  })

  it('are circuits under another name', () => {
    expect(circuitOf(pathOf(7 as CircuitId))).toBe(7)
  })
})

describe('the onion key of a record', () => {
  const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const { record } = recordOf(identityOf(1), {
    onion: [
      { key: first, expiresMs: START_UNIX_MS },
      { key: second, expiresMs: START_UNIX_MS + 10 },
    ],
  })

  it.each([
    [-1, first],
    [0, second],
    [9, second],
    [10, second],
    [1e9, second],
  ])('%i ms after the expiry of the first', (ms, expected) => {
    expect(currentOnionKey(record, START_UNIX_MS + ms)).toEqual(expected)
  })
})
