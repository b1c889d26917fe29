import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { DHT_FAILURE_SPACING_MS, DHT_LIVENESS_INTERVAL_MS, DHT_RECHECK_MS } from '../wire/limits.ts'
import type { Contact } from './contact.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import { randomIdSharing } from './random-id.ts'
import { RoutingTable } from './routing-table.ts'
import { contactAt, idOf, nearestOf, randomContact, randomContacts } from './testing/contacts.ts'

const OWN = idOf('')
const { k } = DHT_DEFAULTS

function newTable(): RoutingTable {
  return new RoutingTable(OWN, DHT_DEFAULTS)
}

/** Contacts that share exactly `prefix` bits with our id. */
function contactsIn(seed: number, prefix: number, count: number): Contact[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () =>
    contactAt(random, randomIdSharing(random, OWN, prefix)),
  )
}

function fail(table: RoutingTable, { key }: Contact): Contact | undefined {
  table.failed(0, key)
  return table.failed(DHT_FAILURE_SPACING_MS, key)
}

describe('routing table', () => {
  it('names the nearest of its entries, as counting them all would', () => {
    const ids = fc.record({
      seed: fc.nat(),
      count: fc.integer({ min: 0, max: 300 }),
      near: fc.integer({ min: 0, max: 12 }),
      wanted: fc.integer({ min: 1, max: 40 }),
    })
    fc.assert(
      fc.property(ids, ({ seed, count, near, wanted }) => {
        const random = seededRandom(seed)
        const own = random(32)
        const table = new RoutingTable(own, DHT_DEFAULTS)
        for (const contact of randomContacts(random, count)) {
          table.verified(0, contact, undefined, undefined)
        }
        for (let i = 0; i < near; i++) {
          const contact = contactAt(random, randomIdSharing(random, own, 20 * i))
          table.verified(0, contact, undefined, undefined)
        }
        const entries = [...table.entries()].map(({ contact }) => contact)
        expect(entries.length).toBe(table.size)
        for (const target of [own, random(32), randomIdSharing(random, own, 5)]) {
          const nearest = nearestOf(entries, target, wanted)
          expect(table.closest(target, wanted)).toEqual(nearest)
          expect(table.closestSure(target, wanted)).toEqual(nearest)
        }
      }),
      { seed: 7, numRuns: 60 },
    )
  })

  it('keeps k of a bucket, those that came first, and lets the latest of the others move up', () => {
    const table = newTable()
    const contacts = contactsIn(1, 3, k + 2)
    const results = contacts.map(contact => table.verified(0, contact, undefined, undefined))
    expect(results).toEqual([...Array(k).fill('added'), 'kept', 'kept'])
    expect(table.size).toBe(k)
    const [first, last] = [contacts[0] as Contact, contacts[k + 1] as Contact]
    expect(table.wouldAdmit(last.id)).toBe(false)
    expect(fail(table, first)).toBe(first)
    expect([table.has(first.key), table.has(last.key), table.size]).toEqual([false, true, k])
    expect(table.verified(0, last, undefined, undefined)).toBe('updated')
    expect(table.wouldAdmit(idOf('1'))).toBe(true)
  })

  it('never takes our own id', () => {
    const own = contactAt(seededRandom(1), OWN)
    expect(newTable().verified(0, own, undefined, undefined)).toBe('kept')
    expect(newTable().wouldAdmit(OWN)).toBe(false)
  })

  it.each([1, 2, 3])('takes two of one network into a bucket: %i asked', asked => {
    const table = newTable()
    for (const contact of contactsIn(2, 0, asked)) table.verified(0, contact, '/24', undefined)
    expect(table.size).toBe(Math.min(asked, 2))
  })

  it.each([9, 10, 11])('takes ten of one network in all: %i asked', asked => {
    const table = newTable()
    for (let prefix = 0; prefix < asked; prefix++) {
      for (const one of contactsIn(prefix, prefix, 1)) table.verified(0, one, '/24', undefined)
    }
    expect(table.size).toBe(Math.min(asked, 10))
  })

  it('gives an attacker with 1,000 keys on one network ten entries, and everybody else theirs', () => {
    const random = seededRandom(3)
    const table = newTable()
    const alone = newTable()
    // Grinding for depth reaches more buckets than chance does.
    const attackers = Array.from({ length: 1000 }, (_, i) =>
      contactAt(random, randomIdSharing(random, OWN, i % 40)),
    )
    const honest = randomContacts(random, 200)
    for (let i = 0; i < 1000; i++) {
      table.verified(i, attackers[i] as Contact, '192.0.2.0/24', undefined)
      const one = honest[i]
      if (one === undefined) continue
      table.verified(i, one, `10.0.${i}.0/24`, undefined)
      alone.verified(i, one, `10.0.${i}.0/24`, undefined)
    }
    const networks = [...table.entries()].map(({ network }) => network)
    expect(networks.filter(network => network === '192.0.2.0/24').length).toBe(10)
    const isKept = ({ key }: Contact): boolean => table.has(key)
    expect(honest.filter(({ key }) => alone.has(key)).filter(isKept).length).toBeGreaterThan(
      alone.size - 10,
    )
  })

  it('lets another of a network in when one of it goes, and counts those that move', () => {
    const table = newTable()
    const [a, b, c, d] = contactsIn(4, 0, 4) as [Contact, Contact, Contact, Contact]
    for (const contact of [a, b, c]) table.verified(0, contact, '/24', undefined)
    expect(table.has(c.key)).toBe(false)
    fail(table, a)
    expect(table.has(c.key)).toBe(true)
    // From elsewhere into the full network: it waits like everybody.
    expect(table.verified(0, d, '/other', undefined)).toBe('added')
    expect(table.verified(0, d, '/24', undefined)).toBe('kept')
    expect(table.has(d.key)).toBe(false)
    // One that leaves makes room.
    expect(table.verified(0, b, '/third', undefined)).toBe('updated')
    expect(table.verified(0, d, '/24', undefined)).toBe('added')
  })

  it('counts networks right, whatever happens', () => {
    const step = fc.record({
      contact: fc.nat(39),
      network: fc.nat(3),
      kind: fc.constantFrom('verified', 'verified', 'failed', 'answered'),
    })
    const contacts = [0, 1, 2, 3].flatMap(prefix => contactsIn(50 + prefix, prefix, 10))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const table = new RoutingTable(OWN, { ...DHT_DEFAULTS, k: 4, maxPerNetworkInTable: 5 })
        for (const [i, { contact: index, network, kind }] of steps.entries()) {
          const contact = contacts[index] as Contact
          if (kind === 'failed') table.failed(i * 1000, contact.key)
          else if (kind === 'answered') table.answered(contact.key)
          else
            table.verified(i * 1000, contact, network === 0 ? undefined : `${network}`, undefined)
          const entries = [...table.entries()]
          expect(entries.length).toBe(table.size)
          expect(new Set(entries.map(entry => entry.contact.key)).size).toBe(table.size)
          for (const counted of ['1', '2', '3']) {
            expect(entries.filter(entry => entry.network === counted).length).toBeLessThan(6)
          }
        }
      }),
      { seed: 5, numRuns: 200 },
    )
  })

  it('drops an entry after two failures in a row, at two moments', () => {
    const table = newTable()
    const [contact] = contactsIn(5, 0, 1) as [Contact]
    table.verified(0, contact, undefined, undefined)
    expect(table.failed(10, contact.key)).toBeUndefined()
    expect(table.failed(10 + DHT_FAILURE_SPACING_MS - 1, contact.key)).toBeUndefined()
    expect([table.isDoubtful(contact.key), table.closestSure(OWN, 1)]).toEqual([true, []])
    expect(table.closest(OWN, 1)).toEqual([contact])
    table.answered(contact.key)
    expect(table.isDoubtful(contact.key)).toBe(false)
    expect(table.failed(20_000, contact.key)).toBeUndefined()
    expect(table.failed(20_000 + DHT_FAILURE_SPACING_MS, contact.key)).toBe(contact)
    expect(table.failed(30_000, contact.key)).toBeUndefined()
    expect([table.size, table.nextCheck()]).toEqual([0, undefined])
  })

  it('has each entry checked about once an interval, and soon after a failure', () => {
    const table = newTable()
    const contacts = contactsIn(6, 1, 10)
    for (const contact of contacts) table.verified(0, contact, undefined, undefined)
    expect(table.nextCheck()).toBeGreaterThanOrEqual(0.75 * DHT_LIVENESS_INTERVAL_MS)
    expect(table.dueForCheck(0.75 * DHT_LIVENESS_INTERVAL_MS - 1)).toBeUndefined()
    const due = new Set<Contact>()
    for (;;) {
      const contact = table.dueForCheck(1.25 * DHT_LIVENESS_INTERVAL_MS)
      if (contact === undefined) break
      due.add(contact)
    }
    expect(due.size).toBe(10)
    const [one] = contacts as [Contact]
    table.failed(500_000, one.key)
    expect(table.nextCheck()).toBe(500_000 + DHT_RECHECK_MS)
    expect(table.dueForCheck(500_000 + DHT_RECHECK_MS)).toBe(one)
  })

  it('samples records: half near, half any, none in doubt', () => {
    const random = seededRandom(8)
    const table = newTable()
    const contacts = randomContacts(random, 40)
    for (const [i, contact] of contacts.entries()) {
      table.verified(0, contact, undefined, i === 0 ? undefined : Uint8Array.of(i))
    }
    const withRecord = [...table.entries()].flatMap(one => (one.record ? [one] : []))
    const target = random(32)
    const sample = table.sample(random, target, 8)
    expect([sample.length, new Set(sample.map(([i]) => i)).size]).toEqual([8, 8])
    const nearest = nearestOf(
      withRecord.map(({ contact }) => contact),
      target,
      4,
    )
    const numbers = nearest.map(one => contacts.indexOf(one))
    expect(sample.slice(0, 4).map(([i]) => i)).toEqual(numbers)
    expect(table.sample(random, target, 100).length).toBe(withRecord.length)
    table.failed(0, (nearest[0] as Contact).key)
    expect(table.sample(random, target, 100).length).toBe(withRecord.length - 1)
    expect(newTable().sample(random, target, 5)).toEqual([])
  })

  it('knows which buckets are far and who is a neighbour', () => {
    const random = seededRandom(9)
    const table = newTable()
    expect([table.farBuckets, table.deepestBucket]).toEqual([0, -1])
    expect(table.isNeighbour(randomContact(random).id)).toBe(true)
    for (const prefix of [0, 1, 2]) {
      for (const one of contactsIn(prefix, prefix, k)) table.verified(0, one, undefined, undefined)
    }
    expect([table.farBuckets, table.deepestBucket]).toEqual([2, 2])
    const isNeighbour = (prefix: number): boolean =>
      table.isNeighbour(randomIdSharing(random, OWN, prefix))
    expect([0, 1, 2, 3].map(isNeighbour)).toEqual([false, false, true, true])
  })
})
