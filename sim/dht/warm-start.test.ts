import { describe, expect, it } from 'vitest'
import { commonPrefixLength, compareDistance } from '../../shared/dht/distance.ts'
import { RegistryNet } from './registry-net.ts'
import { warmStart } from './warm-start.ts'

describe('warmStart', () => {
  it('acquaints every server with its neighbours and with some at every distance', () => {
    const net = new RegistryNet('warm')
    const servers = net.addServers(60)
    warmStart(net.world, { settleMs: 0 })
    for (const { dht, contact } of servers) {
      const others = servers.filter(other => other.contact !== contact)
      const nearest = others
        .toSorted((a, b) => compareDistance(contact.id, a.contact.id, b.contact.id))
        .slice(0, 5)
      for (const near of nearest) expect(dht.contact(near.contact.key)).toBeDefined()
      for (const bit of [0, 1]) {
        const atBit = others.filter(
          other => commonPrefixLength(contact.id, other.contact.id) === bit,
        )
        const known = atBit.filter(other => dht.contact(other.contact.key) !== undefined)
        expect(known.length).toBe(Math.min(20, atBit.length))
      }
    }
  })

  it('leaves the dead alone', () => {
    const net = new RegistryNet('warm')
    const [first, ...others] = net.addServers(10)
    if (first === undefined) throw new Error('Ten were added.')
    net.world.kill(first, 'gone')
    warmStart(net.world, { settleMs: 0 })
    for (const { dht } of others) expect(dht.contact(first.contact.key)).toBeUndefined()
  })
})
