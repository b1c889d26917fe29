import { describe, expect, it } from 'vitest'
import { fakeSuite } from '../../sim/fake-suite.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import type { RegistryValue, ValueBytes } from '../wire/registry-value.ts'
import type { Contact } from './contact.ts'
import { randomContacts } from './testing/contacts.ts'
import { identityOf, NET, recordValue, revocationValue, UNIX_MS } from './testing/records.ts'
import { ValueSearch } from './value-search.ts'

const OWNER = identityOf(1)
const [A, B, C, D] = randomContacts(seededRandom(1), 4) as [Contact, Contact, Contact, Contact]
const OLD = recordValue(OWNER, { seq: UNIX_MS - 5 })
const NEW = recordValue(OWNER, { seq: UNIX_MS })

/** Counts signatures that are checked. */
class CountingSuite {
  verified = 0
  readonly suite: CryptoSuite = {
    ...fakeSuite,
    verify: (...of) => {
      this.verified++
      return fakeSuite.verify(...of)
    },
  }
}

function newSearch(own?: RegistryValue, suite: CryptoSuite = fakeSuite): ValueSearch {
  return new ValueSearch(suite, NET, OWNER.keyId, own)
}

function bytesOf({ kind, signed: { bytes } }: RegistryValue): ValueBytes {
  return { kind, bytes }
}

describe('a search for a value', () => {
  it('keeps the best of what is true and knows who lacks it', () => {
    const search = newSearch()
    expect([search.best, search.answers, search.lacking([A])]).toEqual([undefined, 0, []])
    expect(search.take(UNIX_MS, A.key, bytesOf(OLD))).toBe(true)
    expect(search.take(UNIX_MS, B.key, undefined)).toBe(false)
    expect(search.take(UNIX_MS, C.key, bytesOf(NEW))).toBe(true)
    expect(search.take(UNIX_MS, D.key, bytesOf(OLD))).toBe(false)
    expect(search.best?.signed.bytes).toEqual(NEW.signed.bytes)
    expect(search.answers).toBe(4)
    expect(search.lacking([A, B, C, D])).toEqual([A, B, D])
    expect(search.copies([A, B, C, D])).toBe(1)
    // Who was not asked, or did not answer, is given nothing.
    expect(newSearch(NEW).lacking([A, B])).toEqual([])
  })

  it('prefers a revocation to every record', () => {
    const search = newSearch(NEW)
    const revocation = revocationValue(OWNER)
    expect(search.take(UNIX_MS, A.key, bytesOf(revocation))).toBe(true)
    const later = recordValue(OWNER, { seq: UNIX_MS + 5 })
    expect(search.take(UNIX_MS, B.key, bytesOf(later))).toBe(false)
    expect([search.best?.kind, search.lacking([A, B])]).toEqual(['revocation', [B]])
  })

  it('checks a signature only where the value would win, and the same bytes once', () => {
    const counts = new CountingSuite()
    const search = newSearch(undefined, counts.suite)
    for (const { key } of [A, B, C]) search.take(UNIX_MS, key, bytesOf(NEW))
    search.take(UNIX_MS, D.key, bytesOf(OLD))
    expect(counts.verified).toBe(1)
    expect(search.copies([A, B, C, D])).toBe(3)
  })

  it('takes nothing that is not true, and stores nothing at who said it', () => {
    const forged = NEW.signed.bytes.slice()
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    const bad: ValueBytes[] = [
      { kind: 'record', bytes: forged },
      { kind: 'record', bytes: Uint8Array.of(1, 2, 3) },
      { kind: 'revocation', bytes: NEW.signed.bytes },
      bytesOf(recordValue(identityOf(2), { seq: UNIX_MS })),
      bytesOf(recordValue(OWNER, { seq: UNIX_MS, net: new Uint8Array(16) })),
      bytesOf(recordValue(OWNER, { seq: UNIX_MS + 3_600_000 })),
    ]
    for (const bytes of bad) {
      const search = newSearch()
      expect(search.take(UNIX_MS, A.key, bytes)).toBe(false)
      expect(search.best).toBeUndefined()
      search.take(UNIX_MS, B.key, bytesOf(NEW))
      expect(search.lacking([A, B])).toEqual([])
    }
  })

  it('takes an expired record for none', () => {
    const search = newSearch()
    const expired = recordValue(OWNER, { seq: UNIX_MS - 7_200_000, ttlS: 60 })
    search.take(UNIX_MS, A.key, bytesOf(expired))
    search.take(UNIX_MS, B.key, bytesOf(NEW))
    expect(search.lacking([A, B])).toEqual([A])
  })

  it('settles on one of two records with the same sequence, whatever the order', () => {
    const other = recordValue(OWNER, { seq: UNIX_MS, ttlS: 80_000 })
    const winners = [
      [NEW, other],
      [other, NEW],
    ].map(order => {
      const search = newSearch()
      for (const value of order) search.take(UNIX_MS, A.key, bytesOf(value))
      return search.best?.signed.bytes
    })
    expect(winners[0]).toEqual(winners[1])
  })
})
