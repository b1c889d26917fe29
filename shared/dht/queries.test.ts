import { describe, expect, it } from 'vitest'
import { fakeSuite } from '../../sim/fake-suite.ts'
import { keyIdOf } from '../identity/node-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import type { Time } from '../machine/machine.ts'
import { findNodeAnswer } from '../wire/dht-bodies.ts'
import {
  DHT_LOOKUP_DEADLINE_MS,
  DHT_MAX_BACKGROUND_QUERIES,
  DHT_MAX_QUERIES,
  DHT_MAX_WAITING_QUERIES,
  DHT_STORE_PARALLELISM,
} from '../wire/limits.ts'
import { CallTable } from './call-table.ts'
import type { Contact } from './contact.ts'
import { DhtIds } from './contact.ts'
import type { CallAnswer, DhtEffect } from './dht-effects.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import type { QueryEffect } from './queries.ts'
import { Queries } from './queries.ts'
import { RoutingTable } from './routing-table.ts'
import { SizeEstimate } from './size-estimate.ts'
import { StoreRounds } from './store-rounds.ts'
import { randomContacts } from './testing/contacts.ts'

const RANDOM = seededRandom(1)
const IDS = new DhtIds(fakeSuite)
const OWN = IDS.contact(keyIdOf(RANDOM(32)), '')
const EMPTY: CallAnswer = { kind: 'ok', body: findNodeAnswer([]) }

function newContact(): Contact {
  return IDS.contact(keyIdOf(RANDOM(32)), 'wss://192.0.2.1:1')
}

function at(now: number): Time {
  return { now, unixMs: now }
}

class Bench {
  readonly table = new RoutingTable(OWN.id, DHT_DEFAULTS)
  readonly size = new SizeEstimate()
  readonly calls = new CallTable()
  readonly queries = new Queries({
    parameters: DHT_DEFAULTS,
    ownKey: OWN.key,
    ids: IDS,
    table: this.table,
    size: this.size,
    calls: this.calls,
  })

  know(count: number): void {
    for (let i = 0; i < count; i++) this.table.verified(0, newContact(), undefined, undefined)
  }

  start(isBackground = false, now = 0): number {
    const spec = { target: RANDOM(32), goal: { kind: 'nodes' }, isBackground } as const
    return this.queries.start(at(now), spec)
  }

  takeCalls(): Extract<DhtEffect, { kind: 'call' }>[] {
    const calls = []
    for (let effect = this.calls.poll(); effect !== undefined; effect = this.calls.poll()) {
      if (effect.kind === 'call') calls.push(effect)
    }
    return calls
  }

  answer(call: Extract<DhtEffect, { kind: 'call' }>, answer: CallAnswer, now = 1): void {
    const open = this.calls.take(call.call)
    if (open?.owner.kind !== 'query') throw new Error('not a call of a query')
    this.queries.answer(at(now), open.owner, open.contact.key, answer)
  }

  news(): QueryEffect[] {
    const news = []
    for (let one = this.queries.poll(); one !== undefined; one = this.queries.poll()) news.push(one)
    return news
  }
}

