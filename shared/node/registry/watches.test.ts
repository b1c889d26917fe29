// Watching keys at servers of our own making: who is asked, what is believed, and what is told when.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { LinkId } from '../../link/link-id.ts'
import {
  FIND_TIMEOUT_MS,
  LOOKUP_SERVERS,
  MAX_WATCHES,
  WATCH_GRACE_MS,
  WATCH_RENEW_MS,
  WATCH_RETRY_MS,
} from '../../wire/limits.ts'
import { readFindBody } from '../../wire/registry-bodies.ts'
import type { ValueBytes } from '../../wire/registry-value.ts'
import { signRevocation } from '../../wire/revocation.ts'
import type { Asked } from '../testing/fake-homes.ts'
import { FakeHomes } from '../testing/fake-homes.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'

const bob = identityOf(2)
const [ONE, TWO] = [1, 2] as LinkId[] as [LinkId, LinkId]
const servers = [identityOf(11), identityOf(12), identityOf(13), identityOf(14)]
const good = recordOf(bob, { servers: [identityOf(11).publicKey] })
const moved = recordOf(bob, { servers: [identityOf(12).publicKey], seq: START_UNIX_MS + 1 })

let fake: FakeHomes

beforeEach(() => {
  fake = new FakeHomes(['ws://one', 'ws://two', 'ws://three', 'ws://four'])
})

function open(...indexes: number[]): void {
  for (const index of indexes) fake.open(index, (index + 1) as LinkId, servers[index] ?? bob)
}

function watch(): Asked[] {
  fake.homes.watch(fake.time, bob.keyId)
  return fake.asked('watch')
}

function record({ bytes }: { bytes: Uint8Array }): { readonly value: ValueBytes } {
  return { value: { kind: 'record', bytes } }
}

function only(asked: readonly Asked[]): Asked {
  const [one, ...rest] = asked
  if (one === undefined || rest.length > 0) throw new Error(`${rest.length} too many, or none`)
  return one
}

/** What was told since the last call, as `state` or `state seq`. */
function told(): string[] {
  const all = fake.of('presence').map(({ presence: { state, record } }) => {
    return record === undefined ? state : `${state} ${record.record.seq - START_UNIX_MS}`
  })
  fake.told.length = 0
  return all
}

/** One server is attached, watches, and says that Bob is online. */
function watchOnline(): void {
  open(0)
  fake.find(only(watch()), { ...record(good), isOnline: true })
  expect(told()).toEqual(['online 0'])
}

describe('a watch', () => {
  it(`asks at most ${LOOKUP_SERVERS} servers, each once, for the key`, () => {
    open(0, 1, 2, 3)
    const asked = watch()
    expect(asked.map(({ link }) => link)).toEqual([1, 2, 3])
    expect(asked.map(({ body }) => readFindBody(body))).toEqual(asked.map(() => bob.publicKey))
    expect(watch()).toEqual([])
  })

  it('asks a server under two addresses once', () => {
    fake.open(0, ONE, identityOf(11))
    fake.open(1, TWO, identityOf(11))
    expect(watch()).toHaveLength(1)
  })

  it('begins when a server is attached, and goes on with those that come', () => {
    expect(watch()).toEqual([])
    open(0)
    expect(fake.asked('watch').map(({ link }) => link)).toEqual([1])
    open(1)
    expect(fake.asked('watch').map(({ link }) => link)).toEqual([2])
    fake.close(ONE)
    open(0)
    expect(fake.asked('watch').map(({ link }) => link)).toEqual([1])
  })

  it('is renewed before the server forgets it, and not by all at once', () => {
    watchOnline()
    fake.advance(WATCH_RENEW_MS * 0.75 - 1)
    expect(fake.asked('watch')).toEqual([])
    fake.advance(WATCH_RENEW_MS * 0.25 + 1)
    fake.find(only(fake.asked('watch')), { ...record(good), isOnline: true })
    fake.advance(WATCH_RENEW_MS)
    expect(fake.asked('watch')).toHaveLength(1)
    expect(told()).toEqual([])
  })

  it.each([
    ['refuses it', (asked: Asked) => fake.refuse(asked, 'BUSY')],
    ['does not know the method', (asked: Asked) => fake.refuse(asked, 'UNKNOWN_METHOD')],
    ['makes no sense', (asked: Asked) => fake.answer(asked, new Map())],
    ['offers a forged record', (asked: Asked) => fake.find(asked, record({ bytes: forged(good) }))],
    ['searches on', (asked: Asked) => fake.find(asked, { isFinal: false })],
  ])('is asked for again soon at a server that %s', (_name, respond) => {
    open(0)
    respond(only(watch()))
    fake.advance(WATCH_RETRY_MS - 1)
    expect(fake.asked('watch')).toEqual([])
    fake.advance(1)
    expect(fake.asked('watch')).toHaveLength(1)
  })

  it('is asked for again at a server that is silent', () => {
    open(0)
    watch()
    fake.advance(FIND_TIMEOUT_MS)
    fake.advance(WATCH_RETRY_MS)
    expect(fake.asked('watch')).toHaveLength(1)
  })

  it('ends at every server, and leaves nothing behind', () => {
    open(0, 1)
    for (const asked of watch()) fake.find(asked, { ...record(good), isOnline: true })
    told()
    fake.homes.unwatch(fake.time, bob.keyId)
    expect(fake.asked('unwatch').map(({ link }) => link)).toEqual([1, 2])
    fake.push(ONE, { key: bob.publicKey, isOnline: false })
    fake.advance(3 * WATCH_RENEW_MS)
    expect(fake.asked('watch')).toEqual([])
    expect(told()).toEqual([])
    fake.homes.unwatch(fake.time, bob.keyId)
    expect(fake.asked('unwatch')).toEqual([])
  })

  it(`is one of at most ${MAX_WATCHES}`, () => {
    open(0)
    for (let i = 0; i <= MAX_WATCHES; i++) {
      fake.homes.watch(fake.time, identityOf(100 + i).keyId)
      expect(fake.asked('watch')).toHaveLength(i < MAX_WATCHES ? 1 : 0)
    }
    fake.homes.unwatch(fake.time, identityOf(100).keyId)
    expect(watch()).toHaveLength(1)
  })
})

