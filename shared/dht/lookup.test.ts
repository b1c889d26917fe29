import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { DHT_LOOKUP_DEADLINE_MS, DHT_SLOW_CALL_MS } from '../wire/limits.ts'
import type { Contact } from './contact.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import { distanceFraction } from './distance.ts'
import { Lookup } from './lookup.ts'
import { keyOf, keysOf, nearestOf, randomContact } from './testing/contacts.ts'
import type { Answering } from './testing/model-network.ts'
import { ModelNetwork, newLookup, runLookup } from './testing/model-network.ts'

const { k } = DHT_DEFAULTS
const NETWORK = new ModelNetwork(seededRandom(1), 200)

describe('a lookup in a network without faults', () => {
  it('finds the true k nearest from anywhere, and asks nobody twice', () => {
    const cases = fc.record({
      seed: fc.nat(),
      from: fc.nat(199),
      paths: fc.constantFrom(1, 2, 4, 8),
    })
    fc.assert(
      fc.property(cases, ({ seed, from: index, paths }) => {
        const from = NETWORK.nodes[index] as Contact
        const target = seededRandom(seed)(32)
        const lookup = newLookup(NETWORK, { from, target, parameters: { paths } })
        const { asked } = runLookup(lookup, target, NETWORK.honest)
        expect(keysOf(lookup.closest)).toEqual(keysOf(NETWORK.nearest(target, k, from)))
        expect(new Set(keysOf(asked)).size).toBe(asked.length)
        expect(keysOf(asked)).not.toContain(keyOf(from))
        expect(lookup.stats.messages).toBe(asked.length)
        expect(lookup.stats.rounds).toBeLessThanOrEqual(5)
      }),
      { seed: 11, numRuns: 200 },
    )
  })

  it('asks few more than it must', () => {
    const random = seededRandom(2)
    const counts = Array.from({ length: 100 }, (_, i) => {
      const from = NETWORK.nodes[i] as Contact
      const target = random(32)
      return runLookup(newLookup(NETWORK, { from, target }), target, NETWORK.honest).asked.length
    }).sort((a, b) => a - b)
    expect(counts[50]).toBeLessThanOrEqual(32)
    expect(counts[99]).toBeLessThanOrEqual(50)
  })

  it('asks everybody in the region of whom it hears, and counts them as found', () => {
    const from = NETWORK.nodes[0] as Contact
    const target = seededRandom(3)(32)
    const radius = 0.2
    const talkative: Answering = (asked, at) => ({
      nodes: NETWORK.tableOf(asked).closest(at, 60),
      afterMs: 50,
    })
    const within = NETWORK.nearest(target, 200, from).filter(
      ({ id }) => distanceFraction(target, id) < radius,
    )
    expect(within.length).toBeGreaterThan(k)
    const lookup = newLookup(NETWORK, { from, target, radius })
    runLookup(lookup, target, talkative)
    expect(keysOf(lookup.closest)).toEqual(keysOf(within))
    const control = newLookup(NETWORK, { from, target })
    runLookup(control, target, talkative)
    expect(keysOf(control.closest)).toEqual(keysOf(within.slice(0, k)))
  })

  it.each([0, 1, 5])('ends with %i servers in the world beside us', others => {
    const network = new ModelNetwork(seededRandom(4), others + 1)
    const from = network.nodes[0] as Contact
    const lookup = newLookup(network, { from, target: from.id, radius: 1 })
    const { asked, endedAtMs } = runLookup(lookup, from.id, network.honest)
    expect([asked.length, lookup.closest.length, lookup.kthDistance]).toEqual([others, others, 1])
    expect(endedAtMs).toBeLessThanOrEqual(100)
  })

  it('shares out what a single seed names, so that all paths work', () => {
    const random = seededRandom(5)
    const target = random(32)
    const own = randomContact(random)
    const seeds = [NETWORK.nodes[7] as Contact]
    const lookup = new Lookup(DHT_DEFAULTS, target, seeds, { now: 0, ownKey: own.key })
    expect(keysOf([lookup.next(0) as Contact])).toEqual(keysOf(seeds))
    expect(lookup.next(0)).toBeUndefined()
    lookup.answered(1, (seeds[0] as Contact).key, NETWORK.named(seeds[0] as Contact, target))
    let calls = 0
    while (lookup.next(1) !== undefined) calls++
    expect(calls).toBe(DHT_DEFAULTS.paths * DHT_DEFAULTS.alpha)
  })
})

