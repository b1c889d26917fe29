import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import {
  FOLLOW_LOOKUP_COST,
  FOLLOW_LOOKUP_MS,
  FOLLOW_MIN_MS,
  FOLLOW_RENEW_MS,
  FOLLOWS_BURST,
  FOLLOWS_PER_S,
} from '../../wire/limits.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { FollowedKeys } from './followed-keys.ts'

const KEY = 'key' as KeyId
const [ONE, TWO, THREE] = ['one', 'two', 'three'] as KeyId[] as [KeyId, KeyId, KeyId]
let followed: FollowedKeys

beforeEach(() => {
  followed = new FollowedKeys(0)
})

function value(seq: number): RegistryValue {
  return { kind: 'record', signed: recordOf(identityOf(1), { seq: START_UNIX_MS + seq }) }
}

describe('a followed key', () => {
  it('is looked up at once, and asked for again at intervals', () => {
    followed.follow(5, KEY)
    followed.follow(6, KEY)
    expect(followed.nextTimeout()).toBe(5)
    expect(followed.takeDue(5)).toEqual({ key: KEY, needsLookup: true })
    expect(followed.takeDue(5)).toBeUndefined()
    expect(followed.nextTimeout()).toBe(5 + FOLLOW_RENEW_MS)
  })

  it('is looked up again only seldom once its value is known', () => {
    followed.follow(0, KEY)
    let lookups = 0
    for (let now = 0; now < 2 * FOLLOW_LOOKUP_MS; now += FOLLOW_RENEW_MS) {
      const due = followed.takeDue(now)
      if (due?.needsLookup === true) lookups += 1
      followed.learned(KEY, value(1))
    }
    expect(lookups).toBe(2)
    followed = new FollowedKeys(0)
    followed.follow(0, KEY)
    followed.takeDue(0)
    expect(followed.takeDue(FOLLOW_RENEW_MS)?.needsLookup).toBe(true)
  })

  it('is asked for sooner when something has changed, but not at every moment', () => {
    followed.follow(0, KEY)
    followed.takeDue(0)
    followed.hurry(10, KEY)
    expect(followed.nextTimeout()).toBe(FOLLOW_MIN_MS)
    followed.takeDue(FOLLOW_MIN_MS)
    followed.hurry(20_000, KEY)
    expect(followed.nextTimeout()).toBe(20_000)
    followed.hurry(20_000, 'stranger' as KeyId)
    expect(followed.takeDue(20_000)?.key).toBe(KEY)
  })

  it('is asked for sooner for want of an address once for each value', () => {
    followed.follow(0, KEY)
    followed.takeDue(0)
    followed.retry(0, KEY)
    followed.takeDue(FOLLOW_MIN_MS)
    followed.retry(FOLLOW_MIN_MS, KEY)
    expect(followed.nextTimeout()).toBe(FOLLOW_MIN_MS + FOLLOW_RENEW_MS)
    followed.learned(KEY, value(1))
    followed.retry(FOLLOW_MIN_MS, KEY)
    expect(followed.nextTimeout()).toBe(2 * FOLLOW_MIN_MS)
  })

  it('is forgotten with all that was said of it', () => {
    followed.follow(0, KEY)
    followed.asks(KEY, [ONE])
    followed.forget(KEY)
    followed.forget(KEY)
    followed.serverLost(0, ONE)
    expect(followed.nextTimeout()).toBeUndefined()
    expect(followed.has(KEY)).toBe(false)
    expect(followed.learned(KEY, value(1))).toBe(false)
    expect(followed.said(KEY)).toEqual([])
  })

  it('has the newest value', () => {
    followed.follow(0, KEY)
    expect(followed.wouldLearn(KEY, value(1))).toBe(true)
    expect(followed.learned(KEY, value(1))).toBe(true)
    expect(followed.learned(KEY, value(1))).toBe(false)
    expect(followed.learned(KEY, value(0))).toBe(false)
    expect(followed.learned(KEY, value(2))).toBe(true)
    expect(followed.valueOf(KEY)).toEqual(value(2))
  })

  it('was looked up once that has ended', () => {
    followed.follow(0, KEY)
    followed.takeDue(0)
    expect(followed.isLookedUp(KEY)).toBe(false)
    followed.lookedUp(KEY)
    expect(followed.isLookedUp(KEY)).toBe(true)
  })
})

describe('servers', () => {
  it('have a say only when they are asked, and as long as they are', () => {
    followed.follow(0, KEY)
    followed.told(KEY, ONE, true)
    expect(followed.said(KEY)).toEqual([])
    followed.asks(KEY, [ONE, TWO])
    expect(followed.said(KEY)).toEqual([undefined, undefined])
    followed.told(KEY, ONE, true)
    followed.told(KEY, THREE, true)
    followed.asks(KEY, [THREE, ONE])
    expect(followed.said(KEY)).toEqual([undefined, true])
    expect(followed.saidBy(KEY, ONE)).toBe(true)
    expect(followed.isAsked(KEY, TWO)).toBe(false)
  })

  it('whose link has ended are asked again', () => {
    followed.follow(0, KEY)
    followed.takeDue(0)
    followed.asks(KEY, [ONE, TWO])
    followed.asks(KEY, [TWO])
    followed.serverLost(5_000, ONE)
    expect(followed.nextTimeout()).toBe(FOLLOW_RENEW_MS)
    followed.serverLost(5_000, TWO)
    expect(followed.nextTimeout()).toBe(5_000)
  })
})

it(`keys are asked for at ${FOLLOWS_PER_S} a second, a lookup counting as ${FOLLOW_LOOKUP_COST}`, () => {
  const lookups = FOLLOWS_BURST / FOLLOW_LOOKUP_COST
  for (let i = 0; i <= lookups; i++) followed.follow(0, `key ${i}` as KeyId)
  for (let i = 0; i < lookups; i++) expect(followed.takeDue(0)).toBeDefined()
  expect(followed.takeDue(0)).toBeUndefined()
  const nextMs = (FOLLOW_LOOKUP_COST / FOLLOWS_PER_S) * 1_000
  expect(followed.nextTimeout()).toBe(nextMs)
  expect(followed.takeDue(nextMs - 1)).toBeUndefined()
  expect(followed.takeDue(nextMs)).toBeDefined()
})