describe('what is told first', () => {
  it('is the state, once every server has answered', () => {
    open(0, 1)
    const [one, two] = watch() as [Asked, Asked]
    fake.find(one, { ...record(good), isOnline: false })
    expect(told()).toEqual([])
    fake.find(two, { ...record(good), isOnline: false })
    expect(told()).toEqual(['offline 0'])
  })

  it('is good news at once', () => {
    open(0, 1)
    const [one, two] = watch() as [Asked, Asked]
    fake.find(one, { ...record(good), isOnline: true })
    expect(told()).toEqual(['online 0'])
    fake.find(two, { ...record(good), isOnline: false })
    fake.advance(WATCH_GRACE_MS)
    expect(told()).toEqual([])
  })

  it('does not wait for a silent server for ever', () => {
    open(0, 1)
    const [one] = watch() as [Asked, Asked]
    fake.find(one, { ...record(good), isOnline: false })
    fake.advance(WATCH_GRACE_MS - 1)
    expect(told()).toEqual([])
    fake.advance(1)
    expect(told()).toEqual(['offline 0'])
  })

  it.each([
    ['nobody knows the key', {}, ['unknown']],
    ['a server claims it is there without its record', { isOnline: true }, ['unknown']],
    ['nobody can say', record(good), ['unknown 0']],
  ])('comes after a while when %s: servers ask others meanwhile', (_name, answer, expected) => {
    open(0)
    fake.find(only(watch()), answer)
    fake.advance(WATCH_GRACE_MS - 1)
    expect(told()).toEqual([])
    fake.advance(1)
    expect(told()).toEqual(expected)
  })

  it('waits for a server that cannot say yet, and not for one that refuses', () => {
    open(0, 1, 2)
    const [one, two, three] = watch() as [Asked, Asked, Asked]
    fake.find(one, { ...record(good), isOnline: false })
    fake.find(two, {})
    fake.refuse(three, 'BUSY')
    expect(told()).toEqual([])
    fake.push(TWO, { key: bob.publicKey, isOnline: false })
    expect(told()).toEqual(['offline 0'])
  })

  it('is that nothing is known, without servers', () => {
    watch()
    fake.advance(WATCH_GRACE_MS)
    expect(told()).toEqual(['unknown'])
  })
})

