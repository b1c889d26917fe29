// Questions of our own, and what is believed of the answers: nothing but signatures.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { FRAME } from '../../wire/frame-type.ts'
import {
  ROUTES_ASK_AGAIN_MS,
  ROUTES_HOP_TIMEOUT_MS,
  ROUTES_MAX_TTL,
  ROUTES_TIMEOUT_MS,
} from '../../wire/limits.ts'
import type { RoutesAnswer } from '../../wire/route-bodies.ts'
import { readRoutesBody, routesAnswer } from '../../wire/route-bodies.ts'
import type { RpcRequest } from '../../wire/rpc-messages.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { RouteQueriesEffect, RouteSource } from './route-queries.ts'
import { RouteQueries } from './route-queries.ts'

const [US, SERVER, NEAR, FAR, PEER] = [1, 2, 3, 4, 5].map(identityOf) as [
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
  ReturnType<typeof identityOf>,
]
const source = (link: number, key: KeyId, isServer: boolean): RouteSource => ({
  link: link as LinkId,
  key,
  isServer,
})
const VIA_SERVER = source(1, SERVER.keyId, true)
const VIA_NEAR = source(2, NEAR.keyId, false)

let now: number
let checks: number
let queries: RouteQueries

beforeEach(() => {
  now = 1_000
  checks = 0
  const suite: CryptoSuite = {
    ...nodeSuite,
    verify: (key, message, signature) => {
      checks += 1
      return nodeSuite.verify(key, message, signature)
    },
  }
  queries = new RouteQueries({ suite, random: seededRandom(1), net: NET, ownKey: US.keyId })
})

const at = () => ({ now, unixMs: START_UNIX_MS + now })

function drain(): RouteQueriesEffect[] {
  const effects: RouteQueriesEffect[] = []
  for (let effect = queries.poll(); effect; effect = queries.poll()) effects.push(effect)
  return effects
}

function sent(): (RpcRequest & { readonly link: LinkId })[] {
  return drain().flatMap(effect =>
    effect.kind === 'sendFrame' ? [{ ...decodeRequest(effect.bytes), link: effect.link }] : [],
  )
}

/** What comes of one answer to one question. */
function hear(answer: RoutesAnswer, from = VIA_SERVER): RouteQueriesEffect | undefined {
  queries.ask(at(), PEER.keyId, [from])
  const [request] = sent()
  const response = encodeResponse({ id: request?.id ?? 0, body: routesAnswer(answer) })
  queries.response(at(), from.link, response)
  now += ROUTES_ASK_AGAIN_MS
  return drain()[0]
}

const NOTHING_HEARD = {
  kind: 'routesHeard',
  key: PEER.keyId,
  from: SERVER.keyId,
  routes: [],
  records: [],
}
const ROUTE = { relays: [FAR.publicKey], latencyMs: 30 }

