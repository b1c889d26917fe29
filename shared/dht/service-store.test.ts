import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import type { Identity } from '../identity/identity.ts'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import {
  CLOCK_SLACK_MS,
  MAX_SERVICES_PER_NETWORK,
  MAX_SERVICES_PER_SOURCE,
  MAX_SERVICES_PER_TOPIC,
  RECORD_FULL_SWEEP_MS,
  RECORD_SWEEP_MS,
} from '../wire/limits.ts'
import { serviceTopic } from '../wire/service.ts'
import { commonPrefixLength } from './distance.ts'
import type { ServiceOffer } from './service-store.ts'
import { ServiceStore } from './service-store.ts'
import { adOf, forged, identityOf, later, NET, recordOf, TIME, UNIX_MS } from './testing/values.ts'

const alice = identityOf(1)
const bob = identityOf(2)
const ownId = new Uint8Array(32)
const LIFE_MS = 3_600_000 + CLOCK_SLACK_MS
const peer = (number: number) => keyIdOf(new Uint8Array(32).fill(number))

let store: ServiceStore

beforeEach(() => {
  store = new ServiceStore({ suite: nodeSuite, net: NET, ownId })
})

function offer(bytes: Uint8Array, over: Partial<ServiceOffer> = {}, time = TIME): string {
  const verdict = store.offer(time, bytes, {
    isNear: true,
    source: peer(0),
    network: undefined,
    ...over,
  })
  return typeof verdict === 'string' ? verdict : verdict.error
}

const found = (name = 'chess', time = TIME) => store.get(time, serviceTopic(nodeSuite, name))
const fresher = (by = 1) => ({ atMs: UNIX_MS + by })

describe('an advertisement', () => {
  it('is kept under its topic, and found, the freshest first', () => {
    const ads = [adOf(alice), adOf(bob, fresher(2)), adOf(identityOf(3), fresher(1))] as const
    for (const ad of ads) expect(offer(ad)).toBe('stored')
    expect(offer(ads[0])).toBe('known')
    expect(found()).toEqual([ads[1], ads[2], ads[0]])
    expect(found('go')).toEqual([])
    expect(store.size).toBe(3)
  })

  it('is one of a key in a topic, the latest', () => {
    offer(adOf(alice))
    const ad = adOf(alice, fresher())
    expect(offer(ad)).toBe('stored')
    expect(found()).toEqual([ad])
    expect(offer(adOf(alice, { name: 'go' }))).toBe('stored')
    expect(store.size).toBe(2)
  })

  it.each([
    ['an older one', 'SEQ_TOO_LOW', adOf(alice, fresher(-1))],
    ['another of the same moment', 'SEQ_REUSED', adOf(alice, { ttlS: 7_200 })],
    ['a forged one', 'INVALID_RECORD', forged(adOf(alice, fresher()))],
    ['no advertisement', 'INVALID_RECORD', recordOf(alice)],
    ['noise', 'INVALID_RECORD', new Uint8Array(9)],
    ['one of the future', 'INVALID_RECORD', adOf(alice, fresher(CLOCK_SLACK_MS + 1))],
    ['one that has expired', 'INVALID_RECORD', adOf(bob, fresher(-LIFE_MS))],
    [
      'one of another network',
      'INVALID_RECORD',
      adOf(alice, { ...fresher(), net: new Uint8Array(16).fill(1) }),
    ],
  ])('stays when %s is offered', (_, code, bytes) => {
    const kept = adOf(alice)
    offer(kept)
    expect(offer(bytes)).toBe(code)
    expect(found()).toEqual([kept])
  })

  it('is taken where this server is near to the topic, or keeps an older one', () => {
    expect(offer(adOf(alice), { isNear: false })).toBe('NOT_CLOSE')
    offer(adOf(alice))
    expect(offer(adOf(alice, fresher()), { isNear: false })).toBe('stored')
  })

  it('is kept as a copy', () => {
    const bytes = adOf(alice)
    const packet = new Uint8Array(2_000)
    packet.set(bytes)
    offer(packet.subarray(0, bytes.length))
    packet.fill(0)
    expect(found()).toEqual([bytes])
  })

  it('is hidden once it has expired, and swept later', () => {
    expect(store.nextTimeout()).toBeUndefined()
    offer(adOf(alice))
    offer(adOf(bob, { ttlS: 7_200 }))
    expect(store.nextTimeout()).toBe(RECORD_SWEEP_MS)
    expect(found('chess', later(LIFE_MS - 1)).length).toBe(2)
    expect(found('chess', later(LIFE_MS)).length).toBe(1)
    expect(offer(adOf(alice), {}, later(LIFE_MS))).toBe('INVALID_RECORD')
    store.timeout(later(RECORD_SWEEP_MS - 1))
    expect(store.nextTimeout()).toBe(RECORD_SWEEP_MS)
    store.timeout(later(LIFE_MS))
    expect(store.size).toBe(1)
    expect(store.topicCount).toBe(1)
    store.timeout(later(2 * LIFE_MS + 3_600_000))
    expect([store.size, store.topicCount]).toEqual([0, 0])
    expect(store.nextTimeout()).toBeUndefined()
    expect(found()).toEqual([])
  })
})

