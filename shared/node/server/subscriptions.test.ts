import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import {
  MAX_SUBSCRIPTIONS,
  MAX_SUBSCRIPTIONS_PER_LINK,
  MAX_SUBSCRIPTIONS_PER_NETWORK,
  WATCH_LEASE_MS,
} from '../../wire/limits.ts'
import { Subscriptions } from './subscriptions.ts'

const ONE = 1 as LinkId
const TWO = 2 as LinkId
const ALICE = 'alice' as KeyId
const BOB = 'bob' as KeyId
let subscriptions: Subscriptions

beforeEach(() => {
  subscriptions = new Subscriptions()
})

function key(number: number): KeyId {
  return `key ${number}` as KeyId
}

describe('a subscription', () => {
  it('is of a link to a key', () => {
    subscriptions.add(0, ONE, ALICE)
    subscriptions.add(0, TWO, ALICE)
    subscriptions.add(0, ONE, BOB)
    expect(subscriptions.linksOf(ALICE)).toEqual([ONE, TWO])
    expect(subscriptions.linksOf(BOB)).toEqual([ONE])
    expect(subscriptions.linksOf(key(1))).toEqual([])
  })

  it('ends when it is taken back, once', () => {
    subscriptions.add(0, ONE, ALICE)
    subscriptions.add(0, TWO, ALICE)
    expect(subscriptions.remove(ONE, ALICE)).toBe(true)
    expect(subscriptions.remove(ONE, ALICE)).toBe(false)
    expect(subscriptions.remove(ONE, BOB)).toBe(false)
    expect(subscriptions.linksOf(ALICE)).toEqual([TWO])
  })

  it('ends with its link', () => {
    for (const one of [ALICE, BOB]) subscriptions.add(0, ONE, one)
    subscriptions.add(0, TWO, BOB)
    expect(subscriptions.linkClosed(ONE)).toEqual([ALICE, BOB])
    expect(subscriptions.linkClosed(ONE)).toEqual([])
    expect(subscriptions.linksOf(BOB)).toEqual([TWO])
  })

  it('ends when it is not renewed in time', () => {
    subscriptions.add(0, ONE, ALICE)
    subscriptions.add(10, ONE, BOB)
    expect(subscriptions.nextTimeout()).toBe(WATCH_LEASE_MS)
    subscriptions.add(20, ONE, ALICE)
    expect(subscriptions.timeout(WATCH_LEASE_MS - 1)).toEqual([])
    expect(subscriptions.timeout(WATCH_LEASE_MS)).toEqual([])
    expect(subscriptions.nextTimeout()).toBe(10 + WATCH_LEASE_MS)
    expect(subscriptions.timeout(10 + WATCH_LEASE_MS)).toEqual([BOB])
    expect(subscriptions.timeout(20 + WATCH_LEASE_MS)).toEqual([ALICE])
    expect(subscriptions.nextTimeout()).toBeUndefined()
  })
})

describe('caps', () => {
  it(`are ${MAX_SUBSCRIPTIONS_PER_LINK} of a link; renewals are free, and what ends makes room`, () => {
    for (let i = 1; i < MAX_SUBSCRIPTIONS_PER_LINK; i++) subscriptions.add(0, ONE, key(i))
    expect(subscriptions.add(0, ONE, ALICE)).toBe(true)
    expect(subscriptions.add(0, ONE, BOB)).toBe(false)
    expect(subscriptions.linksOf(BOB)).toEqual([])
    expect(subscriptions.add(1, ONE, ALICE)).toBe(true)
    expect(subscriptions.add(0, TWO, BOB)).toBe(true)
    subscriptions.remove(ONE, ALICE)
    expect(subscriptions.add(0, ONE, BOB)).toBe(true)
  })

  it(`are ${MAX_SUBSCRIPTIONS} in all`, () => {
    for (let i = 1; i < MAX_SUBSCRIPTIONS; i++) {
      subscriptions.add(0, Math.floor(i / MAX_SUBSCRIPTIONS_PER_LINK) as LinkId, key(i))
    }
    const [last, over] = [1_000 as LinkId, 1_001 as LinkId]
    expect(subscriptions.add(0, last, ALICE)).toBe(true)
    expect(subscriptions.add(0, over, ALICE)).toBe(false)
    subscriptions.linkClosed(last)
    expect(subscriptions.add(0, over, ALICE)).toBe(true)
  })
})

describe('a flood of watches', () => {
  it('of one network leaves room for everybody else', () => {
    const crowd = MAX_SUBSCRIPTIONS_PER_NETWORK / MAX_SUBSCRIPTIONS_PER_LINK
    for (let link = 1; link <= crowd; link++) {
      for (let i = 0; i < MAX_SUBSCRIPTIONS_PER_LINK; i++) {
        expect(subscriptions.add(0, link as LinkId, key(i), '192.0.2.0/24')).toBe(true)
      }
    }
    const another = (crowd + 1) as LinkId
    expect(subscriptions.add(0, another, ALICE, '192.0.2.0/24')).toBe(false)
    expect(subscriptions.add(0, (crowd + 2) as LinkId, ALICE, '198.51.100.0/24')).toBe(true)
    expect(subscriptions.add(0, (crowd + 3) as LinkId, ALICE)).toBe(true)
    subscriptions.remove(ONE, key(0))
    expect(subscriptions.add(0, another, ALICE, '192.0.2.0/24')).toBe(true)
    subscriptions.linkClosed(TWO)
    expect(subscriptions.add(0, another, BOB, '192.0.2.0/24')).toBe(true)
  })

  // Looking at all of them each time would take longer than a test may.
  it('whose leases end at a moment each costs no look at all the others', () => {
    for (let i = 0; i < MAX_SUBSCRIPTIONS; i++) {
      subscriptions.add(i, (i % 64) as LinkId, key(i >> 6))
    }
    let ended = 0
    for (let i = 0; i < MAX_SUBSCRIPTIONS; i++) {
      const [only, ...more] = subscriptions.timeout(i + WATCH_LEASE_MS)
      if (only === key(i >> 6) && more.length === 0) ended += 1
    }
    expect(ended).toBe(MAX_SUBSCRIPTIONS)
  })
})
