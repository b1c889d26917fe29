import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { DHT_PATH_MAX_CALLS_K, DHT_REGION_MAX_K } from '../wire/limits.ts'
import type { Contact, DhtId } from './contact.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import { Lookup } from './lookup.ts'
import { randomIdSharing } from './random-id.ts'
import {
  contactAt,
  keyOf,
  keysOf,
  nearestOf,
  randomContact,
  randomContacts,
} from './testing/contacts.ts'
import type { Answering } from './testing/model-network.ts'
import { ModelNetwork, newLookup, runLookup } from './testing/model-network.ts'

const { k } = DHT_DEFAULTS
const NETWORK = new ModelNetwork(seededRandom(1), 200)

describe('a lookup among liars', () => {
  /** All on whom one path begins: they answer, and name nobody but one another. */
  function liarsOf(target: DhtId, from: Contact, random: RandomBytes): Set<string> {
    const seeds = NETWORK.tableOf(from).closest(target, k)
    const first = seeds.filter((_, i) => i % DHT_DEFAULTS.paths === 0)
    return new Set([...keysOf(first), ...keysOf(randomContacts(random, 1))])
  }

  /** Sybils nearer to the target than anybody: they name one another. */
  function sybilsAt(target: DhtId, random: RandomBytes, count: number): Contact[] {
    return Array.from({ length: count }, () =>
      contactAt(random, randomIdSharing(random, target, 100)),
    )
  }

  it('keeps what one path is told from the others', () => {
    const random = seededRandom(10)
    for (let i = 0; i < 20; i++) {
      const from = NETWORK.nodes[i] as Contact
      const target = random(32)
      const sybils = sybilsAt(target, random, 40)
      const liars = new Set([...liarsOf(target, from, random), ...keysOf(sybils)])
      const answering: Answering = (asked, at) =>
        liars.has(keyOf(asked))
          ? { nodes: sybils.slice(0, k), afterMs: 10 }
          : NETWORK.honest(asked, at)
      const honest = NETWORK.nodes.filter(node => !liars.has(keyOf(node)) && node !== from)
      const nearest = keysOf(nearestOf(honest, target, 5))

      const asked = (paths: number): string[] => {
        const lookup = newLookup(NETWORK, { from, target, parameters: { paths } })
        return keysOf(runLookup(lookup, target, answering).asked)
      }
      expect(asked(4)).toEqual(expect.arrayContaining(nearest))
    }
  })

  /** Lookups past liars of one network, of whom every path has one: how many of them they believe. */
  function believed(network: string | undefined): number[] {
    const random = seededRandom(12)
    return NETWORK.nodes.slice(0, 20).map(from => {
      const target = random(32)
      const seeds = NETWORK.tableOf(from).closest(target, k)
      const sybils = sybilsAt(target, random, 200)
      const liars = new Set(keysOf([...seeds.slice(0, DHT_DEFAULTS.paths), ...sybils]))
      const answering: Answering = (asked, at) =>
        liars.has(keyOf(asked))
          ? { nodes: someOf(sybils, random), afterMs: 10, ...(network && { network }) }
          : NETWORK.honest(asked, at)
      const lookup = newLookup(NETWORK, { from, target })
      runLookup(lookup, target, answering)
      return keysOf(lookup.closest).filter(key => liars.has(key)).length
    })
  }

  it('believes no more servers of one network than a table takes', () => {
    expect(Math.max(...believed('203.0.113.0/24'))).toBe(DHT_DEFAULTS.maxPerNetworkInTable)
    expect(Math.min(...believed(undefined))).toBe(k)
  })

  it('is lost with one path: the control', () => {
    const random = seededRandom(10)
    let reached = 0
    for (let i = 0; i < 20; i++) {
      const from = NETWORK.nodes[i] as Contact
      const target = random(32)
      const sybils = sybilsAt(target, random, 40)
      const honest = NETWORK.nearest(target, 5, from)
      // One liar among the seeds is enough: whom it names is nearer than everybody.
      const liar = NETWORK.tableOf(from).closest(target, k)[0] as Contact
      const liars = new Set([keyOf(liar), ...keysOf(sybils)])
      const answering: Answering = (asked, at) =>
        liars.has(keyOf(asked))
          ? { nodes: sybils.slice(0, k), afterMs: 1 }
          : { ...NETWORK.honest(asked, at), afterMs: 200 }
      const lookup = newLookup(NETWORK, { from, target, parameters: { paths: 1, alpha: 1 } })
      const asked = keysOf(runLookup(lookup, target, answering).asked)
      if (honest.filter(node => node !== liar).every(node => asked.includes(keyOf(node)))) reached++
    }
    expect(reached).toBe(0)
  })

  it('asks an honest node again where another path names it rightly', () => {
    const random = seededRandom(12)
    const target = random(32)
    const own = randomContact(random)
    const [liar, honest] = randomContacts(random, 2) as [Contact, Contact]
    const victim = contactAt(random, randomIdSharing(random, target, 50))
    const misplaced = { ...victim, url: 'wss://nowhere.example' }
    for (const order of [
      [liar, honest],
      [honest, liar],
    ]) {
      const parameters = { ...DHT_DEFAULTS, paths: 2 }
      const lookup = new Lookup(parameters, target, order, { now: 0, ownKey: own.key })
      const { asked } = runLookup(lookup, target, contact => {
        if (contact === liar) return { nodes: [misplaced], afterMs: 1 }
        if (contact === honest) return { nodes: [victim], afterMs: 2 }
        return { nodes: contact.url === victim.url ? [] : undefined, afterMs: 5 }
      })
      expect(asked).toContain(victim)
      expect(keysOf(lookup.closest)).toContain(keyOf(victim))
    }
  })

  it('ends although a liar names new nodes that answer, ever nearer, without end', () => {
    const random = seededRandom(13)
    const target = random(32)
    const own = randomContact(random)
    const liar = randomContact(random)
    let depth = 0
    const endless: Answering = () => {
      depth = Math.min(depth + 1, 200)
      const nodes = Array.from({ length: k }, () =>
        contactAt(random, randomIdSharing(random, target, depth)),
      )
      return { nodes, afterMs: 0 }
    }
    const lookup = new Lookup(DHT_DEFAULTS, target, [liar], { now: 0, ownKey: own.key })
    const { asked } = runLookup(lookup, target, endless)
    expect(asked.length).toBeLessThanOrEqual(DHT_DEFAULTS.paths * DHT_PATH_MAX_CALLS_K * k)
  })

  it('asks no more than the cap in a region, from the outermost inward', () => {
    const random = seededRandom(14)
    const target = random(32)
    const own = randomContact(random)
    const inner = sybilsAt(target, random, 200)
    const outer = Array.from({ length: k }, () =>
      contactAt(random, randomIdSharing(random, target, 4)),
    )
    const seeds = [...inner, ...outer]
    const region = { radius: 2 ** -4 }
    const lookup = new Lookup(DHT_DEFAULTS, target, seeds, { now: 0, ownKey: own.key, region })
    const { asked } = runLookup(lookup, target, () => ({ nodes: [], afterMs: 5 }))
    expect(asked.length).toBeLessThanOrEqual(DHT_REGION_MAX_K * k + 4 * k)
    expect(keysOf(lookup.closest)).toEqual(expect.arrayContaining(keysOf(outer)))
    expect(lookup.closest.length).toBeLessThanOrEqual(DHT_REGION_MAX_K * k)
  })
})

function someOf(contacts: readonly Contact[], random: RandomBytes): Contact[] {
  const start = (random(1)[0] as number) % (contacts.length - k)
  return contacts.slice(start, start + k)
}
