// What a server answers to `routes`, asked over a link: from what it knows, without asking anybody.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { Identity } from '../../identity/identity.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { findRecordAnswer } from '../../wire/dht-bodies.ts'
import { FRAME } from '../../wire/frame-type.ts'
import { ROUTES_MAX_RECORDS } from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { NodeRecord, NodeType, SignedRecord } from '../../wire/record.ts'
import { findBody, recordBody } from '../../wire/registry-bodies.ts'
import { signRevocation } from '../../wire/revocation.ts'
import { readRoutesAnswer, routesBody } from '../../wire/route-bodies.ts'
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../wire/rpc-messages.ts'
import { OwnRecord } from '../registry/own-record.ts'
import { identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { ServerSide } from './server-side.ts'
import type { ServerSideEffect } from './server-side-types.ts'

const [US, ALICE, BOB, STRANGER] = [1, 2, 3, 4].map(identityOf) as Identity[] as [
  Identity,
  Identity,
  Identity,
  Identity,
]
const HOMES = Array.from({ length: 6 }, (_, i) => identityOf(100 + i)) as [Identity, Identity]
const RELAY = { bytesPerS: 1_000_000, burstBytes: 1_000_000 }

let server: ServerSide
let now: number
let links: Map<string, LinkId[]>
let rtts: Map<string, number>
let effects: ServerSideEffect[]

beforeEach(() => make())

function make(isRelay = true): void {
  now = 0
  links = new Map()
  rtts = new Map()
  effects = []
  const own = { suite: nodeSuite, random: seededRandom(1), identity: US, net: NET, endpoints: [] }
  const ownRecord = new OwnRecord({ ...own, type: 'server', isRelay: true }, at())
  server = new ServerSide(
    {
      suite: nodeSuite,
      random: seededRandom(2),
      net: NET,
      relay: isRelay ? RELAY : undefined,
      join: [],
      allowsPlainDials: false,
      isCarrying: () => false,
      linksOf: key => links.get(key) ?? [],
      rttTo: key => rtts.get(key),
    },
    ownRecord,
    at(),
  )
  open(1, ALICE)
}

const at = () => ({ now, unixMs: START_UNIX_MS + now })

function drain(): ServerSideEffect[] {
  for (let effect = server.poll(); effect !== undefined; effect = server.poll()) {
    effects.push(effect)
  }
  return effects.splice(0)
}

function open(
  link: number,
  { publicKey, keyId }: Identity,
  type: NodeType = 'client',
  w?: Welcome,
) {
  links.set(keyId, [link as LinkId])
  server.linkOpened(at(), link as LinkId, { publicKey, keyId, type, version: 1 }, w, undefined)
}

function serverRecord(identity: Identity): SignedRecord {
  const url = `wss://home${identity.publicKey[0]}.test`
  return recordOf(identity, { type: 'server', endpoints: [{ url }], relay: 1 })
}

/** A server that we have a link to, and whose record we know. */
function reach(link: number, identity: Identity, rttMs?: number): void {
  const { bytes } = serverRecord(identity)
  const host = `home${identity.publicKey[0]}.test`
  server.learnNeighbour(at(), { scheme: 'wss', host, port: 443 }, identity.keyId)
  for (const effect of drain()) {
    if (effect.kind === 'dial') server.dialing(effect.dial, link as LinkId)
  }
  const welcome: Welcome = {
    keepaliveMs: 10_000,
    timeMs: START_UNIX_MS,
    limits: { maxMessageBytes: 65_536 },
    addressClass: 'public',
    record: bytes,
    sample: [],
  }
  open(link, identity, 'server', welcome)
  if (rttMs !== undefined) rtts.set(identity.keyId, rttMs)
  drain()
}

function publish(link: number, who: Identity, fields: Partial<Omit<NodeRecord, 'key'>>): void {
  const body = recordBody(recordOf(who, fields).bytes)
  server.frame(
    at(),
    link as LinkId,
    FRAME.request,
    encodeRequest({ id: 1, method: 'publish', body }),
  )
  drain()
}

/** What the server says, and what else it does about it. */
function ask({ publicKey }: Identity, link = 1) {
  drain()
  const body = routesBody({ id: new Uint8Array(8), key: publicKey, ttl: 3 })
  const request = encodeRequest({ id: 9, method: 'routes', body })
  server.frame(at(), link as LinkId, FRAME.request, request)
  const [first, ...others] = drain()
  if (first?.kind !== 'sendFrame') throw new Error('no answer')
  const response = decodeResponse(first.bytes)
  if ('error' in response) throw new Error(response.error)
  const { routes, records } = readRoutesAnswer(response.body)
  return {
    others,
    records,
    routes: routes.map(({ relays, latencyMs }) => [relays.map(keyIdOf), latencyMs]),
  }
}

const NOTHING = { routes: [], records: [], others: [] }

describe('a server that is asked for routes', () => {
  it('knows none to a key that it knows nothing of, and asks nobody', () => {
    reach(10, HOMES[0])
    expect(ask(STRANGER)).toEqual(NOTHING)
  })

  it('leads to whom is attached to it, without the time that takes', () => {
    open(2, BOB)
    rtts.set(BOB.keyId, 3)
    expect(ask(BOB)).toEqual({ ...NOTHING, routes: [[[], undefined]] })
  })

  it('leads there no more once the link has ended', () => {
    open(2, BOB)
    links.delete(BOB.keyId)
    server.linkClosed(at(), 2 as LinkId, {
      reason: 'unreachable',
      hint: undefined,
      retryAfterMs: undefined,
    })
    expect(ask(BOB)).toEqual(NOTHING)
  })

  it('leads over the servers that the record names, the nearest first, with their records', () => {
    open(2, BOB)
    const [far, near] = HOMES
    reach(10, far, 200)
    reach(11, near, 20)
    publish(2, BOB, { servers: [far, near, US].map(({ publicKey }) => publicKey) })
    const { routes, records, others } = ask(BOB)
    expect(routes).toEqual([
      [[], undefined],
      [[near.keyId], 20],
      [[far.keyId], 200],
    ])
    expect(new Set(records)).toEqual(
      new Set([serverRecord(far), serverRecord(near)].map(r => r.bytes)),
    )
    expect(others).toEqual([])
  })

  it('tells no round trip to a client that a record names as if it were a server', () => {
    open(2, BOB)
    rtts.set(BOB.keyId, 3)
    publish(1, ALICE, { servers: [BOB.publicKey] })
    for (const [, latencyMs] of ask(ALICE).routes) expect(latencyMs).toBeUndefined()
  })

  it('leaves out servers that it does not know, and looks none of them up', () => {
    open(2, BOB)
    reach(10, HOMES[0])
    publish(2, BOB, { servers: [HOMES[1].publicKey] })
    expect(ask(BOB)).toMatchObject({ routes: [[[], undefined]], others: [] })
  })

  it('remembers where a key was that the asker has looked for, and tells nobody else', () => {
    const [home] = HOMES
    open(3, STRANGER)
    reach(10, home, 7)
    const body = findBody(BOB.publicKey)
    server.frame(at(), 1 as LinkId, FRAME.request, encodeRequest({ id: 5, method: 'find', body }))
    const found = recordOf(BOB, { servers: [home.publicKey] })
    for (const effect of drain()) {
      if (effect.kind !== 'sendFrame' || effect.link !== 10) continue
      const { id, method } = decodeRequest(effect.bytes)
      expect(method).toBe('findRecord')
      const answer = findRecordAnswer([], { kind: 'record', bytes: found.bytes })
      server.frame(at(), 10 as LinkId, FRAME.response, encodeResponse({ id, body: answer }))
    }
    expect(ask(BOB).routes).toEqual([[[home.keyId], 7]])
    expect(ask(BOB, 3)).toEqual(NOTHING)
    now += 3_600_000 + 600_000
    expect(ask(BOB).routes).toEqual([])
  })

  it('leads to a server that it knows', () => {
    reach(10, HOMES[0])
    expect(ask(HOMES[0])).toMatchObject({ routes: [[[], undefined]] })
  })

  it('says nothing of itself, and of no key that is revoked', () => {
    expect(ask(US)).toEqual(NOTHING)
    open(2, BOB)
    const revocation = signRevocation(nodeSuite, BOB, { net: NET, atMs: START_UNIX_MS })
    const body = new Map([['revocation', revocation.bytes]])
    server.frame(at(), 2 as LinkId, FRAME.request, encodeRequest({ id: 1, method: 'revoke', body }))
    expect(ask(BOB)).toEqual(NOTHING)
  })

  it('says nothing when it does not relay', () => {
    make(false)
    open(2, BOB)
    expect(ask(BOB)).toEqual(NOTHING)
  })

  it(`sends at most ${ROUTES_MAX_RECORDS} records`, () => {
    open(2, BOB)
    for (const [i, home] of HOMES.entries()) reach(10 + i, home, i)
    publish(2, BOB, { servers: HOMES.map(({ publicKey }) => publicKey) })
    const { routes, records } = ask(BOB)
    expect(routes).toHaveLength(1 + HOMES.length)
    expect(records).toHaveLength(ROUTES_MAX_RECORDS)
  })
})
