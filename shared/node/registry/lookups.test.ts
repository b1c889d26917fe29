import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { LinkId } from '../../link/link-id.ts'
import {
  BUSY_PAUSE_MAX_MS,
  BUSY_PAUSE_MS,
  FIND_STRAGGLER_MS,
  FIND_TIMEOUT_MS,
  LOOKUP_SERVERS,
} from '../../wire/limits.ts'
import type { FindAnswer } from '../../wire/registry-bodies.ts'
import { findAnswer } from '../../wire/registry-bodies.ts'
import { signRevocation } from '../../wire/revocation.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { LookupEffect } from './lookups.ts'
import { Lookups } from './lookups.ts'
import { RegistryReader } from './registry-reader.ts'
import type { RpcAnswer } from './rpc-client.ts'

const bob = identityOf(2)
const home = identityOf(3)
const OWNER = { kind: 'request', request: 1 } as const
const [ONE, TWO, THREE] = [0, 1, 2] as LinkId[] as [LinkId, LinkId, LinkId]

let lookups: Lookups
let now: number

beforeEach(() => {
  now = 0
  lookups = new Lookups(new RegistryReader(nodeSuite, NET))
})

function time() {
  return { now, unixMs: START_UNIX_MS + now }
}

function linksOf(count: number): LinkId[] {
  return Array.from({ length: count }, (_, at) => at as LinkId)
}

function start(count: number): number {
  return lookups.start(time(), bob.keyId, OWNER, linksOf(count))
}

function drain(): LookupEffect[] {
  const effects: LookupEffect[] = []
  for (let effect = lookups.poll(); effect !== undefined; effect = lookups.poll())
    effects.push(effect)
  return effects
}

/** Whom it asks now, and whether to the end. */
function asked(): [LinkId, boolean][] {
  return drain().flatMap(one => (one.kind === 'ask' ? [[one.link, one.isFull]] : []))
}

function news(): LookupEffect[] {
  return drain().filter(({ kind }) => kind === 'lookedUp')
}

function answer(bytes: Uint8Array | undefined, fields: Partial<FindAnswer> = {}): RpcAnswer {
  const value = bytes && ({ kind: 'record', bytes } as const)
  return { kind: 'ok', body: findAnswer({ value, isFinal: true, servers: [], ...fields }) }
}

/** Starts a lookup and gives it the answers, each of another server. @returns what it said of them */
function lookedUp(answers: readonly RpcAnswer[]): LookupEffect[] {
  const lookup = start(answers.length)
  for (const [link, one] of answers.entries()) {
    lookups.onAnswer(time(), lookup, link as LinkId, one)
  }
  lookups.onAnswer(time(), lookup, ONE, NO_ANSWER)
  return news()
}

const found = (seq: number) => ({ kind: 'record', signed: { record: { seq } } })
const NO_ANSWER: RpcAnswer = { kind: 'noAnswer' }
const FAULTY: RpcAnswer = { kind: 'ok', body: new Map() }
const ABSENT = answer(undefined)
const BUSY: RpcAnswer = { kind: 'error', code: 'BUSY', hint: 'too many requests per second' }
const good = recordOf(bob, { servers: [home.publicKey] })
const newer = recordOf(bob, { seq: START_UNIX_MS + 5 })
const newest = recordOf(bob, { seq: START_UNIX_MS + 6 })
const homeRecord = recordOf(home, { type: 'server' })
const early = { isFinal: false }

