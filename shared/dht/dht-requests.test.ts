import { describe, expect, it } from 'vitest'
import { encodeCbor } from '../bytes/cbor.ts'
import { keyIdOf } from '../identity/node-id.ts'
import { findNodeBody, findRecordBody, readFindNodeAnswer } from '../wire/dht-bodies.ts'
import { DHT_ANSWER_MAX_BYTES } from '../wire/limits.ts'
import type { NetNode } from './testing/dht-net.ts'
import { DhtNet } from './testing/dht-net.ts'

// So many that its far side is out of the region of most servers.
const LARGE = 100

describe('requests of neighbours', () => {
  const net = new DhtNet(11)
  const [{ dht }, asker] = net.grow(LARGE) as [NetNode, NetNode]
  const from = { key: asker.contact.key, network: undefined }

  it('are answered from the table, without the asker', () => {
    const target = asker.contact.id
    const answer = dht.request(net.time, from, 'findNode', findNodeBody(target))
    if (answer?.kind !== 'ok') throw new Error('refused')
    const named = readFindNodeAnswer(answer.body)
    expect(named.length).toBe(20)
    expect(named.map(({ key }) => keyIdOf(key))).not.toContain(from.key)
    expect(encodeCbor(answer.body).length).toBeLessThan(DHT_ANSWER_MAX_BYTES)
  })

  it('are refused when malformed, and left alone when they are for somebody else', () => {
    const ask = (method: string, body: ReadonlyMap<string, Uint8Array | boolean>) =>
      dht.request(net.time, from, method, body)
    expect(ask('publish', new Map())).toBeUndefined()
    expect(ask('toString', new Map())).toBeUndefined()
    for (const method of [
      'findNode',
      'findRecord',
      'storeRecord',
      'findServices',
      'storeService',
    ]) {
      expect(ask(method, new Map())).toMatchObject({ kind: 'error', code: 'BAD_REQUEST' })
      const junk = new Map([['record', new Uint8Array(5)]])
      expect(ask(method, junk)).toMatchObject({ kind: 'error', code: 'BAD_REQUEST' })
    }
    const short = new Map([['key', new Uint8Array(31)]])
    expect(ask('findRecord', short)).toMatchObject({ kind: 'error', code: 'BAD_REQUEST' })
  })

  it('take values for keys that lie here, and say when others are nearer', () => {
    const verdicts = new Set<string>()
    for (let i = 0; i < 60; i++) {
      const body = new Map([['record', net.record(net.identity()).bytes]])
      const answer = dht.request(net.time, from, 'storeRecord', body)
      verdicts.add(answer?.kind === 'error' ? answer.code : 'ok')
    }
    expect(verdicts).toEqual(new Set(['ok', 'NOT_CLOSE']))
  })

  it('bring nobody into the table', () => {
    const stranger = { key: net.identity().keyId, network: undefined }
    dht.request(net.time, stranger, 'findRecord', findRecordBody(net.random(32)))
    expect(dht.contact(stranger.key)).toBeUndefined()
  })
})
