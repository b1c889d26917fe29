import { describe, expect, it } from 'vitest'
import { fakeSuite } from '../../sim/fake-suite.ts'
import { keyIdOf } from '../identity/node-id.ts'
import { signRevocation } from '../wire/revocation.ts'
import { serviceTopic, signService } from '../wire/service.ts'
import { contactOf } from './contact.ts'
import { nearestOf } from './testing/contacts.ts'
import type { NetNode } from './testing/dht-net.ts'
import { DhtNet, effectsOf, NET } from './testing/dht-net.ts'

function nodeAt(net: DhtNet, index: number): NetNode {
  const node = net.nodes[index]
  if (node === undefined) throw new Error('no such node')
  return node
}

const GROWN = 40

function grown(seed: number): DhtNet {
  const net = new DhtNet(seed)
  net.grow(GROWN)
  return net
}

describe('a registry of forty', () => {
  it('grows from one node that everybody is told of', () => {
    const net = grown(1)
    const sizes = net.nodes.map(({ dht }) => dht.size.contacts)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(30)
    // Nobody is told or tells of itself.
    for (const { dht, contact } of net.nodes) expect(dht.contact(contact.key)).toBeUndefined()
  })

  it('keeps a record at the k nearest and finds it from everywhere', () => {
    const net = grown(2)
    const client = net.identity()
    const record = net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const [replicated] = effectsOf(nodeAt(net, 5), 'replicated')
    expect(replicated?.copies).toBeGreaterThanOrEqual(19)
    const { id } = contactOf(fakeSuite, client.publicKey, '')
    const nearest = nearestOf(
      net.nodes.map(({ contact }) => contact),
      id,
      20,
    ).map(({ key }) => key)
    const holders = net.holders(client.keyId).map(({ contact }) => contact.key)
    expect(holders).toEqual(expect.arrayContaining(nearest))
    for (const node of [0, 13, 39].map(index => nodeAt(net, index))) {
      const found = net.find(node, client.keyId)
      expect(found?.signed.bytes).toEqual(record.bytes)
    }
    expect(net.find(nodeAt(net, 1), net.identity().keyId)).toBeUndefined()
  })

  it('tells the first valid value before the last path has ended', () => {
    const net = grown(3)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const asker = net.nodes.find(({ dht }) => dht.findNow(net.time, client.keyId) === undefined)
    if (asker === undefined) throw new Error('everybody keeps it')
    net.find(asker, client.keyId)
    const found = effectsOf(asker, 'found')
    expect(found.map(({ isFinal }) => isFinal)).toEqual([false, true])
    expect(found[1]?.answers).toBeGreaterThanOrEqual(19)
  })

  it('lets finds of one key share a lookup', () => {
    const net = grown(4)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const asker = nodeAt(net, 20)
    const before = asker.calls.length
    net.find(asker, client.keyId)
    const alone = asker.calls.length - before
    net.tell(asker, dht => {
      dht.find(net.time, client.keyId)
      dht.find(net.time, client.keyId)
    })
    net.find(asker, client.keyId)
    expect(asker.calls.length - before).toBe(2 * alone)
    expect(effectsOf(asker, 'found').filter(({ isFinal }) => isFinal).length).toBe(4)
  })

  it('gives a newer record to those that have an older one or none, as a find goes by', () => {
    const net = grown(5)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    // The home server keeps it wherever it lies, and is asked only where that is near.
    const holders = net.holders(client.keyId).filter(node => node !== nodeAt(net, 5))
    const newer = net.record(client, net.time.unixMs + 1)
    // One holder alone has it: by hand, as a partition would leave it.
    const [one] = holders as [NetNode]
    const from = { key: client.keyId, network: undefined }
    net.tell(one, dht =>
      dht.request(net.time, from, 'storeRecord', new Map([['record', newer.bytes]])),
    )
    expect(net.find(nodeAt(net, 30), client.keyId)?.signed.bytes).toEqual(newer.bytes)
    net.run(2_000)
    for (const { dht } of holders) {
      expect(dht.findNow(net.time, client.keyId)?.signed.bytes).toEqual(newer.bytes)
    }
    const changed = effectsOf(holders[1] as NetNode, 'changed')
    expect(changed.at(-1)?.value.signed.bytes).toEqual(newer.bytes)
  })

  it('brings a revocation everywhere, and tells who publishes a revoked key', () => {
    const net = grown(6)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const revocation = signRevocation(fakeSuite, client, { net: NET, atMs: net.time.unixMs })
    net.tell(nodeAt(net, 9), dht =>
      dht.offer(net.time, revocation.bytes, 'revocation', { isHome: true, source: client.keyId }),
    )
    net.run(2_000)
    expect(net.find(nodeAt(net, 30), client.keyId)?.kind).toBe('revocation')
    const stranger = net.nodes.find(({ dht }) => dht.findNow(net.time, client.keyId) === undefined)
    if (stranger === undefined) throw new Error('everybody keeps it')
    net.publish(stranger, client, net.record(client, net.time.unixMs + 5))
    net.run(2_000)
    expect(effectsOf(stranger, 'revoked').map(({ key }) => key)).toEqual([client.keyId])
    expect(stranger.dht.findNow(net.time, client.keyId)?.kind).toBe('revocation')
  })

  it('keeps a record through the loss of half of its holders, and repairs it', () => {
    const net = grown(7)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const holders = net.holders(client.keyId)
    for (const holder of holders.slice(0, holders.length / 2)) holder.isUp = false
    net.run(25 * 60_000)
    expect(net.holders(client.keyId).length).toBeGreaterThanOrEqual(20)
    const asker = net.nodes.find(({ isUp }) => isUp) as NetNode
    expect(net.find(asker, client.keyId)).toBeDefined()
    // The dead are in nobody's table.
    for (const { dht, isUp } of net.nodes) {
      if (!isUp) continue
      for (const dead of net.nodes) {
        if (!dead.isUp) expect(dht.contact(dead.contact.key)).toBeUndefined()
      }
    }
  })

  it('gives newcomers at once what they should keep', () => {
    const net = grown(15)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const newcomers = net.grow(10).slice(GROWN)
    const { id } = contactOf(fakeSuite, client.publicKey, '')
    const nearest = nearestOf(
      net.nodes.map(({ contact }) => contact),
      id,
      20,
    )
    const holders = newcomers.filter(({ contact }) => nearest.includes(contact))
    expect(holders.length).toBeGreaterThan(0)
    for (const { dht } of holders) expect(dht.findNow(net.time, client.keyId)).toBeDefined()
  })

  it('gives one that began anew what it should keep, from the three nearest', () => {
    const net = grown(16)
    const client = net.identity()
    net.publish(nodeAt(net, 5), client)
    net.run(2_000)
    const { id } = contactOf(fakeSuite, client.publicKey, '')
    const contacts = net.nodes.map(({ contact }) => contact)
    const [first, second, third, reborn, last] = nearestOf(contacts, id, 20)
    for (const node of net.nodes) {
      node.calls.length = 0
      net.tell(node, dht => {
        for (const contact of [reborn, last]) if (contact) dht.reborn(net.time, contact.key)
        dht.reborn(net.time, client.keyId)
      })
    }
    net.run(2_000)
    const stores = net.nodes.flatMap(({ contact, calls }) =>
      calls.flatMap(call =>
        call.method === 'storeRecord' ? [[contact.key, call.contact.key]] : [],
      ),
    )
    const expected = [first, second, third].flatMap(one =>
      [reborn, last].map(other => [one?.key, other?.key]),
    )
    expect(stores.sort()).toEqual(expected.sort())
  })

  it('heals within thirty seconds after a minute in two halves', () => {
    const net = grown(8)
    for (const [i, node] of net.nodes.entries()) node.part = i % 2
    net.run(60_000)
    const client = net.identity()
    net.publish(nodeAt(net, 0), client)
    net.run(2_000)
    for (const node of net.nodes) node.part = 0
    net.run(30_000)
    const sizes = net.nodes.map(({ dht }) => dht.size.contacts)
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(30)
    for (const index of [1, 3, 21]) expect(net.find(nodeAt(net, index), client.keyId)).toBeDefined()
  })

  it('comes back from what was saved', () => {
    const net = grown(9)
    const node = nodeAt(net, 7)
    const { saved, contact } = node
    const contacts = [...saved.keys()].filter(key => key.startsWith('contact/'))
    expect(contacts.length).toBe(node.dht.size.contacts)
    const fresh = net.add()
    for (const [key, value] of saved) net.tell(fresh, dht => dht.restore(net.time, key, value))
    net.tell(fresh, dht => dht.restore(net.time, `contact/${'zz'.repeat(32)}`, Uint8Array.of(1)))
    net.run(5_000)
    expect(fresh.dht.size.contacts).toBeGreaterThanOrEqual(30)
    expect(fresh.dht.contact(contact.key)).toBeDefined()
    expect(effectsOf(fresh, 'save')).toContainEqual({
      kind: 'save',
      key: `contact/${'zz'.repeat(32)}`,
      value: undefined,
    })
  })

  it('stores services where their topic lies and collects them', () => {
    const net = grown(10)
    const topic = serviceTopic(fakeSuite, 'chess')
    const ads = [1, 2, 3].map(index => {
      const atMs = net.time.unixMs + index
      const fields = { name: 'chess', net: NET, atMs, ttlS: 600, meta: new Map() }
      const ad = signService(fakeSuite, net.identity(), fields)
      const from = { key: keyIdOf(ad.ad.key), network: undefined }
      net.tell(nodeAt(net, index), dht => {
        expect(dht.advertise(net.time, ad.bytes, from)).toBe('stored')
        expect(dht.advertise(net.time, Uint8Array.of(1), from)).toMatchObject({
          error: 'INVALID_RECORD',
        })
      })
      return ad
    })
    net.run(2_000)
    const asker = nodeAt(net, 33)
    net.tell(asker, dht => dht.findServices(net.time, topic))
    net.run(2_000)
    const [found] = effectsOf(asker, 'foundServices')
    expect(found?.ads.map(({ bytes }) => bytes)).toEqual(ads.map(({ bytes }) => bytes).reverse())
  })
})

