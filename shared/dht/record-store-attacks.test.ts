// What hostile peers offer (docs/THREATS.md 3, 4): forgeries, and true values that are out of date. KEYMESH_SIM=full,
// as `npm test` sets it, takes all of a thousand values apart.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { dhtIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { CLOCK_SLACK_MS } from '../wire/limits.ts'
import type { RegistryValue, ValueKind } from '../wire/registry-value.ts'
import { decodeValue, newerOf, supersedes } from '../wire/registry-value.ts'
import { RecordStore } from './record-store.ts'
import { identityOf, later, NET, recordOf, revocationOf, TIME, UNIX_MS } from './testing/values.ts'

const ownId = dhtIdOf(nodeSuite, new Uint8Array(32))
const PEER = { isHome: false, isNear: true, source: identityOf(0).keyId }

const newStore = () => new RecordStore({ suite: nodeSuite, net: NET, ownId })

/** A small generator (xorshift32), so that a failure can be had again. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

describe('forgeries (threat 3)', () => {
  const random = seeded(20_260_101)
  const bytes = (length: number) => Uint8Array.from({ length }, () => random(256))

  function anyValue(number: number): { kind: ValueKind; bytes: Uint8Array } {
    const owner = identityOf(number)
    if (number % 5 === 0) {
      const over = number % 2 === 0 ? { successor: identityOf(number + 1_000_000) } : {}
      return {
        kind: 'revocation',
        bytes: revocationOf(owner, { atMs: UNIX_MS - random(1e9), ...over }),
      }
    }
    const isServer = number % 2 === 0
    const over = {
      seq: UNIX_MS - random(1e9),
      relay: random(10),
      prekeys: bytes(32),
      meta: new Map([['name', `node ${random(1e6)}`]]),
      ...(isServer
        ? { type: 'server' as const, endpoints: [{ url: 'wss://a.example', cert: bytes(32) }] }
        : { servers: [bytes(32), bytes(32)] }),
    }
    return { kind: 'record', bytes: recordOf(owner, over) }
  }

  const values = process.env.KEYMESH_SIM === 'full' ? 1_000 : 10

  it(`none of those made by changing any byte of ${values} values is accepted`, () => {
    const store = newStore()
    let accepted = 0
    let offered = 0
    for (let number = 1; number <= values; number++) {
      const { kind, bytes } = anyValue(number)
      for (let i = 0; i < bytes.length; i++) {
        const forged = bytes.slice()
        forged[i] = (forged[i] as number) ^ (1 + random(255))
        offered++
        if (typeof store.offer(TIME, forged, kind, PEER) === 'string') accepted++
      }
      expect(store.offer(TIME, bytes, kind, PEER)).toBe('stored')
      // What is changed in its key, or where the genuine one is kept, is no better off.
      for (let i = 0; i < bytes.length; i += 16) {
        const forged = bytes.slice()
        forged[i] = (forged[i] as number) ^ (1 + random(255))
        if (typeof store.offer(TIME, forged, kind, PEER) === 'string') accepted++
      }
    }
    expect(accepted).toBe(0)
    expect(offered).toBeGreaterThan(values * 150)
    expect(store.size).toBe(values)
  }, 600_000)

  it('nor is noise, which never throws', () => {
    const store = newStore()
    const kinds = fc.constantFrom<ValueKind>('record', 'revocation')
    const prefix = fc.constantFrom(recordOf(identityOf(1)), revocationOf(identityOf(1)))
    fc.assert(
      fc.property(kinds, prefix, fc.nat(300), fc.uint8Array(), (kind, start, length, noise) => {
        const offered = Buffer.concat([start.subarray(0, length), noise])
        fc.pre(offered.compare(start) !== 0)
        expect(store.offer(TIME, offered, kind, PEER)).toMatchObject({ error: 'INVALID_RECORD' })
        expect(store.restore(TIME, 'record/00', offered)).toBeUndefined()
      }),
      { seed: 8, numRuns: 500 },
    )
    expect(store.size).toBe(0)
  })
})

describe('replays (threat 4)', () => {
  const owner = identityOf(1)
  const HOUR_MS = 3_600_000
  /** What was recorded over time: five hours of records, one twice with one sequence, and two revocations. */
  const recorded = [0, 1, 2, 3, 4].flatMap(hour => {
    const over = { seq: UNIX_MS + hour * HOUR_MS, seenMs: UNIX_MS + hour * HOUR_MS, ttlS: 7_200 }
    const once = recordOf(owner, over)
    return hour === 2 ? [once, recordOf(owner, { ...over, relay: 1 })] : [once]
  })
  const revocations = [0, 1].map(hour => revocationOf(owner, { atMs: UNIX_MS + hour * HOUR_MS }))
  const offers = [
    ...recorded.map(bytes => ({ kind: 'record', bytes }) as const),
    ...revocations.map(bytes => ({ kind: 'revocation', bytes }) as const),
  ]

  it.each([
    ['older', 'SEQ_TOO_LOW', 0, later(2 * HOUR_MS)],
    ['equal with other bytes', 'SEQ_REUSED', 3, later(2 * HOUR_MS)],
    ['of the future', 'INVALID_RECORD', 5, later(2 * HOUR_MS)],
    ['expired', 'INVALID_RECORD', 4, later(9 * HOUR_MS)],
  ])('one that is %s is refused by every one of 20 holders', (_, code, index, time) => {
    for (let holder = 0; holder < 20; holder++) {
      const store = newStore()
      expect(store.offer(later(2 * HOUR_MS), recorded[2] as Uint8Array, 'record', PEER)).toBe(
        'stored',
      )
      const bytes = recorded[index] as Uint8Array
      expect(store.offer(time, bytes, 'record', PEER)).toMatchObject({ error: code })
    }
  })

  const step = fc.record({
    offer: fc.nat(offers.length - 1),
    waitMs: fc.constantFrom(0, 0, 60_000, HOUR_MS),
    restarts: fc.boolean(),
  })

  it('never take a holder back, whatever the order, through expiry, sweeps and restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), steps => {
        let store = newStore()
        const disk = new Map<string, Uint8Array>()
        let time: Time = TIME
        let best: RegistryValue | undefined
        let wasSwept = false
        for (const { offer, waitMs, restarts } of steps) {
          time = { now: time.now + waitMs, unixMs: time.unixMs + waitMs }
          store.timeout(time)
          // A restart after a sweep loses the memory of what was swept.
          wasSwept ||= best !== undefined && store.size === 0
          if (restarts && !wasSwept) {
            store = newStore()
            for (const [key, value] of disk) store.restore(time, key, value)
          }
          const { kind, bytes } = offers[offer] as (typeof offers)[number]
          const value = decodeValue({ kind, bytes })
          const verdict = store.offer(time, bytes, kind, PEER)
          for (let effect = store.poll(); effect !== undefined; effect = store.poll()) {
            if (effect.kind !== 'save') continue
            if (effect.value === undefined) disk.delete(effect.key)
            else disk.set(effect.key, effect.value)
          }
          if (verdict === 'stored') {
            if (best !== undefined) expect(supersedes(best, value)).toBe(false)
            best = value
          }
          const kept = store.get(time, owner.keyId)
          if (kept !== undefined) expect(kept).toEqual(best)
          expect(disk.size).toBe(store.size)
        }
      }),
      { seed: 9, numRuns: 300 },
    )
  })

  it('lead all holders to one value, in whatever order each hears of them', () => {
    const orders = fc.array(fc.shuffledSubarray(offers, { minLength: offers.length }), {
      minLength: 3,
      maxLength: 3,
    })
    const time = later(4 * HOUR_MS)
    const best = offers.map(decodeValue).reduce(newerOf)
    fc.assert(
      fc.property(orders, all => {
        for (const order of all) {
          const store = newStore()
          for (const { kind, bytes } of order) store.offer(time, bytes, kind, PEER)
          expect(store.get(time, owner.keyId)).toEqual(best)
        }
      }),
      { seed: 10, numRuns: 20 },
    )
  })

  it('of expired records bring nothing back that a clock set right has ended', () => {
    const store = newStore()
    const [first, second] = recorded as [Uint8Array, Uint8Array]
    const time = { now: 0, unixMs: UNIX_MS + 3 * HOUR_MS + CLOCK_SLACK_MS }
    expect(store.offer(time, second, 'record', PEER)).toMatchObject({ error: 'INVALID_RECORD' })
    expect(store.offer(later(HOUR_MS), second, 'record', PEER)).toBe('stored')
    store.timeout({ now: HOUR_MS + 60_000, unixMs: time.unixMs })
    expect(store.size).toBe(0)
    expect(store.offer(later(HOUR_MS), first, 'record', PEER)).toMatchObject({
      error: 'SEQ_TOO_LOW',
    })
  })
})
