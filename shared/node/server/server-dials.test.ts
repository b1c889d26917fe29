import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import {
  MAX_UNKNOWN_SERVER_DIALS,
  MAX_WAITING_SERVER_CALLS,
  MAX_WAITING_SERVER_DIALS,
  SERVER_CALL_TIMEOUT_MS,
  SERVER_DIAL_TIMEOUT_MS,
} from '../../wire/limits.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { Dial, ServerCall } from './server-dials.ts'
import { ServerDials } from './server-dials.ts'

const KEY = 'k' as KeyId
const UNKNOWN = { isUntrusted: true, isKnown: false }
const CALL: ServerCall = { method: 'publish', body: EMPTY_BODY, owner: { kind: 'announce' } }
let dials: ServerDials

beforeEach(() => {
  dials = new ServerDials()
})

function url(name: string): ServerUrl {
  return { scheme: 'wss', host: `${name}.test`, port: 443 }
}

/** One that is to be dialed whatever waits for it. */
function needed(name: string, key: KeyId | undefined = KEY): Dial {
  const dial = dials.open(url(name), key, UNKNOWN)
  if (dial === undefined) throw new Error('too many')
  dials.need(dial)
  return dial
}

/** Starts the next one as the parent does. */
function start(now: number, link: number): Dial | undefined {
  const dial = dials.next(now)
  if (dial !== undefined) dials.dialing(dial.id, link as LinkId)
  return dial
}

describe('a dial', () => {
  it('is one for all who want the same key at the same address', () => {
    const first = needed('one')
    expect(dials.open(url('one'), KEY, UNKNOWN)).toBe(first)
    expect(dials.open(url('two'), KEY, UNKNOWN)).not.toBe(first)
    expect(dials.open(url('one'), 'other' as KeyId, UNKNOWN)).not.toBe(first)
    expect(dials.open(url('one'), undefined, UNKNOWN)).not.toBe(first)
    expect(start(0, 1)).toBe(first)
    expect(dials.open(url('one'), KEY, UNKNOWN)).toBe(first)
    expect(dials.take(1 as LinkId)).toBe(first)
    expect(dials.open(url('one'), KEY, UNKNOWN)).not.toBe(first)
  })

  it('ends once, with its link', () => {
    needed('one')
    start(0, 7)
    expect(dials.take(6 as LinkId)).toBeUndefined()
    expect(dials.take(7 as LinkId)).toBeDefined()
    expect(dials.take(7 as LinkId)).toBeUndefined()
    expect(dials.nextTimeout()).toBeUndefined()
  })

  it('is overdue at its time, until it is taken', () => {
    needed('one')
    start(10, 1)
    expect(dials.nextTimeout()).toBe(10 + SERVER_DIAL_TIMEOUT_MS)
    expect(dials.overdue(9 + SERVER_DIAL_TIMEOUT_MS)).toEqual([])
    expect(dials.overdue(10 + SERVER_DIAL_TIMEOUT_MS)).toEqual([1])
    dials.take(1 as LinkId)
    expect(dials.overdue(99_999)).toEqual([])
  })

  it(`waits for its turn while ${MAX_UNKNOWN_SERVER_DIALS} are under way`, () => {
    for (let i = 0; i <= MAX_UNKNOWN_SERVER_DIALS; i++) needed(`s${i}`)
    for (let i = 0; i < MAX_UNKNOWN_SERVER_DIALS; i++) expect(start(0, i)).toBeDefined()
    expect(dials.next(0)).toBeUndefined()
    dials.take(0 as LinkId)
    expect(dials.next(0)?.url.host).toBe(`s${MAX_UNKNOWN_SERVER_DIALS}.test`)
    expect(dials.next(0)).toBeUndefined()
  })

  it('is begun in the order in which it was asked for', () => {
    for (const name of ['a', 'b', 'c']) needed(name)
    expect([start(0, 1), start(0, 2), start(0, 3)].map(dial => dial?.url.host)).toEqual([
      'a.test',
      'b.test',
      'c.test',
    ])
  })

  it(`is refused once ${MAX_WAITING_SERVER_DIALS} wait`, () => {
    for (let i = 1; i < MAX_WAITING_SERVER_DIALS; i++) needed(`s${i}`)
    needed('last')
    expect(dials.open(url('one more'), KEY, UNKNOWN)).toBeUndefined()
    expect(dials.open(url('last'), KEY, UNKNOWN)).toBeDefined()
    start(0, 1)
    expect(dials.open(url('one more'), KEY, UNKNOWN)).toBeDefined()
  })
})

describe('a request that waits', () => {
  it('goes with its dial', () => {
    const dial = needed('one')
    expect(dials.wait(5, dial, CALL)).toBe(true)
    start(5, 1)
    expect([...(dials.take(1 as LinkId)?.calls ?? [])]).toEqual([
      { ...CALL, untilMs: 5 + SERVER_CALL_TIMEOUT_MS },
    ])
    expect(dials.takeExpiredCalls(99_999)).toEqual([])
  })

  it('expires at its time; the dial under way goes on', () => {
    const dial = dials.open(url('one'), KEY, UNKNOWN) as Dial
    start(0, 1)
    dials.wait(5, dial, CALL)
    dials.wait(6, dial, CALL)
    expect(dials.nextTimeout()).toBe(5 + SERVER_CALL_TIMEOUT_MS)
    expect(dials.takeExpiredCalls(4 + SERVER_CALL_TIMEOUT_MS)).toEqual([])
    expect(dials.takeExpiredCalls(5 + SERVER_CALL_TIMEOUT_MS)).toHaveLength(1)
    expect(dials.nextTimeout()).toBe(6 + SERVER_CALL_TIMEOUT_MS)
    expect(dials.takeExpiredCalls(6 + SERVER_CALL_TIMEOUT_MS)).toHaveLength(1)
    expect(dials.take(1 as LinkId)?.calls.size).toBe(0)
  })

  it('takes its dial with it when that was not begun and nobody else needs it', () => {
    const useless = dials.open(url('one'), KEY, UNKNOWN) as Dial
    dials.wait(0, useless, CALL)
    dials.wait(0, useless, CALL)
    dials.wait(0, needed('two'), CALL)
    expect(dials.takeExpiredCalls(SERVER_CALL_TIMEOUT_MS)).toHaveLength(3)
    expect(dials.next(0)?.url.host).toBe('two.test')
    expect(dials.next(0)).toBeUndefined()
    expect(dials.open(url('one'), KEY, UNKNOWN)).not.toBe(useless)
  })

  it(`is refused once ${MAX_WAITING_SERVER_CALLS} wait`, () => {
    const dial = needed('one')
    for (let i = 1; i < MAX_WAITING_SERVER_CALLS; i++) dials.wait(0, dial, CALL)
    expect(dials.wait(0, dial, CALL)).toBe(true)
    expect(dials.wait(0, dial, CALL)).toBe(false)
    expect(dials.wait(0, needed('two'), CALL)).toBe(false)
    start(0, 1)
    dials.take(1 as LinkId)
    expect(dials.wait(0, needed('two'), CALL)).toBe(true)
  })

  it('is refused by a dial that is over', () => {
    const dial = needed('one')
    start(0, 1)
    dials.take(1 as LinkId)
    expect(dials.wait(0, dial, CALL)).toBe(false)
  })
})
