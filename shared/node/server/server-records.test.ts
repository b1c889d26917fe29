import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { ServerRecords } from './server-records.ts'

const DAY_MS = 86_400_000
const server = identityOf(1)
let records: ServerRecords

beforeEach(() => {
  records = new ServerRecords(nodeSuite, NET)
})

function record(fields: Partial<Omit<NodeRecord, 'key'>> = {}) {
  const endpoints = [{ url: 'wss://one.test' }]
  return recordOf(server, { type: 'server', endpoints, ttlS: 86_400, ...fields })
}

function learn(bytes: Uint8Array, key = server.keyId): boolean {
  return records.learnBytes(START_UNIX_MS, key, bytes) !== undefined
}

describe('what a server says of itself', () => {
  it('is remembered, in memory of its own', () => {
    const { bytes } = record()
    const received = new Uint8Array([...bytes, 1, 2, 3])
    const learned = records.learnBytes(
      START_UNIX_MS,
      server.keyId,
      received.subarray(0, bytes.length),
    )
    received.fill(0)
    expect(learned?.bytes).toEqual(bytes)
    expect(records.get(START_UNIX_MS, server.keyId)?.bytes).toEqual(bytes)
    expect(records.get(START_UNIX_MS, server.keyId)?.record.key).toEqual(server.publicKey)
  })

  it.each([
    ['a forged one', forged(record())],
    ['one of a client', record({ type: 'client', endpoints: [] }).bytes],
    ['one of another network', record({ net: new Uint8Array(16).fill(1) }).bytes],
    ['one that has expired', record({ seenMs: START_UNIX_MS - 2 * DAY_MS }).bytes],
    ['garbage', new Uint8Array(40)],
    ['nothing', new Uint8Array()],
  ])('is not %s', (_, bytes) => {
    expect(learn(bytes)).toBe(false)
    expect(records.get(START_UNIX_MS, server.keyId)).toBeUndefined()
  })

  it('is not that of another', () => {
    expect(learn(record().bytes, identityOf(2).keyId)).toBe(false)
  })

  it('gives way to what it says later only', () => {
    learn(record({ seq: START_UNIX_MS + 2 }).bytes)
    learn(record({ seq: START_UNIX_MS + 1 }).bytes)
    expect(records.get(START_UNIX_MS, server.keyId)?.record.seq).toBe(START_UNIX_MS + 2)
    learn(record({ seq: START_UNIX_MS + 3 }).bytes)
    expect(records.get(START_UNIX_MS, server.keyId)?.record.seq).toBe(START_UNIX_MS + 3)
  })

  it('is of no use once it, or its onion key, has expired', () => {
    learn(record().bytes)
    expect(records.contact(START_UNIX_MS, server.keyId)).toBeDefined()
    expect(records.get(START_UNIX_MS + 2 * DAY_MS, server.keyId)).toBeUndefined()
    const onion = [{ key: new Uint8Array(32).fill(1), expiresMs: START_UNIX_MS + 1_000 }]
    learn(record({ seq: START_UNIX_MS + 1, onion }).bytes)
    expect(records.get(START_UNIX_MS, server.keyId)).toBeDefined()
    expect(records.get(START_UNIX_MS + 1_000, server.keyId)).toBeUndefined()
    // Its address may still be good.
    expect(records.contact(START_UNIX_MS + 1_000, server.keyId)).toBeDefined()
  })
})

describe('where a server is dialed', () => {
  it.each([
    [['wss://one.test'], 'wss://one.test'],
    [['ws://one.test', 'wss://two.test:444'], 'wss://two.test:444'],
    [['ws://one.test'], 'ws://one.test'],
    [['wss://-', 'wss://two.test'], 'wss://two.test'],
    [['wss://-'], undefined],
    [[], undefined],
  ])('of %j is %s', (urls, expected) => {
    const signed = record({ endpoints: urls.map(url => ({ url })) })
    expect(records.contactOf(signed)?.url).toBe(expected)
    expect(records.contactOfBytes(signed.bytes)?.url).toBe(expected)
  })

  it('is not told by what is no record of a server', () => {
    expect(records.contactOfBytes(recordOf(server).bytes)).toBeUndefined()
    expect(records.contactOfBytes(new Uint8Array(9))).toBeUndefined()
  })
})
