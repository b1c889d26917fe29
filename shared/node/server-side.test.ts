import { expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { MAX_RECORDS } from '../wire/limits.ts'
import { recordBody } from '../wire/registry-bodies.ts'
import { decodeResponse, encodeRequest } from '../wire/rpc-messages.ts'
import { OwnRecord } from './own-record.ts'
import { ServerSide } from './server-side.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { identityOf, NET, recordOf } from './testing/records.ts'

const TIME = { now: 0, unixMs: START_UNIX_MS }

it('a full server keeps the records of those attached, and one that leaves makes way', () => {
  // Signing as many takes minutes: this provider believes everything.
  const suite = { ...nodeSuite, verify: () => true }
  const template = recordOf(identityOf(1))
  const keyAt = Buffer.from(template.bytes).indexOf(template.record.key)
  const saved = new Map<string, Uint8Array>()
  const keys: KeyId[] = []
  for (let i = 0; i < MAX_RECORDS; i++) {
    const bytes = template.bytes.slice()
    new DataView(bytes.buffer).setUint32(keyAt, i)
    const key = bytes.subarray(keyAt, keyAt + 32)
    saved.set(`record/${Buffer.from(key).toString('hex')}`, bytes)
    keys.push(String.fromCharCode(...key) as KeyId)
  }
  const own = new OwnRecord(
    {
      suite,
      random: seededRandom(1),
      identity: identityOf(2),
      type: 'server',
      net: NET,
      endpoints: [],
      isRelay: false,
    },
    TIME,
  )
  const server = new ServerSide({ suite, net: NET, relay: undefined }, own, TIME)
  server.restore(TIME, saved)
  keys.forEach((key, at) => {
    server.linkOpened(at as LinkId, key)
  })

  const newcomer = identityOf(3)
  const link = MAX_RECORDS as LinkId
  server.linkOpened(link, newcomer.keyId)
  const publish = (id: number): { error: string | undefined; dropped: string[] } => {
    const body = recordBody(recordOf(newcomer).bytes)
    server.request(TIME, link, newcomer.keyId, encodeRequest({ id, method: 'publish', body }))
    let error: string | undefined
    const dropped: string[] = []
    for (let effect = server.poll(); effect !== undefined; effect = server.poll()) {
      if (effect.kind === 'save' && effect.value === undefined) dropped.push(effect.key)
      if (effect.kind !== 'sendFrame') continue
      const answer = decodeResponse(effect.bytes)
      if ('error' in answer) error = answer.error
    }
    return { error, dropped }
  }

  expect(publish(1)).toEqual({ error: 'QUOTA', dropped: [] })
  server.linkClosed(5 as LinkId)
  expect(publish(2)).toEqual({ error: undefined, dropped: [[...saved.keys()][5]] })
  expect(server.records).toBe(MAX_RECORDS)
})