describe('a question of ours', () => {
  it('goes to each of those named, to be passed on by neighbours only', () => {
    queries.ask(at(), PEER.keyId, [VIA_SERVER, VIA_NEAR])
    const asked = sent()
    expect(asked.map(({ link, method }) => [link, method])).toEqual([
      [1, 'routes'],
      [2, 'routes'],
    ])
    const [first, second] = asked.map(({ body }) => readRoutesBody(body))
    expect(first).toMatchObject({ key: PEER.publicKey, ttl: 0 })
    expect(second).toEqual({ ...first, ttl: ROUTES_MAX_TTL })
    expect(queries.isOwn(first?.id ?? new Uint8Array())).toBe(true)
    expect(queries.isOwn(new Uint8Array(8))).toBe(false)
  })

  it('has ids of its own half, so that another part may ask over the same link', () => {
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    expect(sent()[0]?.id).toBeGreaterThanOrEqual(0x8000_0000)
  })

  it('is not put to the one that is sought', () => {
    queries.ask(at(), PEER.keyId, [source(3, PEER.keyId, false)])
    expect(sent()).toEqual([])
  })

  it.each([
    [ROUTES_ASK_AGAIN_MS - 1, 0],
    [ROUTES_ASK_AGAIN_MS, 1],
  ])('is put again after %i ms: %i times', (ms, times) => {
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    drain()
    now += ms
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    expect(sent()).toHaveLength(times)
  })

  it('goes to another one at once', () => {
    queries.ask(at(), PEER.keyId, [VIA_NEAR])
    drain()
    queries.ask(at(), PEER.keyId, [VIA_NEAR, VIA_SERVER])
    expect(sent().map(({ link }) => link)).toEqual([VIA_SERVER.link])
  })

  it('to nobody is no question: the next one is put at once', () => {
    queries.ask(at(), PEER.keyId, [])
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    expect(sent()).toHaveLength(1)
  })

  it('that nobody answers ends in nothing, in time', () => {
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    drain()
    expect(queries.nextTimeout()).toBe(now + ROUTES_TIMEOUT_MS)
    now += ROUTES_TIMEOUT_MS
    queries.timeout(at())
    expect(drain()).toEqual([NOTHING_HEARD])
    expect(queries.nextTimeout()).toBeUndefined()
  })

  it('is under way until all of them have answered, or will not', () => {
    expect(queries.isAsking(PEER.keyId)).toBe(false)
    queries.ask(at(), PEER.keyId, [VIA_SERVER, VIA_NEAR])
    const [first] = sent()
    expect(queries.isAsking(PEER.keyId)).toBe(true)
    const body = routesAnswer({ routes: [], records: [] })
    queries.response(at(), VIA_SERVER.link, encodeResponse({ id: first?.id ?? 0, body }))
    expect(queries.isAsking(PEER.keyId)).toBe(true)
    queries.linkClosed(at(), VIA_NEAR.link)
    expect(queries.isAsking(PEER.keyId)).toBe(false)
    expect(drain()).toHaveLength(2)
  })
})

