import { beforeEach, describe, expect, it } from 'vitest'
import type { Contact } from '../../dht/contact.ts'
import type { QueryId } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import {
  MAX_REACHING,
  PREFETCH_FINDS_BURST,
  PREFETCH_FINDS_PER_S,
  REACH_FINDS_BURST,
  REACH_FINDS_PER_S,
} from '../../wire/limits.ts'
import { Reaching } from './reaching.ts'

const KEY = 'server' as KeyId
const URL = 'wss://one.test'
const known = new Map<KeyId, Contact>()
const linked = new Set<KeyId>()
let log: string[]
let lastQuery: number
let reaching: Reaching

beforeEach(() => {
  known.clear()
  linked.clear()
  log = []
  lastQuery = 0
  reaching = new Reaching(
    {
      contact: (_, key) => known.get(key),
      find: (_, key) => {
        log.push(`find ${key}`)
        lastQuery += 1
        return lastQuery as QueryId
      },
      hasLinkTo: key => linked.has(key),
      dial: (_, { key, url }) => log.push(`dial ${key} ${url}`),
      noLink: key => log.push(`noLink ${key}`),
    },
    0,
  )
})

function at(now: number) {
  return { now, unixMs: now }
}

function know(key: KeyId, url = URL): void {
  known.set(key, { key, id: new Uint8Array(32), url })
}

function found(isFinal: boolean): void {
  reaching.found(at(0), lastQuery as QueryId, isFinal)
}

describe('a server that a circuit waits for', () => {
  it('is dialed where it is known to be, once', () => {
    know(KEY)
    reaching.reach(at(0), KEY)
    reaching.reach(at(0), KEY)
    expect(log).toEqual([`dial server ${URL}`])
    reaching.reached(KEY)
    expect(reaching.size).toBe(0)
  })

  it('has no link when it does not answer there', () => {
    know(KEY)
    reaching.reach(at(0), KEY)
    reaching.unreachable(KEY, 'wss://elsewhere.test')
    expect(reaching.size).toBe(1)
    reaching.unreachable(KEY, URL)
    reaching.unreachable(KEY, URL)
    expect(log.slice(1)).toEqual(['noLink server'])
    expect(reaching.size).toBe(0)
  })

  it('is looked up first, and dialed as soon as its address is found', () => {
    reaching.reach(at(0), KEY)
    found(false)
    expect(log).toEqual(['find server'])
    know(KEY)
    found(false)
    found(true)
    expect(log).toEqual(['find server', `dial server ${URL}`])
  })

  it('has no link when nobody knows it', () => {
    reaching.reach(at(0), KEY)
    found(true)
    found(true)
    expect(log).toEqual(['find server', 'noLink server'])
    expect(reaching.size).toBe(0)
  })

  it('is not dialed any more when its link has come up meanwhile', () => {
    reaching.reach(at(0), KEY)
    know(KEY)
    linked.add(KEY)
    found(true)
    expect(log).toEqual(['find server'])
    expect(reaching.size).toBe(0)
    reaching.reach(at(0), KEY)
    expect(log).toEqual(['find server'])
  })
})

describe('caps', () => {
  it(`are ${REACH_FINDS_BURST} lookups at once and ${REACH_FINDS_PER_S} a second`, () => {
    for (let i = 1; i <= REACH_FINDS_BURST; i++) reaching.reach(at(0), `s${i}` as KeyId)
    log = []
    reaching.reach(at(0), KEY)
    expect(log).toEqual(['noLink server'])
    reaching.reach(at(1_000 / REACH_FINDS_PER_S), KEY)
    expect(log).toEqual(['noLink server', 'find server'])
  })

  it(`are ${PREFETCH_FINDS_BURST} more of servers that may be needed, which take nothing from circuits`, () => {
    for (let i = 0; i < 1_000; i++) reaching.prefetch(at(0), `s${i}` as KeyId)
    expect(log).toHaveLength(PREFETCH_FINDS_BURST)
    for (let i = 0; i < REACH_FINDS_BURST; i++) reaching.reach(at(0), `t${i}` as KeyId)
    expect(log.filter(line => line.startsWith('noLink'))).toEqual([])
    reaching.prefetch(at(1_000 / PREFETCH_FINDS_PER_S), KEY)
    expect(log.at(-1)).toBe('find server')
  })

  it(`are ${MAX_REACHING} servers at once`, () => {
    for (let i = 1; i < MAX_REACHING; i++) {
      know(`s${i}` as KeyId)
      reaching.reach(at(0), `s${i}` as KeyId)
    }
    for (const key of ['last' as KeyId, KEY]) know(key)
    reaching.reach(at(0), 'last' as KeyId)
    log = []
    reaching.reach(at(0), KEY)
    expect(log).toEqual(['noLink server'])
    reaching.reached('last' as KeyId)
    reaching.reach(at(0), KEY)
    expect(log).toEqual(['noLink server', `dial server ${URL}`])
  })
})