describe('a lookup', () => {
  it(`asks ${LOOKUP_SERVERS} servers, the best first`, () => {
    for (const count of [LOOKUP_SERVERS - 1, LOOKUP_SERVERS, LOOKUP_SERVERS + 1]) {
      start(count)
      const expected = linksOf(Math.min(count, LOOKUP_SERVERS)).map(link => [link, false])
      expect(asked()).toEqual(expected)
    }
  })

  it('of nobody ends at once', () => {
    start(0)
    expect(drain()).toMatchObject([{ result: 'noAnswer', isFinal: true }])
    expect(lookups.size).toBe(0)
  })

  it('tells the first valid record early, each newer one, and the highest at the end', () => {
    const answers = [good, newer, good].map(({ bytes }) => answer(bytes))
    expect(lookedUp(answers)).toMatchObject([
      { isFinal: false, result: found(good.record.seq) },
      { isFinal: false, result: found(newer.record.seq) },
      { isFinal: true, result: found(newer.record.seq) },
    ])
  })

  it.each([
    ['forged', forged(newer)],
    ['of another key', recordOf(identityOf(3)).bytes],
    ['expired', recordOf(bob, { seq: START_UNIX_MS + 9, seenMs: 1 }).bytes],
    ['of the future', recordOf(bob, { seq: START_UNIX_MS + 1e9 }).bytes],
    ['of another network', recordOf(bob, { net: new Uint8Array(16).fill(9) }).bytes],
    ['damaged', new Uint8Array(40)],
  ])('takes no record that is %s for an answer, and believes the honest server', (_name, bytes) => {
    const honest = [{ isFinal: true, result: found(good.record.seq) }]
    expect(lookedUp([answer(bytes), answer(good.bytes)]).slice(-1)).toMatchObject(honest)
    expect(lookedUp([answer(good.bytes), answer(bytes)]).slice(-1)).toMatchObject(honest)
    expect(lookedUp([answer(bytes)])).toMatchObject([{ result: 'noAnswer' }])
  })

  it.each([
    ['nobody answers', [NO_ANSWER, NO_ANSWER], 'noAnswer'],
    ['answers make no sense', [FAULTY, NO_ANSWER], 'noAnswer'],
    ['somebody says it is absent', [NO_ANSWER, ABSENT], 'absent'],
  ] as const)('says what it knows when %s', (_name, answers, result) => {
    expect(lookedUp(answers)).toMatchObject([{ result, isFinal: true }])
  })

  it('that is cancelled says nothing, and wakes nobody', () => {
    const lookup = start(1)
    drain()
    lookups.cancel(lookup)
    lookups.onAnswer(time(), lookup, ONE, answer(good.bytes))
    expect(drain()).toEqual([])
    expect(lookups.nextTimeout()).toBeUndefined()
  })
})

describe('a server that searches on', () => {
  it('is asked for the rest, once; a dial may begin with what it has', () => {
    const lookup = start(1)
    expect(asked()).toEqual([[ONE, false]])
    lookups.onAnswer(time(), lookup, ONE, answer(good.bytes, early))
    expect(drain()).toMatchObject([
      { kind: 'ask', link: ONE, isFull: true },
      { kind: 'lookedUp', isFinal: false, result: found(good.record.seq) },
    ])
    lookups.onAnswer(time(), lookup, ONE, answer(newer.bytes))
    expect(drain()).toMatchObject([{ isFinal: true, result: found(newer.record.seq) }])
  })

  it('and has nothing yet is asked for the rest, too', () => {
    const lookup = start(1)
    lookups.onAnswer(time(), lookup, ONE, answer(undefined, early))
    expect(asked()).toEqual([
      [ONE, false],
      [ONE, true],
    ])
    lookups.onAnswer(time(), lookup, ONE, ABSENT)
    expect(news()).toMatchObject([{ isFinal: true, result: 'absent' }])
  })

  it.each([
    ['gives no other answer', answer(good.bytes, early)],
    ['goes away', NO_ANSWER],
    ['then makes no sense', FAULTY],
  ])('and %s has given its best', (_name, last) => {
    const lookup = start(1)
    lookups.onAnswer(time(), lookup, ONE, answer(good.bytes, early))
    lookups.onAnswer(time(), lookup, ONE, last)
    expect(news().at(-1)).toMatchObject({ isFinal: true, result: found(good.record.seq) })
  })

  it('is not asked again when what it offers is not valid', () => {
    const lookup = start(1)
    drain()
    lookups.onAnswer(time(), lookup, ONE, answer(forged(good), early))
    expect(drain()).toMatchObject([{ kind: 'lookedUp', result: 'noAnswer' }])
  })
})

