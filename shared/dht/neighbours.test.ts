import { describe, expect, it } from 'vitest'
import { fakeSuite } from '../../sim/fake-suite.ts'
import { toHex } from '../bytes/hex.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import {
  DHT_CHECK_TIMEOUT_MS,
  DHT_FAILURE_SPACING_MS,
  DHT_FORMER_CHECK_MAX_MS,
  DHT_FORMER_CHECK_MIN_MS,
  DHT_FORMER_MAX_ABSENCE_MS,
  DHT_MAX_CHECKS,
  DHT_MAX_FORMER_CONTACTS,
  DHT_MAX_HINTS,
} from '../wire/limits.ts'
import type { Contact } from './contact.ts'
import { DhtIds } from './contact.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import type { NeighbourEffect } from './neighbours.ts'
import { CONTACT_PREFIX, Neighbours } from './neighbours.ts'

const IDS = new DhtIds(fakeSuite)
const RANDOM = seededRandom(1)
const OWN = newContact()

function newContact(url = 'wss://192.0.2.1:443'): Contact {
  return IDS.contact(keyIdOf(RANDOM(32)), url)
}

function newContacts(count: number): Contact[] {
  return Array.from({ length: count }, () => newContact())
}

function newNeighbours(): Neighbours {
  return new Neighbours(IDS, OWN.key, OWN.id, DHT_DEFAULTS)
}

function drain(neighbours: Neighbours): NeighbourEffect[] {
  const effects: NeighbourEffect[] = []
  for (let one = neighbours.poll(); one !== undefined; one = neighbours.poll()) effects.push(one)
  return effects
}

/** Whom it wants dialed now. */
function checksAt(neighbours: Neighbours, now: number): Contact[] {
  neighbours.advance(now)
  return drain(neighbours).flatMap(effect => (effect.kind === 'check' ? [effect.contact] : []))
}

function storeKeyOf({ key }: Contact): string {
  return CONTACT_PREFIX + toHex(publicKeyOf(key))
}

/** Fails it out of the table. */
function lose(neighbours: Neighbours, now: number, contact: Contact): void {
  neighbours.failed(now, contact.key)
  neighbours.failed(now + DHT_FAILURE_SPACING_MS, contact.key)
}