describe('a change', () => {
  it('to offline is told after a while, and not at all if it was back', () => {
    watchOnline()
    fake.push(ONE, { key: bob.publicKey, isOnline: false })
    fake.advance(WATCH_GRACE_MS - 1)
    fake.push(ONE, { key: bob.publicKey, isOnline: true })
    fake.advance(WATCH_GRACE_MS)
    expect(told()).toEqual([])
    fake.push(ONE, { key: bob.publicKey, isOnline: false })
    fake.advance(WATCH_GRACE_MS - 1)
    expect(told()).toEqual([])
    fake.advance(1)
    expect(told()).toEqual(['offline 0'])
    fake.push(ONE, { key: bob.publicKey, isOnline: true })
    expect(told()).toEqual(['online 0'])
  })

  it('to offline is believed only when all that can say agree', () => {
    open(0, 1, 2)
    for (const asked of watch()) {
      fake.find(asked, { ...record(good), ...(asked.link !== 3 && { isOnline: true }) })
    }
    told()
    fake.push(ONE, { key: bob.publicKey, isOnline: false })
    fake.advance(2 * WATCH_GRACE_MS)
    expect(told()).toEqual([])
    fake.push(TWO, { key: bob.publicKey, isOnline: false })
    fake.advance(WATCH_GRACE_MS)
    expect(told()).toEqual(['offline 0'])
  })

  it('of servers is told with the new record, and once', () => {
    open(0, 1)
    for (const asked of watch()) fake.find(asked, { ...record(good), isOnline: true })
    told()
    const news = { key: bob.publicKey, ...record(moved), isOnline: true } as const
    fake.push(ONE, news)
    fake.push(TWO, news)
    fake.push(TWO, { ...news, ...record(good) })
    expect(told()).toEqual(['online 1'])
  })

  it('of servers while it seems to be offline is told at once, as it only moves', () => {
    watchOnline()
    fake.push(ONE, { key: bob.publicKey, isOnline: false })
    fake.advance(1)
    fake.push(ONE, { key: bob.publicKey, ...record(moved) })
    expect(told()).toEqual(['online 1'])
    fake.advance(WATCH_GRACE_MS)
    expect(told()).toEqual(['offline 1'])
  })

  it('of ours to no server at all means that nothing is known', () => {
    watchOnline()
    fake.close(ONE)
    fake.advance(WATCH_GRACE_MS - 1)
    expect(told()).toEqual([])
    fake.advance(1)
    expect(told()).toEqual(['unknown 0'])
    open(0)
    fake.find(only(fake.asked('watch')), { ...record(good), isOnline: true })
    expect(told()).toEqual(['online 0'])
  })

  it('that is missed in a push comes with the next renewal', () => {
    watchOnline()
    fake.advance(WATCH_RENEW_MS)
    fake.find(only(fake.asked('watch')), { ...record(moved), isOnline: true })
    expect(told()).toEqual(['online 1'])
  })

  it.each([
    ['forged', record({ bytes: forged(moved) })],
    ['of another key', record(recordOf(identityOf(3), { seq: START_UNIX_MS + 9 }))],
    ['expired', record(recordOf(bob, { seq: START_UNIX_MS + 9, seenMs: 1 }))],
  ])('is none when the record is %s, nor is the rest of it', (_name, value) => {
    watchOnline()
    fake.push(ONE, { key: bob.publicKey, ...value, isOnline: false })
    fake.advance(WATCH_GRACE_MS)
    expect(told()).toEqual([])
  })

  it('of a key that is not watched, or not there, is no news', () => {
    watchOnline()
    open(1, 2, 3)
    fake.push(4 as LinkId, { key: bob.publicKey, ...record(moved) })
    fake.push(ONE, { key: identityOf(3).publicKey, isOnline: true })
    expect(told()).toEqual([])
  })

  it('that makes no sense closes the link', () => {
    watchOnline()
    fake.push(ONE, { key: bob.publicKey.subarray(1), isOnline: true })
    expect(fake.of('misbehaved')).toEqual([{ kind: 'misbehaved', link: ONE }])
  })
})

describe('a revoked key', () => {
  const heir = identityOf(9)
  const fields = { net: NET, atMs: START_UNIX_MS }
  const { bytes } = signRevocation(nodeSuite, bob, { ...fields, successor: heir })
  const value = { kind: 'revocation', bytes } as const

  it.each(['push', 'answer'] as const)('is told by %s, with its successor, as the end', how => {
    watchOnline()
    if (how === 'push') fake.push(ONE, { key: bob.publicKey, value })
    else {
      fake.advance(WATCH_RENEW_MS)
      fake.find(only(fake.asked('watch')), { value, isOnline: true })
    }
    const [revoked, ...rest] = fake.of('presence')
    expect(revoked?.presence).toEqual({
      key: bob.keyId,
      state: 'revoked',
      successor: heir.publicKey,
    })
    expect(rest).toEqual([])
    fake.told.length = 0
    expect(fake.asked().map(({ method }) => method)).toEqual(['unwatch'])
    fake.push(ONE, { key: bob.publicKey, ...record(moved), isOnline: true })
    open(1)
    fake.advance(3 * WATCH_RENEW_MS)
    expect(fake.asked('watch')).toEqual([])
    expect(told()).toEqual([])
  })

  it('is none without its own signature', () => {
    watchOnline()
    const lie = signRevocation(nodeSuite, { ...bob, seed: heir.seed }, fields)
    fake.push(ONE, { key: bob.publicKey, value: { kind: 'revocation', bytes: lie.bytes } })
    expect(told()).toEqual([])
  })
})