describe('a topic', () => {
  const NETWORK = '203.0.113.0/24'
  /** Offers of new keys, one after the other, each fresher than the last. */
  let next = 10
  const offerNew = (over: Partial<ServiceOffer>) =>
    offer(adOf(identityOf(next++), fresher(next)), over)

  function fill(count: number, over: (i: number) => Partial<ServiceOffer>): void {
    for (let i = 0; i < count; i++) expect(offerNew(over(i))).toBe('stored')
  }

  it('has few from one network, and any number from where networks do not count', () => {
    fill(MAX_SERVICES_PER_NETWORK, i => ({ network: NETWORK, source: peer(i) }))
    expect(offerNew({ network: NETWORK, source: peer(99) })).toBe('QUOTA')
    fill(MAX_SERVICES_PER_NETWORK + 1, () => ({}))
    // Another topic has places of its own.
    expect(offer(adOf(alice, { name: 'go' }), { network: NETWORK })).toBe('stored')
    // An advertiser that is there may renew.
    expect(offer(adOf(identityOf(next - 1), fresher(next + 1)), { network: NETWORK })).toBe(
      'stored',
    )
  })

  it('that is full takes newcomers from who has most in it, whose stalest goes', () => {
    fill(MAX_SERVICES_PER_TOPIC - 1, () => ({ source: peer(1) }))
    const stalest = adOf(alice)
    expect(offer(stalest, { source: peer(1) })).toBe('stored')
    expect(found().at(-1)).toEqual(stalest)
    expect(offerNew({ source: peer(1) })).toBe('QUOTA')
    expect(offerNew({ source: peer(2) })).toBe('stored')
    expect(found().length).toBe(MAX_SERVICES_PER_TOPIC)
    expect(found().map(ad => Buffer.from(ad).equals(stalest))).not.toContain(true)
    fill(MAX_SERVICES_PER_TOPIC / 2 - 1, () => ({ source: peer(2) }))
    // Now both have half of it: neither can take more from the other.
    expect(offerNew({ source: peer(1) })).toBe('QUOTA')
    expect(offerNew({ source: peer(2) })).toBe('QUOTA')
    expect(offerNew({ source: peer(3) })).toBe('stored')
    // That one came from the first, who is one behind the second now, and would only trade places with it.
    expect(offerNew({ source: peer(1) })).toBe('QUOTA')
  })

  it('cannot be held by an attacker with some networks against one who comes later', () => {
    const attacker = (i: number) => ({ network: `198.51.${i % 8}.0/24`, source: peer(i % 8) })
    fill(MAX_SERVICES_PER_TOPIC, attacker)
    const honest = adOf(alice)
    expect(offer(honest, { network: NETWORK })).toBe('stored')
    for (let i = 0; i < 100; i++) offerNew(attacker(i))
    expect(found().some(ad => Buffer.from(ad).equals(honest))).toBe(true)
    expect(store.size).toBe(MAX_SERVICES_PER_TOPIC)
  })

  it('has room again once some have expired, also before they are swept', () => {
    fill(MAX_SERVICES_PER_NETWORK, () => ({ network: NETWORK }))
    const time = later(LIFE_MS + 1_000_000)
    const ad = adOf(alice, fresher(LIFE_MS + 1_000_000))
    expect(offer(ad, { network: NETWORK }, time)).toBe('stored')
    expect(store.size).toBe(1)
  })

  it('loses nobody to what is not valid', () => {
    fill(MAX_SERVICES_PER_TOPIC, () => ({ source: peer(1) }))
    const before = found()
    expect(offer(forged(adOf(alice, fresher())), { source: peer(2) })).toBe('INVALID_RECORD')
    expect(found()).toEqual(before)
  })
})