describe('a server alone', () => {
  it('ends every find, keeps what is published and asks nobody', () => {
    const net = new DhtNet(12)
    const node = net.add()
    const client = net.identity()
    net.publish(node, client)
    expect(effectsOf(node, 'replicated')).toEqual([
      { kind: 'replicated', key: client.keyId, copies: 0 },
    ])
    expect(net.find(node, client.keyId)).toBeDefined()
    expect(net.find(node, net.identity().keyId)).toBeUndefined()
    net.tell(node, dht => dht.bootstrap(net.time))
    expect(node.calls).toEqual([])
  })

  it('tries whom it was told of again, until they are there', () => {
    const net = new DhtNet(13)
    const [node, late] = [net.add(), net.add()]
    late.isUp = false
    net.tell(node, dht => dht.hint(net.time, [late.contact, node.contact]))
    net.run(20_000)
    const checks = effectsOf(node, 'check')
    expect(checks.length).toBeGreaterThan(3)
    expect(checks.length).toBeLessThan(12)
    expect(node.dht.size.contacts).toBe(0)
    late.isUp = true
    net.run(6_000)
    expect(node.dht.size.contacts).toBe(1)
  })

  it('does not mind answers that it did not ask for', () => {
    const net = new DhtNet(14)
    const [a, b] = net.grow(2) as [NetNode, NetNode]
    const { call } = a.calls[0] as NetNode['calls'][number]
    net.tell(a, dht => dht.answer(net.time, call, { kind: 'noAnswer' }))
    net.tell(a, dht => dht.unreachable(net.time, net.identity().keyId))
    expect(a.dht.contact(b.contact.key)).toBeDefined()
  })
})