describe('neighbours', () => {
  it('checks a hint once, and takes it when the dial succeeds', () => {
    const neighbours = newNeighbours()
    const contact = newContact()
    neighbours.hint(0, contact)
    neighbours.hint(0, contact)
    expect(checksAt(neighbours, 0)).toEqual([contact])
    expect(checksAt(neighbours, 0)).toEqual([])
    expect(neighbours.table.size).toBe(0)
    const arrival = neighbours.verified(10, contact, undefined, undefined)
    expect(arrival).toEqual({ admission: 'added', isBack: false })
    expect(drain(neighbours)).toEqual([
      { kind: 'save', key: storeKeyOf(contact), value: utf8Encode(contact.url) },
    ])
    neighbours.hint(20, contact)
    expect(checksAt(neighbours, 20)).toEqual([])
  })

  it('takes no hint about ourselves, about an unfit address, or for a full bucket', () => {
    const neighbours = newNeighbours()
    neighbours.hint(0, OWN)
    neighbours.hint(0, newContact('http://192.0.2.1'))
    neighbours.hint(0, newContact(`wss://${'a'.repeat(200)}`))
    expect(checksAt(neighbours, 0)).toEqual([])
    for (const one of newContacts(200)) neighbours.verified(0, one, undefined, undefined)
    const unneeded = newContacts(50).filter(({ id }) => !neighbours.table.wouldAdmit(id))
    for (const one of unneeded) neighbours.hint(0, one)
    expect(unneeded.length).toBeGreaterThan(10)
    expect(checksAt(neighbours, 0)).toEqual([])
  })

  it('checks so many at once, and goes on as they end or time out', () => {
    const neighbours = newNeighbours()
    const contacts = newContacts(DHT_MAX_CHECKS + 2)
    for (const one of contacts) neighbours.hint(0, one)
    const first = checksAt(neighbours, 0)
    expect(first.length).toBe(DHT_MAX_CHECKS)
    expect(neighbours.nextTimeout()).toBe(DHT_CHECK_TIMEOUT_MS)
    neighbours.failed(5, (first[0] as Contact).key)
    expect(checksAt(neighbours, 5).length).toBe(1)
    const late = checksAt(neighbours, DHT_CHECK_TIMEOUT_MS)
    expect(late.length).toBe(2)
  })

  it('tries a bad hint again while it knows few, and drops it once it knows k', () => {
    const neighbours = newNeighbours()
    const [bad, other] = newContacts(2) as [Contact, Contact]
    neighbours.hint(0, bad)
    expect(checksAt(neighbours, 0)).toEqual([bad])
    neighbours.failed(1_000, bad.key)
    expect(checksAt(neighbours, 2_999)).toEqual([])
    expect(checksAt(neighbours, 3_000)).toEqual([bad])
    for (const one of newContacts(40)) neighbours.verified(3_000, one, undefined, undefined)
    neighbours.failed(3_500, bad.key)
    neighbours.hint(3_500, other)
    expect(checksAt(neighbours, 60_000)).toEqual([other])
  })

  it('remembers who went, checks it, and knows when it is back', () => {
    const neighbours = newNeighbours()
    const contact = newContact()
    neighbours.verified(0, contact, undefined, undefined)
    lose(neighbours, 10_000, contact)
    expect(drain(neighbours).map(({ kind }) => kind)).toEqual(['save', 'gone'])
    const goneAt = 10_000 + DHT_FAILURE_SPACING_MS
    expect(checksAt(neighbours, goneAt + DHT_FORMER_CHECK_MIN_MS - 1)).toEqual([])
    expect(checksAt(neighbours, goneAt + DHT_FORMER_CHECK_MIN_MS)).toEqual([contact])
    const arrival = neighbours.verified(20_000, contact, undefined, undefined)
    expect(arrival).toEqual({ admission: 'added', isBack: true })
  })

  it.each([
    { others: 5, isRemembered: true },
    { others: 60, isRemembered: false },
  ])('forgets who is away for a day if it knows k others: $others', ({ others, isRemembered }) => {
    const neighbours = newNeighbours()
    const contact = newContact()
    for (const one of [contact, ...newContacts(others)]) {
      neighbours.verified(0, one, undefined, undefined)
    }
    lose(neighbours, 10_000, contact)
    const last = 10_000 + DHT_FORMER_MAX_ABSENCE_MS
    neighbours.advance(last)
    neighbours.failed(last, contact.key)
    neighbours.advance(last + DHT_FORMER_CHECK_MAX_MS)
    drain(neighbours)
    neighbours.failed(last + DHT_FORMER_CHECK_MAX_MS, contact.key)
    neighbours.hurry(2 * last)
    expect(checksAt(neighbours, 2 * last).includes(contact)).toBe(isRemembered)
  })

  it('looks for those that went together when one of them is back', () => {
    const neighbours = newNeighbours()
    const contacts = newContacts(10)
    for (const one of contacts) neighbours.verified(0, one, undefined, undefined)
    for (const one of contacts) lose(neighbours, 10_000, one)
    for (let now = 16_000; now < 300_000; now += 1_000) {
      for (const { key } of checksAt(neighbours, now)) neighbours.failed(now, key)
    }
    expect(checksAt(neighbours, 300_000)).toEqual([])
    const [first, ...rest] = contacts as [Contact, ...Contact[]]
    neighbours.verified(300_000, first, undefined, undefined)
    expect(new Set(checksAt(neighbours, 300_000))).toEqual(new Set(rest))
  })

  it('restores what was saved as hints, and cleans up what is no contact', () => {
    const neighbours = newNeighbours()
    const contact = newContact()
    const restore = (key: string, value: Uint8Array): boolean => neighbours.restore(0, key, value)
    expect(restore(storeKeyOf(contact), utf8Encode(contact.url))).toBe(true)
    expect(checksAt(neighbours, 0)).toEqual([contact])
    expect(restore('record/00', new Uint8Array(3))).toBe(false)
    const damaged: [string, Uint8Array][] = [
      [`${CONTACT_PREFIX}00`, utf8Encode(contact.url)],
      [`${CONTACT_PREFIX}${'g'.repeat(64)}`, utf8Encode(contact.url)],
      [storeKeyOf(contact).toUpperCase().replace('CONTACT', 'contact'), utf8Encode(contact.url)],
      [storeKeyOf(contact), utf8Encode('nonsense')],
      [storeKeyOf(contact), Uint8Array.of(0xff)],
    ]
    for (const [key, value] of damaged) {
      expect(restore(key, value)).toBe(true)
      expect(drain(neighbours)).toEqual([{ kind: 'save', key, value: undefined }])
    }
  })

  it('forgets on disk whom it has forgotten', () => {
    const neighbours = newNeighbours()
    const contacts = newContacts(60)
    for (const one of contacts) {
      neighbours.restore(0, storeKeyOf(one), utf8Encode(one.url))
    }
    const saved = new Set(contacts.map(storeKeyOf))
    const note = (): void => {
      for (const effect of drain(neighbours)) {
        if (effect.kind !== 'save') continue
        if (effect.value === undefined) saved.delete(effect.key)
        else saved.add(effect.key)
      }
    }
    // Half are there, and become more than k; the others fail and are given up.
    for (const [i, one] of contacts.entries()) {
      if (i < 30) neighbours.verified(0, one, undefined, undefined)
    }
    for (let now = 0; now < 600_000; now += 1_000) {
      for (const one of checksAt(neighbours, now)) {
        if (contacts.indexOf(one) >= 30) neighbours.failed(now, one.key)
        else neighbours.verified(now, one, undefined, undefined)
      }
      note()
    }
    const kept = [...neighbours.table.entries()].map(({ contact }) => storeKeyOf(contact))
    expect(saved).toEqual(new Set(kept))
  })

  it('holds no more than its caps, whatever it is told', () => {
    const neighbours = newNeighbours()
    for (const one of newContacts(DHT_MAX_HINTS + 100)) neighbours.hint(0, one)
    let checked = 0
    for (let round = 0; round < 1000; round++) {
      const batch = checksAt(neighbours, 0)
      if (batch.length === 0) break
      checked += batch.length
      for (const one of batch) neighbours.verified(0, one, undefined, undefined)
    }
    expect(checked).toBe(DHT_MAX_HINTS)
    let lost = 0
    for (let round = 0; lost < DHT_MAX_FORMER_CONTACTS + 50; round++) {
      const [entry] = neighbours.table.entries()
      if (entry === undefined) neighbours.verified(round, newContact(), undefined, undefined)
      else {
        lose(neighbours, round * 10_000, entry.contact)
        lost++
      }
    }
    drain(neighbours)
    neighbours.hurry(1e9)
    const due = new Set<Contact>()
    for (let round = 0; round < 100; round++) {
      for (const one of checksAt(neighbours, 1e9)) {
        due.add(one)
        neighbours.failed(1e9, one.key)
      }
    }
    expect(due.size).toBeLessThanOrEqual(DHT_MAX_FORMER_CONTACTS)
  })
})