describe('a lookup among nodes that are dead or slow', () => {
  it('finds the nearest of those that answer', () => {
    const random = seededRandom(6)
    const dead = new Set(NETWORK.nodes.filter((_, i) => i % 3 === 0))
    const answering: Answering = (asked, target) =>
      dead.has(asked) ? { nodes: undefined, afterMs: 3000 } : NETWORK.honest(asked, target)
    for (let i = 0; i < 20; i++) {
      const from = NETWORK.nodes[1 + 3 * i] as Contact
      const target = random(32)
      const lookup = newLookup(NETWORK, { from, target })
      const { endedAtMs } = runLookup(lookup, target, answering)
      const living = NETWORK.nodes.filter(node => !dead.has(node) && node !== from)
      // Answers are full of the dead too: the nearest half is certain to be named.
      const nearest = nearestOf(living, target, k / 2)
      expect(keysOf(lookup.closest).slice(0, k / 2)).toEqual(keysOf(nearest))
      expect(lookup.closest.length).toBeGreaterThanOrEqual(k / 2)
      // The dead are not waited for until they have failed.
      expect(endedAtMs).toBeLessThan(2500)
    }
  })

  it('lets a slow call count when it is answered in time', () => {
    const from = NETWORK.nodes[0] as Contact
    const target = seededRandom(7)(32)
    const [nearest] = NETWORK.nearest(target, 1, from) as [Contact]
    const slow: Answering = (asked, at) =>
      asked === nearest
        ? { nodes: NETWORK.named(asked, at), afterMs: DHT_SLOW_CALL_MS - 1 }
        : NETWORK.honest(asked, at)
    const lookup = newLookup(NETWORK, { from, target })
    runLookup(lookup, target, slow)
    expect(lookup.closest[0]).toBe(nearest)
  })

  it('waits longer where everybody is far away', () => {
    const from = NETWORK.nodes[0] as Contact
    const target = seededRandom(8)(32)
    const far: Answering = (asked, at) => ({ nodes: NETWORK.named(asked, at), afterMs: 700 })
    const lookup = newLookup(NETWORK, { from, target })
    const { endedAtMs } = runLookup(lookup, target, far)
    expect(keysOf(lookup.closest)).toEqual(keysOf(NETWORK.nearest(target, k, from)))
    expect(endedAtMs).toBeLessThan(DHT_LOOKUP_DEADLINE_MS)
  })

  it('ends at its deadline when nobody answers', () => {
    const from = NETWORK.nodes[0] as Contact
    const lookup = newLookup(NETWORK, { from, target: from.id })
    const silent: Answering = () => ({ nodes: undefined, afterMs: 60_000 })
    const { endedAtMs } = runLookup(lookup, from.id, silent)
    expect([endedAtMs, lookup.closest, lookup.kthDistance]).toEqual([DHT_LOOKUP_DEADLINE_MS, [], 1])
    expect([lookup.next(7000), lookup.nextTimeout()]).toEqual([undefined, undefined])
  })

  it('does not mind answers that nobody waits for', () => {
    const from = NETWORK.nodes[0] as Contact
    const lookup = newLookup(NETWORK, { from, target: from.id })
    const asked = lookup.next(0) as Contact
    lookup.answered(1, (NETWORK.nodes[199] as Contact).key, [])
    lookup.failed(from.key)
    lookup.failed(asked.key)
    lookup.failed(asked.key)
    lookup.answered(2, asked.key, NETWORK.nodes)
    expect(lookup.closest).toEqual([])
  })

  it('makes alpha calls a path at once, and more once they are slow', () => {
    const lookup = newLookup(NETWORK, {
      from: NETWORK.nodes[0] as Contact,
      target: seededRandom(9)(32),
    })
    const countNow = (now: number): number => {
      let calls = 0
      while (lookup.next(now) !== undefined) calls++
      return calls
    }
    expect(countNow(0)).toBe(16)
    expect(countNow(DHT_SLOW_CALL_MS - 1)).toBe(0)
    expect(lookup.nextTimeout()).toBe(DHT_SLOW_CALL_MS)
    expect(countNow(DHT_SLOW_CALL_MS)).toBe(k - 16)
  })
})