describe('a store', () => {
  const prefixOf = (name: string) => commonPrefixLength(ownId, serviceTopic(nodeSuite, name))
  /** Names whose topics share so many bits with our id. */
  function topicsAt(prefix: number, count: number): string[] {
    const names: string[] = []
    for (let i = 0; names.length < count; i++) if (prefixOf(`t${i}`) === prefix) names.push(`t${i}`)
    return names
  }
  const put = (name: string, owner: Identity = alice, source: KeyId = peer(0), time = TIME) =>
    offer(adOf(owner, { name }), { source }, time)

  it('that is full drops the farthest, the oldest first, and refuses what is farther than all', () => {
    store = new ServiceStore({ suite: nodeSuite, net: NET, ownId, maxServices: 3 })
    const [far, far2, far3] = topicsAt(0, 3) as [string, string, string]
    const [near, near2] = topicsAt(3, 2) as [string, string]
    for (const name of [far, near, far2]) expect(put(name)).toBe('stored')
    expect(put(far, bob)).toBe('stored')
    expect([far, far2, near].map(name => found(name).length)).toEqual([1, 1, 1])
    expect([put(near2), put(near, bob)]).toEqual(['stored', 'stored'])
    expect(put(far3)).toBe('QUOTA')
    expect([far, far2, far3, near, near2].map(name => found(name).length)).toEqual([0, 0, 0, 2, 1])
    expect(store.size).toBe(3)
  })

  it('that is full looks for expired ones first, once a second at most', () => {
    store = new ServiceStore({ suite: nodeSuite, net: NET, ownId, maxServices: 1 })
    const [near, far] = [topicsAt(3, 1), topicsAt(0, 1)].flat() as [string, string]
    put(near)
    expect(put(far, alice, peer(0), later(RECORD_FULL_SWEEP_MS))).toBe('QUOTA')
    const ad = adOf(alice, { name: far, ...fresher(LIFE_MS) })
    const expired = UNIX_MS + LIFE_MS
    expect(offer(ad, {}, { now: 2 * RECORD_FULL_SWEEP_MS - 1, unixMs: expired })).toBe('QUOTA')
    expect(offer(ad, {}, { now: 2 * RECORD_FULL_SWEEP_MS, unixMs: expired })).toBe('stored')
    expect(store.size).toBe(1)
  })

  it.each([
    ['peer', { source: peer(0), network: undefined }, { source: peer(1), network: undefined }],
    ['network', { network: 'a/24' }, { network: 'b/24' }],
  ])(`takes ${MAX_SERVICES_PER_SOURCE} from one %s at most`, (_, one, other) => {
    const suite = { ...nodeSuite, verify: () => true }
    store = new ServiceStore({ suite, net: NET, ownId })
    const template = adOf(alice, { name: 'topic 00000' })
    const at = Buffer.from(template).indexOf('topic 00000')
    const putTopic = (number: number, from: Partial<ServiceOffer> = one) => {
      const bytes = template.slice()
      bytes.set(Buffer.from(`topic ${String(number).padStart(5, '0')}`), at)
      return offer(bytes, { source: peer(number % 50), ...from })
    }
    for (let i = 0; i < MAX_SERVICES_PER_SOURCE; i++) {
      if (putTopic(i) !== 'stored') throw new Error(`refused ${i}`)
    }
    expect(putTopic(MAX_SERVICES_PER_SOURCE)).toBe('QUOTA')
    expect(putTopic(MAX_SERVICES_PER_SOURCE, other)).toBe('stored')
    expect(found('topic 00000').length).toBe(1)
    store.timeout(later(2 * LIFE_MS))
    expect(store.size).toBe(0)
    expect(putTopic(0)).toBe('stored')
  })
})

describe('hostile bytes', () => {
  it('are never accepted and never throw', () => {
    const start = adOf(alice)
    fc.assert(
      fc.property(fc.nat(start.length), fc.uint8Array(), (length, noise) => {
        const offered = Buffer.concat([start.subarray(0, length), noise])
        fc.pre(offered.compare(start) !== 0)
        expect(offer(offered)).toBe('INVALID_RECORD')
      }),
      { seed: 11, numRuns: 300 },
    )
    for (let i = 0; i < start.length; i++) {
      const changed = start.slice()
      changed[i] = (changed[i] as number) ^ (1 << (i % 8))
      expect(offer(changed)).toBe('INVALID_RECORD')
    }
    expect(store.size).toBe(0)
  })
})