describe('a busy server', () => {
  /** When ONE is asked, and answers that it is busy each time. */
  function timesAsked(): number[] {
    const lookup = start(1)
    const times: number[] = []
    while (lookups.size > 0) {
      for (const _ of asked()) {
        times.push(now)
        lookups.onAnswer(time(), lookup, ONE, BUSY)
      }
      now = lookups.nextTimeout() ?? now
      lookups.timeout(time())
    }
    return times
  }

  it('is asked again after a pause, and what it says then counts', () => {
    const lookup = start(1)
    drain()
    lookups.onAnswer(time(), lookup, ONE, BUSY)
    expect(asked()).toEqual([])
    now = BUSY_PAUSE_MS - 1
    lookups.timeout(time())
    expect(asked()).toEqual([])
    expect(lookups.nextTimeout()).toBe(BUSY_PAUSE_MS)
    now = BUSY_PAUSE_MS
    lookups.timeout(time())
    expect(asked()).toEqual([[ONE, false]])
    lookups.onAnswer(time(), lookup, ONE, answer(good.bytes))
    expect(news()).toMatchObject([{ isFinal: true, result: found(good.record.seq) }])
    expect(lookups.nextTimeout()).toBeUndefined()
  })

  it('is asked for the rest again, where it was that', () => {
    const lookup = start(1)
    lookups.onAnswer(time(), lookup, ONE, answer(undefined, early))
    lookups.onAnswer(time(), lookup, ONE, BUSY)
    drain()
    now = BUSY_PAUSE_MS
    lookups.timeout(time())
    expect(asked()).toEqual([[ONE, true]])
  })

  it('is asked less and less often, until the time is up; then it is told that it was busy', () => {
    const times = timesAsked()
    expect(now).toBe(FIND_TIMEOUT_MS)
    const pauses = times.slice(1).map((atMs, i) => atMs - (times[i] as number))
    expect(pauses.slice(0, 2)).toEqual([BUSY_PAUSE_MS, 2 * BUSY_PAUSE_MS])
    expect(Math.max(...pauses)).toBe(BUSY_PAUSE_MAX_MS)
    expect(news()).toMatchObject([{ isFinal: true, result: 'busy' }])
  })

  it('shows while it is waited for, as a dial and a request may end before', () => {
    const lookup = start(2)
    lookups.onAnswer(time(), lookup, ONE, BUSY)
    lookups.onAnswer(time(), lookup, TWO, BUSY)
    expect(news()).toMatchObject([{ isFinal: false, result: 'busy' }])
  })

  it('is not waited for where another has searched to the end', () => {
    const answers = [BUSY, answer(good.bytes)]
    expect(lookedUp(answers).at(-1)).toMatchObject({
      isFinal: true,
      result: found(good.record.seq),
    })
    expect(lookedUp(answers.toReversed()).at(-1)).toMatchObject({ isFinal: true })
    expect(lookedUp([BUSY, ABSENT]).at(-1)).toMatchObject({ isFinal: true, result: 'absent' })
  })

  it('whose link ends is not waited for', () => {
    const lookup = start(2)
    lookups.onAnswer(time(), lookup, ONE, BUSY)
    lookups.linkClosed(time(), ONE)
    expect(news().filter(one => one.kind === 'lookedUp' && one.isFinal)).toEqual([])
    lookups.onAnswer(time(), lookup, TWO, BUSY)
    lookups.linkClosed(time(), TWO)
    expect(news()).toMatchObject([{ isFinal: true, result: 'busy' }])
    expect(lookups.nextTimeout()).toBeUndefined()
  })

  it('of a lookup that is cancelled is not asked', () => {
    const lookup = start(1)
    lookups.onAnswer(time(), lookup, ONE, BUSY)
    lookups.cancel(lookup)
    expect(lookups.nextTimeout()).toBeUndefined()
  })
})

describe('stragglers', () => {
  it('are not waited for long once a server has searched to the end', () => {
    const lookup = start(3)
    drain()
    now = 100
    lookups.onAnswer(time(), lookup, ONE, answer(good.bytes))
    now = 200
    lookups.onAnswer(time(), lookup, TWO, answer(good.bytes))
    expect(news()).toMatchObject([{ isFinal: false }])
    expect(lookups.nextTimeout()).toBe(100 + FIND_STRAGGLER_MS)
    now = 99 + FIND_STRAGGLER_MS
    lookups.timeout(time())
    expect(news()).toEqual([])
    now += 1
    lookups.timeout(time())
    expect(news()).toMatchObject([{ isFinal: true, result: found(good.record.seq) }])
    lookups.onAnswer(time(), lookup, THREE, answer(newest.bytes))
    expect(drain()).toEqual([])
  })

  it('are not waited for any longer than the lookup lasts', () => {
    const lookup = start(2)
    now = FIND_TIMEOUT_MS - 1
    lookups.onAnswer(time(), lookup, ONE, ABSENT)
    expect(lookups.nextTimeout()).toBe(FIND_TIMEOUT_MS)
  })

  it.each([
    ['found', answer(good.bytes, early), found(good.record.seq)],
    ['nothing', answer(undefined, early), 'noAnswer'],
  ])('that never end are cut off, with %s so far', (_name, first, result) => {
    const lookup = start(2)
    lookups.onAnswer(time(), lookup, ONE, first)
    drain()
    now = FIND_TIMEOUT_MS
    lookups.timeout(time())
    expect(news()).toMatchObject([{ isFinal: true, result }])
  })
})

