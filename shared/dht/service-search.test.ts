import { describe, expect, it } from 'vitest'
import { fakeSuite } from '../../sim/fake-suite.ts'
import { DHT_MAX_FOUND_SERVICES } from '../wire/limits.ts'
import { serviceTopic } from '../wire/service.ts'
import { ServiceSearch } from './service-search.ts'
import { identityOf, NET, serviceAd, UNIX_MS } from './testing/records.ts'

const TOPIC = serviceTopic(fakeSuite, 'chess')

function newSearch(): ServiceSearch {
  return new ServiceSearch(fakeSuite, NET, TOPIC)
}

describe('a search for services', () => {
  it('collects what holders have, one per key, the freshest first', () => {
    const [a, b] = [serviceAd(identityOf(1), UNIX_MS - 9), serviceAd(identityOf(2), UNIX_MS - 5)]
    const newer = serviceAd(identityOf(1), UNIX_MS - 1)
    const search = newSearch()
    search.take(UNIX_MS, [a.bytes, b.bytes])
    search.take(UNIX_MS, [b.bytes, newer.bytes, newer.bytes])
    expect(search.found.map(({ bytes }) => bytes)).toEqual([newer.bytes, b.bytes])
  })

  it('reads the list of a liar up to its first lie', () => {
    const [a, b] = [serviceAd(identityOf(1), UNIX_MS), serviceAd(identityOf(2), UNIX_MS)]
    const forged = a.bytes.slice()
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    const lies = [forged, Uint8Array.of(7), serviceAd(identityOf(3), UNIX_MS, 'go').bytes]
    for (const lie of lies) {
      const search = newSearch()
      search.take(UNIX_MS, [a.bytes, lie, b.bytes])
      expect(search.found.map(({ bytes }) => bytes)).toEqual([a.bytes])
    }
  })

  it('passes over what has expired', () => {
    const old = serviceAd(identityOf(1), UNIX_MS - 7_200_000)
    const live = serviceAd(identityOf(2), UNIX_MS)
    const search = newSearch()
    search.take(UNIX_MS, [old.bytes, live.bytes])
    expect(search.found.map(({ bytes }) => bytes)).toEqual([live.bytes])
  })

  it('keeps what most holders have when there is too much', () => {
    const honest = Array.from({ length: 10 }, (_, i) => serviceAd(identityOf(i + 1), UNIX_MS - 99))
    const flood = Array.from({ length: 150 }, (_, i) => serviceAd(identityOf(i + 50), UNIX_MS))
    const search = newSearch()
    search.take(
      UNIX_MS,
      flood.slice(0, 64).map(({ bytes }) => bytes),
    )
    search.take(
      UNIX_MS,
      flood.slice(64).map(({ bytes }) => bytes),
    )
    for (let holder = 0; holder < 3; holder++) {
      search.take(
        UNIX_MS,
        honest.map(({ bytes }) => bytes),
      )
    }
    const found = search.found.map(({ bytes }) => bytes)
    expect(found.length).toBe(DHT_MAX_FOUND_SERVICES)
    expect(found).toEqual(expect.arrayContaining(honest.map(({ bytes }) => bytes)))
  })
})
