// What a node remembers of relays and of what it tried: whose word counts, what is verified when, what goes first.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import {
  RELAY_SOURCES,
  RELAYS_PER_SOURCE,
  RELAYS_REMEMBERED,
  TRIED_STEPS_REMEMBERED,
  TRIED_STEPS_TOLD,
} from '../../wire/limits.ts'
import { FORGED_ANSWER, failureOfRefusal, PEER_SILENT } from '../peer-failure.ts'
import { identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { RelayBook } from './relay-book.ts'
import { RouteLog } from './route-log.ts'

const NOW = START_UNIX_MS
const SOURCE = identityOf(999).keyId
const ONION = [{ key: new Uint8Array(32).fill(3), expiresMs: NOW + 1_000 }]

function server(number: number, fields: Parameters<typeof recordOf>[1] = {}) {
  return recordOf(identityOf(number), { type: 'server', relay: 1, onion: ONION, ...fields })
}

function bookWith(...records: ReturnType<typeof server>[]): RelayBook {
  const book = new RelayBook(nodeSuite, NET)
  book.sampled(
    SOURCE,
    records.map(({ bytes }) => bytes),
  )
  return book
}

describe('relays of samples', () => {
  it('are servers that relay, with a valid record of our network', () => {
    const forged = server(3).bytes.slice()
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1
    const book = bookWith(
      server(1),
      server(2, { relay: 0 }),
      server(4, { type: 'client' }),
      server(5, { net: new Uint8Array(16).fill(9) }),
    )
    book.sampled(SOURCE, [forged, new Uint8Array(5)])
    expect(book.servers(NOW)).toEqual([identityOf(1).keyId])
  })

  it('are of no use once their onion key has expired', () => {
    const book = bookWith(server(1))
    expect(book.servers(NOW + 999)).toHaveLength(1)
    expect(book.servers(NOW + 1_000)).toEqual([])
    expect(book.hop(NOW + 1_000, identityOf(1).keyId)).toBeUndefined()
  })

  it('are known by their newest record', () => {
    const book = bookWith(server(1, { seq: NOW + 2 }))
    expect(book.servers(NOW)).toHaveLength(1)
    const key = new Uint8Array(32).fill(8)
    book.learn(server(1, { seq: NOW + 1, onion: [{ key, expiresMs: NOW + 9 }] }).record)
    expect(book.hop(NOW, identityOf(1).keyId)?.onionKey).toEqual(ONION[0]?.key)
    book.learn(server(1, { seq: NOW + 3, onion: [{ key, expiresMs: NOW + 9 }] }).record)
    expect(book.hop(NOW, identityOf(1).keyId)?.onionKey).toEqual(key)
  })

  it('are not more than so many, verified or not', () => {
    const book = new RelayBook(nodeSuite, NET)
    const { record } = server(1)
    for (let n = 0; n < RELAYS_REMEMBERED + 10; n++) {
      const key = new Uint8Array(32).fill(n % 251)
      key[31] = n >> 8
      key[30] = n & 255
      book.learn({ ...record, key })
    }
    expect(book.servers(NOW)).toHaveLength(RELAYS_REMEMBERED)
    const other = bookWith(server(1))
    other.sampled(
      SOURCE,
      Array.from({ length: RELAYS_PER_SOURCE }, () => new Uint8Array(4)),
    )
    expect(other.servers(NOW)).toEqual([])
  })

  it('of one server push out none of another, however many and often it tells', () => {
    const book = bookWith(server(1), server(2))
    const liar = identityOf(998).keyId
    for (let n = 0; n < 3 * RELAYS_PER_SOURCE; n++) {
      book.sampled(liar, [server(100 + n).bytes])
      if (n % 7 === 0) book.strangers(NOW)
    }
    const [honest, told] = book.strangers(NOW)
    expect(honest).toEqual([identityOf(1).keyId, identityOf(2).keyId])
    expect(told).toHaveLength(RELAYS_PER_SOURCE)
    expect(told).toContain(identityOf(99 + 3 * RELAYS_PER_SOURCE).keyId)
  })

  it('are in the share of each server that tells of them', () => {
    const book = bookWith(server(1), server(2))
    book.sampled(identityOf(998).keyId, [server(2).bytes, server(3).bytes])
    expect(book.strangers(NOW)).toEqual([
      [identityOf(1).keyId, identityOf(2).keyId],
      [identityOf(2).keyId, identityOf(3).keyId],
    ])
    expect(book.servers(NOW)).toHaveLength(3)
  })

  it('are those of so many servers', () => {
    const book = new RelayBook(nodeSuite, NET)
    const { bytes } = server(1)
    for (let n = 0; n <= RELAY_SOURCES; n++) book.sampled(identityOf(500 + n).keyId, [bytes])
    expect(book.strangers(NOW)).toHaveLength(RELAY_SOURCES)
  })

  it('are no strangers when nobody of ours told of them', () => {
    const book = bookWith(server(1))
    book.learn(server(2).record)
    expect(book.strangers(NOW)).toEqual([[identityOf(1).keyId]])
    expect(book.servers(NOW)).toHaveLength(2)
  })
})

describe('what was tried', () => {
  const [ann, bob] = ['ann', 'bob'] as [KeyId, KeyId]
  const at = (now: number) => ({ now, unixMs: 0 })

  it('is told per peer, oldest first, with its age', () => {
    const log = new RouteLog()
    log.add(at(30), bob, 'lookup', [], 10)
    log.add(at(40), ann, 'lookup', [], 10)
    log.add(at(90), bob, 'circuit', [ann], 30, PEER_SILENT)
    expect(log.of(at(100), bob)).toEqual([
      { step: 'lookup', relays: [], agoMs: 90, tookMs: 20 },
      { step: 'circuit', relays: [ann], agoMs: 70, tookMs: 60, failure: PEER_SILENT },
    ])
  })

  it('says why a route failed, until it does not any more', () => {
    const log = new RouteLog()
    log.add(at(1), bob, 'circuit', [ann], 0, PEER_SILENT)
    expect(log.failureOf(bob, [ann])).toBe(PEER_SILENT)
    expect(log.failureOf(bob, [])).toBeUndefined()
    log.add(at(2), bob, 'attach', [ann], 1)
    expect(log.failureOf(bob, [ann])).toBeUndefined()
  })

  it('blames no route for the peer’s refusal, nor for what failed before the peer was reached over it', () => {
    const log = new RouteLog()
    const refusal = failureOfRefusal('busy')
    log.add(at(1), bob, 'refusal', [ann], 0, refusal)
    expect(log.failureOf(bob, [ann])).toBeUndefined()
    log.add(at(2), bob, 'circuit', [ann], 1, PEER_SILENT)
    expect(log.failureOf(bob, [ann])).toBe(PEER_SILENT)
    log.add(at(3), bob, 'refusal', [ann], 2, refusal)
    expect(log.failureOf(bob, [ann])).toBeUndefined()
    expect(log.of(at(3), bob).map(({ failure }) => failure)).toEqual([
      refusal,
      PEER_SILENT,
      refusal,
    ])
  })

  it('blames the route for an answer that is not the peer’s', () => {
    const log = new RouteLog()
    log.add(at(1), bob, 'handshake', [ann], 0, FORGED_ANSWER)
    expect(log.failureOf(bob, [ann])).toBe(FORGED_ANSWER)
  })

  it('is remembered up to a number, the newest first', () => {
    const log = new RouteLog()
    log.add(at(0), ann, 'lookup', [], 0)
    for (let n = 1; n <= 2 * TRIED_STEPS_REMEMBERED; n++) log.add(at(n), bob, 'lookup', [], n)
    expect(log.of(at(0), ann)).toEqual([])
    const told = log.of(at(2 * TRIED_STEPS_REMEMBERED), bob)
    expect(told).toHaveLength(TRIED_STEPS_TOLD)
    expect(told.at(-1)?.agoMs).toBe(0)
  })
})