describe('a revoked key', () => {
  const heir = identityOf(9)
  const fields = { net: NET, atMs: START_UNIX_MS, successor: heir }
  const revocation = signRevocation(nodeSuite, bob, fields)
  const value = { kind: 'revocation', bytes: revocation.bytes } as const

  it('beats every record and ends the lookup at once, whoever searches on', () => {
    const lookup = start(3)
    lookups.onAnswer(time(), lookup, ONE, answer(newest.bytes))
    lookups.onAnswer(time(), lookup, TWO, answer(undefined, { value, isFinal: false }))
    const last = news().at(-1)
    const result = { kind: 'revocation', signed: { revocation: { successor: heir.publicKey } } }
    expect(last).toMatchObject({ isFinal: true, result })
    expect(lookups.size).toBe(0)
  })

  it.each([
    ['forged', signRevocation(nodeSuite, { ...bob, seed: heir.seed }, fields).bytes],
    ['of another key', signRevocation(nodeSuite, home, fields).bytes],
    [
      'without the word of its successor',
      signRevocation(nodeSuite, bob, { ...fields, successor: { ...heir, seed: home.seed } }).bytes,
    ],
  ])('is none by a revocation that is %s', (_name, bytes) => {
    const lie = answer(undefined, { value: { kind: 'revocation', bytes } })
    expect(lookedUp([lie, answer(good.bytes)])).toMatchObject([
      { isFinal: true, result: found(good.record.seq) },
    ])
  })
})

describe('the servers of a found key', () => {
  const servers = (records: readonly Uint8Array[]) => answer(good.bytes, { servers: records })

  it('come with it, and are known the next time without being told', () => {
    const told = [{ isFinal: true, servers: [homeRecord.record] }]
    expect(lookedUp([servers([homeRecord.bytes])])).toMatchObject(told)
    expect(lookedUp([answer(good.bytes)])).toMatchObject(told)
    now = homeRecord.record.ttlS * 1_000 + 600_000
    const fresh = recordOf(bob, { servers: [home.publicKey], seenMs: START_UNIX_MS + now })
    expect(lookedUp([answer(fresh.bytes)])).toMatchObject([{ isFinal: true, servers: [] }])
  })

  it('are told early, also when only they are new', () => {
    const answers = [answer(good.bytes), servers([homeRecord.bytes]), answer(good.bytes)]
    expect(lookedUp(answers)).toMatchObject([
      { isFinal: false, servers: [] },
      { isFinal: false, servers: [homeRecord.record] },
      { isFinal: true, servers: [homeRecord.record] },
    ])
  })

  it.each([
    ['forged', forged(homeRecord)],
    ['of a server that the key does not name', recordOf(identityOf(8), { type: 'server' }).bytes],
    ['of a client', recordOf(home).bytes],
    ['expired', recordOf(home, { type: 'server', seenMs: 1 }).bytes],
    ['damaged', new Uint8Array(9)],
  ])('are left out when a record is %s; the answer counts', (_name, bytes) => {
    expect(lookedUp([servers([bytes])])).toMatchObject([
      { isFinal: true, result: found(good.record.seq), servers: [] },
    ])
  })

  it('are not remembered on the word of a server that had no reason to speak of them', () => {
    const stranger = identityOf(8)
    lookedUp([servers([recordOf(stranger, { type: 'server' }).bytes])])
    const there = recordOf(bob, { servers: [stranger.publicKey] })
    expect(lookedUp([answer(there.bytes)])).toMatchObject([{ servers: [] }])
  })

  it('are remembered when they were looked up themselves', () => {
    const lookup = lookups.start(time(), home.keyId, OWNER, [ONE])
    lookups.onAnswer(time(), lookup, ONE, answer(homeRecord.bytes))
    drain()
    expect(lookedUp([answer(good.bytes)])).toMatchObject([{ servers: [homeRecord.record] }])
  })
})
