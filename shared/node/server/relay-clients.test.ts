// What a server answers to `relays`: clients here that relay and asked themselves.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CborMap } from '../../bytes/cbor.ts'
import type { Contact } from '../../dht/contact.ts'
import type { Dht } from '../../dht/dht.ts'
import type { Identity } from '../../identity/identity.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { FRAME } from '../../wire/frame-type.ts'
import {
  MESH_HEARSAY_MS,
  MESH_RELAYS_PER_ANSWER,
  MESH_SERVERS_ASK_MS,
  MESH_SERVERS_ASKED,
} from '../../wire/limits.ts'
import type { NodeType, SignedRecord } from '../../wire/record.ts'
import { recordBody } from '../../wire/registry-bodies.ts'
import { readRelaysAnswer, relaysAnswer } from '../../wire/relays-body.ts'
import { decodeResponse, encodeRequest } from '../../wire/rpc-messages.ts'
import { OwnRecord } from '../registry/own-record.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { RelayClients } from './relay-clients.ts'
import { ServerSide } from './server-side.ts'

const time = { now: 0, unixMs: START_UNIX_MS }
let server: ServerSide

beforeEach(() => {
  const [suite, random, identity] = [nodeSuite, seededRandom(1), identityOf(1)]
  const own = { suite, random, identity, net: NET, endpoints: [], type: 'server' as const }
  const ownRecord = new OwnRecord({ ...own, isRelay: true }, time)
  const limits = { bytesPerS: 1_000_000, burstBytes: 1_000_000 }
  const surroundings = { isCarrying: () => false, linksOf: () => [], rttTo: () => undefined }
  const config = { suite, random, net: NET, relay: limits, join: [], allowsPlainDials: false }
  server = new ServerSide({ ...config, ...surroundings }, ownRecord, time)
})

/** One that has a link here, of its own number, and published a record. */
function client(number: number, relay: 0 | 1): Identity {
  const identity = identityOf(number)
  const { publicKey, keyId } = identity
  const link = number as LinkId
  server.linkOpened(
    time,
    link,
    { publicKey, keyId, type: 'client', version: 1 },
    undefined,
    undefined,
  )
  request(number, 'publish', recordBody(recordOf(identity, { relay }).bytes))
  return identity
}

function request(number: number, method: 'publish' | 'relays', body: CborMap = new Map()) {
  while (server.poll() !== undefined) {
    // What it said before is of no interest.
  }
  const frame = encodeRequest({ id: 9, method, body })
  server.frame(time, number as LinkId, FRAME.request, frame)
  const effect = server.poll()
  if (effect?.kind !== 'sendFrame') throw new Error('no answer')
  const response = decodeResponse(effect.bytes)
  if ('error' in response) throw new Error(response.error)
  return response.body
}

function ask(number: number): Uint8Array[] {
  return [...readRelaysAnswer(request(number, 'relays'))]
}

