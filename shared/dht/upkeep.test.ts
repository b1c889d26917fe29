import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { DHT_REFRESH_INTERVAL_MS, DHT_SELF_LOOKUP_PAUSE_MS } from '../wire/limits.ts'
import type { Contact } from './contact.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import { commonPrefixLength } from './distance.ts'
import { randomIdSharing } from './random-id.ts'
import { RoutingTable } from './routing-table.ts'
import { SizeEstimate } from './size-estimate.ts'
import { contactAt, randomContacts } from './testing/contacts.ts'
import type { UpkeepLookup } from './upkeep.ts'
import { Upkeep } from './upkeep.ts'

class Home {
  readonly random = seededRandom(1)
  readonly ownId = this.random(32)
  readonly table = new RoutingTable(this.ownId, DHT_DEFAULTS)
  readonly size = new SizeEstimate()
  readonly upkeep = new Upkeep(this.random, this.ownId, this.table, this.size, DHT_DEFAULTS)

  arrive(now: number, contact: Contact, isBack = false): void {
    this.table.verified(now, contact, undefined, undefined)
    if (this.table.has(contact.key)) this.upkeep.arrived(now, contact.id, isBack)
  }

  fill(now: number, count: number): void {
    for (const contact of randomContacts(this.random, count)) this.arrive(now, contact)
  }

  /** All lookups that are due, each ended at once. */
  runDue(now: number, kthDistance = 0.1): UpkeepLookup[] {
    const lookups: UpkeepLookup[] = []
    for (;;) {
      const lookup = this.upkeep.next(now)
      if (lookup === undefined) return lookups
      lookups.push(lookup)
      this.upkeep.finished(now, lookup, kthDistance)
    }
  }
}

function kindsOf(lookups: readonly UpkeepLookup[]): string[] {
  return lookups.map(({ kind }) => kind)
}

describe('upkeep', () => {
  it('does nothing while there is nobody to ask', () => {
    const home = new Home()
    home.upkeep.begin(0)
    expect([home.runDue(1e9), home.upkeep.nextTimeout()]).toEqual([[], undefined])
  })

  it('looks at its own place with the first contact, then at far places', () => {
    const home = new Home()
    home.fill(0, 1)
    const first = home.upkeep.next(0)
    expect(first).toEqual({ kind: 'self', target: home.ownId })
    // Nothing else before that has ended: it tells what is far.
    expect([home.upkeep.next(0), home.upkeep.nextTimeout()]).toEqual([undefined, undefined])
    home.fill(0, 300)
    home.upkeep.finished(0, first as UpkeepLookup, 0.1)
    const rest = home.runDue(0)
    const buckets = rest.flatMap(one => (one.kind === 'bucket' ? [one] : []))
    expect(buckets.length).toBeGreaterThanOrEqual(home.table.farBuckets)
    for (const { bucket, target } of buckets) {
      expect(commonPrefixLength(home.ownId, target)).toBe(bucket)
    }
    expect(home.size.region).toEqual({ radius: 0.1 })
  })

  it('measures the size of a small network too', () => {
    const home = new Home()
    home.fill(0, 5)
    expect(kindsOf(home.runDue(0, 1))).toEqual(['self', 'bucket', 'bucket', 'bucket'])
    expect(home.size.region).toEqual({ radius: 1 })
  })

  it('repeats the far places about once an interval', () => {
    const home = new Home()
    home.fill(0, 100)
    home.runDue(0)
    home.runDue(DHT_SELF_LOOKUP_PAUSE_MS)
    const buckets = home.table.farBuckets
    expect(home.runDue(0.9 * DHT_REFRESH_INTERVAL_MS - 1)).toEqual([])
    const due = home.runDue(1.1 * DHT_REFRESH_INTERVAL_MS + DHT_SELF_LOOKUP_PAUSE_MS)
    expect(due.length).toBe(Math.max(3, buckets))
    expect(home.upkeep.nextTimeout()).toBeGreaterThan(1.9 * DHT_REFRESH_INTERVAL_MS)
  })

  it('looks at its own place again when much has changed there, with a pause', () => {
    const home = new Home()
    home.fill(0, 100)
    home.runDue(0)
    home.runDue(10_000)
    const near = (): Contact => contactAt(home.random, randomIdSharing(home.random, home.ownId, 20))
    for (let i = 0; i < 4; i++) home.arrive(20_000, near())
    expect(home.runDue(20_000)).toEqual([])
    home.arrive(20_000, near())
    expect(kindsOf(home.runDue(20_000))).toEqual(['self'])
    for (let i = 0; i < 5; i++) home.upkeep.gone(20_001, near().id)
    expect(home.upkeep.nextTimeout()).toBe(20_000 + DHT_SELF_LOOKUP_PAUSE_MS)
    expect(kindsOf(home.runDue(20_000 + DHT_SELF_LOOKUP_PAUSE_MS))).toEqual(['self'])
  })

  it('looks at its own place when somebody is back', () => {
    const home = new Home()
    home.fill(0, 30)
    home.runDue(0)
    home.runDue(10_000)
    const [back] = randomContacts(home.random, 1) as [Contact]
    home.arrive(60_000, back, true)
    expect(kindsOf(home.runDue(60_000))).toEqual(['self'])
  })

  it('measures anew when the network has grown or shrunk', () => {
    const home = new Home()
    home.fill(0, 4)
    home.runDue(0, 1)
    home.runDue(10_000, 1)
    expect(home.size.region).toEqual({ radius: 1 })
    home.fill(20_000, 100)
    expect(kindsOf(home.runDue(20_000, 0.2))).toContain('bucket')
    expect(home.size.region).toEqual({ radius: 0.2 })
    for (const { contact } of [...home.table.entries()].slice(5)) {
      home.table.failed(30_000, contact.key)
      home.table.failed(40_000, contact.key)
      home.upkeep.gone(40_000, contact.id)
    }
    home.runDue(50_000, 1)
    expect(home.size.region).toEqual({ radius: 1 })
  })

  it('goes on after a lookup that could not run', () => {
    const home = new Home()
    home.fill(0, 10)
    const self = home.upkeep.next(0) as UpkeepLookup
    home.upkeep.finished(0, self, undefined)
    const bucket = home.upkeep.next(0) as UpkeepLookup
    home.upkeep.finished(0, bucket, undefined)
    expect(home.size.region).toBeUndefined()
  })
})