describe('what is heard', () => {
  it('begins with who said it', () => {
    expect(hear({ routes: [{ relays: [] }, ROUTE], records: [] })).toEqual({
      kind: 'routesHeard',
      key: PEER.keyId,
      from: SERVER.keyId,
      routes: [{ relays: [SERVER.keyId] }, { relays: [SERVER.keyId, FAR.keyId], latencyMs: 30 }],
      records: [],
    })
  })

  it.each([
    ['us', [US.publicKey]],
    ['the peer', [FAR.publicKey, PEER.publicKey]],
    ['who said it', [SERVER.publicKey]],
    ['one twice', [FAR.publicKey, NEAR.publicKey, FAR.publicKey]],
  ])('is no route over %s', (_, relays) => {
    expect(hear({ routes: [{ relays }, ROUTE], records: [] })).toMatchObject({
      routes: [{ relays: [SERVER.keyId, FAR.keyId] }],
    })
  })

  it('has records of relays that are named, and of the peer, if their signatures are right', () => {
    const records = [
      recordOf(FAR, { type: 'server', endpoints: [{ url: 'wss://far.test' }] }),
      recordOf(PEER),
      recordOf(SERVER, { type: 'server', endpoints: [{ url: 'wss://server.test' }] }),
    ]
    const bytes = records.map(record => record.bytes)
    expect(hear({ routes: [ROUTE], records: bytes })).toMatchObject({ records })
    expect(hear({ routes: [ROUTE], records: records.map(forged) })).toMatchObject({ records: [] })
  })

  it.each([
    ['of somebody else', recordOf(NEAR, { relay: 1 })],
    ['of a client that does not relay', recordOf(FAR)],
    ['of another network', recordOf(FAR, { relay: 1, net: new Uint8Array(16).fill(9) })],
    ['that has expired', recordOf(FAR, { relay: 1, seenMs: START_UNIX_MS - 86_400_000 })],
    ['from the future', recordOf(FAR, { relay: 1, seq: START_UNIX_MS + 86_400_000 })],
  ])('leaves out a record %s', (_, record) => {
    expect(hear({ routes: [ROUTE], records: [record.bytes] })).toMatchObject({ records: [] })
    expect(checks).toBe(0)
  })

  it('costs no signature for a record that is known, as long as that is valid', () => {
    const record = recordOf(FAR, { relay: 1 })
    for (let i = 0; i < 3; i++) hear({ routes: [ROUTE], records: [record.bytes] })
    expect(checks).toBe(1)
    now += 86_400_000
    expect(hear({ routes: [ROUTE], records: [record.bytes] })).toMatchObject({ records: [] })
  })

  it('keeps nothing of the buffer that it came in', () => {
    const { bytes } = recordOf(FAR, { relay: 1 })
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    const id = sent()[0]?.id ?? 0
    const frame = encodeResponse({ id, body: routesAnswer({ routes: [ROUTE], records: [bytes] }) })
    queries.response(at(), VIA_SERVER.link, frame)
    frame.fill(0)
    const [effect] = drain()
    expect(effect?.kind === 'routesHeard' && effect.records[0]?.bytes).toEqual(bytes)
  })

  it('is nothing from another link, twice, or late', () => {
    queries.ask(at(), PEER.keyId, [VIA_SERVER])
    const id = sent()[0]?.id ?? 0
    const response = encodeResponse({ id, body: routesAnswer({ routes: [], records: [] }) })
    queries.response(at(), VIA_NEAR.link, response)
    expect(drain()).toEqual([])
    queries.response(at(), VIA_SERVER.link, response)
    queries.response(at(), VIA_SERVER.link, response)
    expect(drain()).toHaveLength(1)
  })

  it('is nothing when it is an error, or makes no sense', () => {
    for (const says of [{ error: 'UNKNOWN_METHOD' as const }, { body: new Map([['routes', 7]]) }]) {
      queries.ask(at(), PEER.keyId, [VIA_SERVER])
      queries.response(at(), VIA_SERVER.link, encodeResponse({ id: sent()[0]?.id ?? 0, ...says }))
      expect(drain()).toEqual([NOTHING_HEARD])
      now += ROUTES_ASK_AGAIN_MS
    }
  })

  it('ends the link where it is no response at all', () => {
    queries.response(at(), VIA_SERVER.link, Uint8Array.of(FRAME.response, 0xff))
    expect(drain()).toEqual([{ kind: 'misbehaved', link: VIA_SERVER.link }])
  })
})

describe('a question of others', () => {
  const body = { id: new Uint8Array(8).fill(3), key: publicKeyOf(PEER.keyId), ttl: 1 }

  it('is passed on as it came, and waits the less the less far it may go', () => {
    queries.passOn(at(), 77, body, [VIA_NEAR])
    expect(readRoutesBody(sent()[0]?.body ?? new Map())).toEqual(body)
    expect(queries.nextTimeout()).toBe(now + 2 * ROUTES_HOP_TIMEOUT_MS)
    now += 2 * ROUTES_HOP_TIMEOUT_MS
    queries.timeout(at())
    expect(drain()).toEqual([
      { kind: 'passedOn', question: 77, from: NEAR.keyId, answer: undefined },
    ])
  })

  it('has its answer as it came, which its asker verifies', () => {
    queries.passOn(at(), 77, body, [VIA_NEAR])
    const answer = { routes: [ROUTE], records: [forged(recordOf(FAR))] }
    const id = sent()[0]?.id ?? 0
    queries.response(at(), VIA_NEAR.link, encodeResponse({ id, body: routesAnswer(answer) }))
    expect(drain()).toEqual([{ kind: 'passedOn', question: 77, from: NEAR.keyId, answer }])
    expect(checks).toBe(0)
  })

  it('leaves time for whoever passes it on again', () => {
    expect(ROUTES_HOP_TIMEOUT_MS * ROUTES_MAX_TTL).toBeLessThan(ROUTES_TIMEOUT_MS)
  })

  it('ends with the link', () => {
    queries.passOn(at(), 77, body, [VIA_NEAR])
    drain()
    queries.linkClosed(at(), VIA_NEAR.link)
    expect(drain()).toMatchObject([{ kind: 'passedOn', answer: undefined }])
  })
})