describe('a server', () => {
  const suite = nodeSuite
  const contacts = [identityOf(50), identityOf(51)].map(({ keyId }) => ({ key: keyId }) as Contact)
  let asked: KeyId[]
  let now: number
  let draws = 0
  let relays: RelayClients

  /** @param here clients with a record that says that they relay */
  function make(here: readonly SignedRecord[]): void {
    asked = []
    now = 0
    const values = new Map(here.map(signed => [keyIdOf(signed.record.key), signed]))
    const mesh = {
      dht: {
        findNow: (_: unknown, key: KeyId) => {
          const signed = values.get(key)
          return signed && { kind: 'record' as const, signed }
        },
      } as unknown as Dht,
      closest: (_: unknown, count: number) => contacts.slice(0, count),
      ask: (_: unknown, { key }: Contact) => void asked.push(key),
    }
    const seeded = seededRandom(3)
    const random = (length: number) => {
      draws += 1
      return seeded(length)
    }
    relays = new RelayClients({ suite, random, net: NET }, mesh)
  }

  function askedBy(identity: Identity, type: NodeType = 'client'): Uint8Array[] {
    const at = { now, unixMs: START_UNIX_MS + now }
    return relays.ask(at, { link: 1 as LinkId, key: identity.keyId, type })
  }

  function told(...records: Uint8Array[]): void {
    relays.told({ now, unixMs: START_UNIX_MS + now }, relaysAnswer(records))
  }

  const [us, far] = [identityOf(2), identityOf(3)]
  const relaying = { relay: 1 }

  it('asks others while it is asked, and not more often', () => {
    make([recordOf(us, relaying)])
    askedBy(us)
    askedBy(us)
    expect(asked).toHaveLength(MESH_SERVERS_ASKED)
    now += MESH_SERVERS_ASK_MS
    expect(asked).toHaveLength(MESH_SERVERS_ASKED)
    askedBy(us)
    expect(asked).toHaveLength(2 * MESH_SERVERS_ASKED)
  })

  it('tells clients of those of others, for a while, and servers only of its own', () => {
    make([recordOf(us, relaying)])
    const { bytes } = recordOf(far, relaying)
    told(bytes)
    expect(askedBy(us)).toEqual([bytes])
    expect(askedBy(identityOf(50), 'server')).toEqual([recordOf(us, relaying).bytes])
    now += MESH_HEARSAY_MS
    expect(askedBy(us)).toEqual([])
  })

  it('draws no more for an answer than it holds, however many have asked', () => {
    const many = Array.from({ length: 200 }, (_, index) =>
      recordOf(identityOf(index + 2), relaying),
    )
    make(many)
    for (let index = 0; index < many.length; index++) askedBy(identityOf(index + 2))
    draws = 0
    expect(askedBy(us)).toHaveLength(MESH_RELAYS_PER_ANSWER)
    expect(draws).toBeLessThanOrEqual(2 * MESH_RELAYS_PER_ANSWER)
  })

  it.each<[string, () => Uint8Array]>([
    ['who do not relay', () => recordOf(far, { relay: 0 }).bytes],
    ['who are servers', () => recordOf(far, { ...relaying, type: 'server' }).bytes],
    ['whose records are forged', () => forged(recordOf(far, relaying))],
    [
      'who are of another network',
      () => recordOf(far, { ...relaying, net: new Uint8Array(16).fill(1) }).bytes,
    ],
    ['who make no sense', () => new Uint8Array(40)],
  ])('tells of none %s', (_, record) => {
    make([recordOf(us, relaying)])
    told(record())
    expect(askedBy(us)).toEqual([])
  })
})

describe('a client that asks for others that relay', () => {
  it('is told of those who asked before, and told of to those who ask later', () => {
    const [two, three] = [client(2, 1), client(3, 1)]
    expect(ask(2)).toEqual([])
    expect(ask(3)).toEqual([recordOf(two, { relay: 1 }).bytes])
    expect(ask(2)).toEqual([recordOf(three, { relay: 1 }).bytes])
  })

  it('is told nothing, and of by nobody, when it does not relay itself', () => {
    client(2, 1)
    client(3, 0)
    ask(2)
    expect(ask(3)).toEqual([])
    expect(ask(2)).toEqual([])
  })

  it('is not told of those who relay and did not ask', () => {
    client(2, 1)
    client(3, 1)
    expect(ask(2)).toEqual([])
  })

  it('is not named any more once it is gone', () => {
    client(2, 1)
    client(3, 1)
    ask(2)
    expect(ask(3)).toHaveLength(1)
    server.linkClosed(time, 2 as LinkId, {
      reason: 'normal',
      hint: undefined,
      retryAfterMs: undefined,
    })
    expect(ask(3)).toEqual([])
  })

  it('is told of no more than an answer holds, and not always of the same', () => {
    const numbers = Array.from({ length: 3 * MESH_RELAYS_PER_ANSWER }, (_, index) => index + 2)
    for (const number of numbers) client(number, 1)
    for (const number of numbers) ask(number)
    const [first, second] = [ask(2), ask(2)]
    expect(first).toHaveLength(MESH_RELAYS_PER_ANSWER)
    expect(second).not.toEqual(first)
  })
})
