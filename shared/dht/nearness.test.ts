import { describe, expect, it } from 'vitest'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { DHT_DEFAULTS } from './dht-parameters.ts'
import { Nearness } from './nearness.ts'
import { randomIdSharing } from './random-id.ts'
import { RoutingTable } from './routing-table.ts'
import { SizeEstimate } from './size-estimate.ts'
import { nearestOf, randomContact, randomContacts } from './testing/contacts.ts'

const { k } = DHT_DEFAULTS

function newHome(others: number) {
  const random = seededRandom(1)
  const own = randomContact(random)
  const table = new RoutingTable(own.id, DHT_DEFAULTS)
  const size = new SizeEstimate()
  for (const one of randomContacts(random, others)) table.verified(0, one, undefined, undefined)
  return { random, own, table, size, nearness: new Nearness(own, k, table, size) }
}

describe('nearness', () => {
  it('is everywhere while fewer than k others are known', () => {
    const { random, nearness } = newHome(k - 1)
    for (let i = 0; i < 20; i++) expect(nearness.isNear(random(32))).toBe(true)
  })

  it('ends where k others are nearer', () => {
    const { random, own, nearness, table } = newHome(300)
    expect(nearness.isNear(own.id)).toBe(true)
    for (let i = 0; i < 200; i++) {
      const id = random(32)
      const known = [...table.entries()].map(({ contact }) => contact)
      const isAmongNearest = nearestOf([...known, own], id, k).includes(own)
      expect(nearness.isNear(id)).toBe(isAmongNearest)
      expect(nearness.holders(id).includes(own)).toBe(isAmongNearest)
    }
  })

  it('goes on through twice the region, however many are nearer', () => {
    const { random, own, nearness, size } = newHome(300)
    const atHalf = randomIdSharing(random, own.id, 0)
    expect(nearness.isNear(atHalf)).toBe(false)
    size.add(0.5)
    expect(nearness.isNear(atHalf)).toBe(true)
  })

  it('names the nearest holders, ourselves in our place', () => {
    const { random, own, nearness, table } = newHome(300)
    const near = randomIdSharing(random, own.id, 12)
    const known = [...table.entries()].map(({ contact }) => contact)
    expect(nearness.holders(near)).toEqual(nearestOf([...known, own], near, k))
    expect(newHome(0).nearness.holders(near).length).toBe(1)
  })
})
