import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from '../bytes/cbor.ts'
import type { Contact } from './contact.ts'
import type { CallAnswer, DhtEffect } from './dht-effects.ts'
import { randomContact } from './testing/contacts.ts'
import type { NetNode } from './testing/dht-net.ts'
import { DhtNet } from './testing/dht-net.ts'
import { identityOf, recordValue, revocationValue, serviceAd, UNIX_MS } from './testing/records.ts'

const METHODS = ['findNode', 'findRecord', 'storeRecord', 'findServices', 'storeService']
const FIELDS = ['target', 'key', 'repair', 'record', 'revocation', 'ad', 'ads', 'nodes']
const TRUE_BYTES = [
  recordValue(identityOf(1), { seq: UNIX_MS }).signed.bytes,
  revocationValue(identityOf(2)).signed.bytes,
  serviceAd(identityOf(3), UNIX_MS).bytes,
]

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.constantFrom(...TRUE_BYTES),
  // Nearly true: one byte is not.
  fc.tuple(fc.constantFrom(...TRUE_BYTES), fc.nat(300), fc.nat(255)).map(([whole, place, byte]) => {
    const damaged = whole.slice()
    damaged[place % damaged.length] = byte
    return damaged
  }),
)
const contact = fc.tuple(
  fc.uint8Array({ minLength: 31, maxLength: 33 }),
  fc.oneof(fc.string({ maxLength: 200 }), fc.constant('wss://node.example')),
)
const value: fc.Arbitrary<CborValue> = fc.oneof(
  bytes,
  fc.boolean(),
  fc.integer(),
  fc.string(),
  fc.array(bytes, { maxLength: 70 }),
  fc.array(contact, { maxLength: 25 }),
)
const body: fc.Arbitrary<CborMap> = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 5 })
  .map(fields => new Map(fields))

function network(seed: number): DhtNet {
  const net = new DhtNet(seed)
  net.grow(6)
  return net
}

describe('whatever a neighbour sends', () => {
  it('a request has an answer of its kind, and brings nobody into the table', () => {
    const net = network(1)
    const [{ dht }, asker] = net.nodes as [NetNode, NetNode]
    const from = { key: asker.contact.key, network: '192.0.2.0/24' }
    const contactsBefore = dht.size.contacts
    fc.assert(
      fc.property(fc.constantFrom(...METHODS), body, (method, request) => {
        const answer = dht.request(net.time, from, method, request)
        expect(['ok', 'error']).toContain(answer?.kind)
        for (let effect = dht.poll(); effect !== undefined; effect = dht.poll()) {
          expect(['save', 'changed', 'call']).toContain(effect.kind)
        }
      }),
      { seed: 1, numRuns: 2_000 },
    )
    expect(dht.size.contacts).toBe(contactsBefore)
  })

  it('an answer ends a call, and every lookup ends', () => {
    const net = network(2)
    const [{ dht }] = net.nodes as [NetNode]
    const answers = fc.array(
      fc.oneof(
        body.map((answer): CallAnswer => ({ kind: 'ok', body: answer })),
        fc.constant<CallAnswer>({ kind: 'noAnswer' }),
        fc.constant<CallAnswer>({ kind: 'error', code: 'BUSY', hint: undefined }),
      ),
      { minLength: 1, maxLength: 20 },
    )
    fc.assert(
      fc.property(answers, fc.boolean(), (replies, isService) => {
        const query = isService
          ? dht.findServices(net.time, net.random(32))
          : dht.find(net.time, identityOf(1).keyId)
        let asked = 0
        let isEnded = false
        for (let effect = dht.poll(); effect !== undefined; effect = dht.poll()) {
          isEnded ||= isEndOf(effect, query)
          if (effect.kind !== 'call') continue
          dht.answer(net.time, effect.call, replies[asked++ % replies.length] as CallAnswer)
        }
        expect(isEnded).toBe(true)
        expect(asked).toBeLessThan(2_000)
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  it('a hint is checked at most, and never throws', () => {
    const net = network(3)
    const [{ dht }] = net.nodes as [NetNode]
    const text = fc.string({ maxLength: 200 })
    const urls = fc.oneof(
      text,
      text.map(rest => `wss://${rest}`),
      fc.constant('ws://[::1]:1'),
    )
    fc.assert(
      fc.property(fc.array(urls, { maxLength: 40 }), texts => {
        const hints: Contact[] = texts.map(url => ({ ...randomContact(net.random), url }))
        dht.hint(net.time, hints)
        for (let effect = dht.poll(); effect !== undefined; effect = dht.poll()) {
          expect(effect.kind).toBe('check')
        }
      }),
      { seed: 3, numRuns: 100 },
    )
  })
})

function isEndOf(effect: DhtEffect, query: number): boolean {
  const isFound = effect.kind === 'found' || effect.kind === 'foundServices'
  return isFound && effect.query === query && effect.isFinal
}