describe('queries', () => {
  it('end at once when there is nobody to ask', () => {
    const bench = new Bench()
    const query = bench.start()
    expect(bench.news()).toMatchObject([{ kind: 'done', query }])
    expect(bench.queries.nextTimeout()).toBeUndefined()
  })

  it('ask, take answers, and end', () => {
    const bench = new Bench()
    bench.know(2)
    const query = bench.start()
    const calls = bench.takeCalls()
    expect(calls.map(({ method }) => method)).toEqual(['findNode', 'findNode'])
    const named = newContact()
    const answer = findNodeAnswer([{ key: new Uint8Array(32).fill(1), url: named.url }])
    const [first, second] = calls as [(typeof calls)[0], (typeof calls)[0]]
    bench.answer(first, { kind: 'ok', body: answer })
    bench.answer(second, { kind: 'noAnswer' })
    const [third] = bench.takeCalls() as [(typeof calls)[0]]
    expect(third.contact.url).toBe(named.url)
    expect(bench.news()).toEqual([])
    bench.answer(third, EMPTY)
    const [done] = bench.news()
    if (done?.kind !== 'done') throw new Error('not done')
    expect(done.query).toBe(query)
    const { closest } = done.lookup ?? { closest: [] }
    expect(new Set(closest)).toEqual(new Set([first.contact, third.contact]))
    expect([bench.calls.size, bench.queries.nextTimeout()]).toEqual([0, undefined])
  })

  it('take a malformed answer, an error and an answer too long for failures', () => {
    const bench = new Bench()
    bench.know(3)
    bench.start()
    const [a, b, c] = bench.takeCalls()
    if (!a || !b || !c) throw new Error('three calls expected')
    bench.answer(a, { kind: 'ok', body: new Map() })
    bench.answer(b, { kind: 'error', code: 'BUSY', hint: undefined })
    const many = randomContacts(RANDOM, 21).map(() => [new Uint8Array(32), 'wss://a'])
    bench.answer(c, { kind: 'ok', body: new Map([['nodes', many]]) })
    const [done] = bench.news()
    expect(done).toMatchObject({ kind: 'done' })
    expect(done?.kind === 'done' && done.lookup?.closest).toEqual([])
  })

  it('ask at the address that the table knows, whatever is told', () => {
    const bench = new Bench()
    bench.know(1)
    const known = newContact()
    bench.start()
    // It came into the table while the lookup ran.
    bench.table.verified(0, known, undefined, undefined)
    const [call] = bench.takeCalls()
    if (call === undefined) throw new Error('a call expected')
    const key = Uint8Array.from(known.key, char => char.charCodeAt(0))
    const body = findNodeAnswer([{ key, url: 'wss://liar.example' }])
    bench.answer(call, { kind: 'ok', body })
    expect(bench.takeCalls().map(({ contact }) => contact)).toEqual([known])
  })

  it('end at the deadline, and do not mind what is answered then', () => {
    const bench = new Bench()
    bench.know(2)
    bench.start()
    const [call] = bench.takeCalls()
    for (let now = bench.queries.nextTimeout(); now !== undefined; ) {
      bench.queries.timeout(at(now))
      const nextMs = bench.queries.nextTimeout()
      if (nextMs === undefined) expect(now).toBe(DHT_LOOKUP_DEADLINE_MS)
      now = nextMs
    }
    expect(bench.news()).toMatchObject([{ kind: 'done' }])
    if (call) bench.answer(call, EMPTY, 9_000)
    expect(bench.news()).toEqual([])
  })

  it('run so many at once; of those that nobody waits for a few', () => {
    const bench = new Bench()
    bench.know(1)
    for (let i = 0; i < 10; i++) bench.start(true)
    expect(bench.takeCalls().length).toBe(DHT_MAX_BACKGROUND_QUERIES)
    expect(bench.queries.hasBackgroundRoom).toBe(false)
    for (let i = 0; i < DHT_MAX_QUERIES; i++) bench.start()
    const calls = bench.takeCalls()
    expect(calls.length).toBe(DHT_MAX_QUERIES - DHT_MAX_BACKGROUND_QUERIES)
    // Those that people wait for come first when one ends.
    const [first] = calls
    if (first) bench.answer(first, EMPTY)
    expect(bench.takeCalls().length).toBe(1)
    expect(bench.news().length).toBe(1)
  })

  it('let so many wait, and end the rest at once', () => {
    const bench = new Bench()
    bench.know(1)
    for (let i = 0; i < DHT_MAX_QUERIES + DHT_MAX_WAITING_QUERIES; i++) bench.start()
    expect(bench.news()).toEqual([])
    const query = bench.start()
    expect(bench.news()).toEqual([{ kind: 'done', query, lookup: undefined }])
  })

  it('sweep the region where the nearest are suspiciously near', () => {
    const bench = new Bench()
    bench.know(100)
    bench.size.add(0.9)
    bench.start()
    // Every answer comes from nodes of the table: a hundred servers, and a size that says there are 22.
    let aside = 0
    for (let calls = bench.takeCalls(); calls.length > 0; calls = bench.takeCalls()) {
      for (const call of calls) {
        const open = bench.calls.take(call.call)
        if (open?.owner.kind !== 'query') continue
        if (open.owner.isAside) aside++
        bench.queries.answer(at(1), open.owner, open.contact.key, EMPTY)
      }
    }
    expect(aside).toBeGreaterThan(50)
    const [done] = bench.news()
    expect(done?.kind === 'done' && done.lookup?.closest.length).toBeGreaterThan(40)
  })
})

describe('store rounds', () => {
  it('store a few at a time, at each target once, and count who took it', () => {
    const calls = new CallTable()
    const rounds = new StoreRounds(calls)
    const targets = randomContacts(RANDOM, DHT_STORE_PARALLELISM + 4)
    const round = rounds.start({ method: 'storeRecord', body: new Map(), targets })
    const asked: Contact[] = []
    const open: Extract<DhtEffect, { kind: 'call' }>[] = []
    const take = (): void => {
      for (let effect = calls.poll(); effect !== undefined; effect = calls.poll()) {
        if (effect.kind !== 'call') continue
        open.push(effect)
        asked.push(effect.contact)
      }
    }
    take()
    expect(open.length).toBe(DHT_STORE_PARALLELISM)
    for (let answered = 0; open.length > 0; answered++) {
      const call = open.shift()
      const owner = call && calls.take(call.call)?.owner
      if (owner?.kind !== 'store') throw new Error('not a call of a store round')
      const refused: CallAnswer = { kind: 'error', code: 'QUOTA', hint: undefined }
      rounds.answer(owner, answered % 2 === 0 ? { kind: 'ok', body: new Map() } : refused)
      take()
    }
    expect(asked).toEqual(targets)
    expect([rounds.poll(), rounds.poll()]).toEqual([
      { kind: 'stored', round, copies: targets.length / 2 },
      undefined,
    ])
  })

  it('end at once without targets', () => {
    const rounds = new StoreRounds(new CallTable())
    const round = rounds.start({ method: 'storeRecord', body: new Map(), targets: [] })
    expect(rounds.poll()).toEqual({ kind: 'stored', round, copies: 0 })
  })
})
