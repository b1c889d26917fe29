import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CborMap } from '../../bytes/cbor.ts'
import type { Identity } from '../../identity/identity.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkPeer } from '../../link/link.ts'
import type { LinkId } from '../../link/link-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { findNodeBody } from '../../wire/dht-bodies.ts'
import { FRAME } from '../../wire/frame-type.ts'
import {
  MAX_RECORDS,
  MAX_SUBSCRIPTIONS_PER_LINK,
  MAX_WAITING_FINDS_PER_LINK,
  MAX_WAITING_FINDS_PER_NETWORK,
  RPC_BURST,
  RPC_SPREAD_COST,
  SERVER_RETRY_MS,
} from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { NodeRecord, NodeType } from '../../wire/record.ts'
import {
  findBody,
  presenceBody,
  readFindAnswer,
  readPresenceBody,
  readServersAnswer,
  recordBody,
  revokeBody,
  watchBody,
} from '../../wire/registry-bodies.ts'
import { signRevocation } from '../../wire/revocation.ts'
import type { RpcMethod } from '../../wire/rpc-messages.ts'
import { decodePush, decodeResponse, encodePush, encodeRequest } from '../../wire/rpc-messages.ts'
import { OwnRecord } from '../registry/own-record.ts'
import { identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { ServerSide } from './server-side.ts'
import type { ServerSideEffect } from './server-side-types.ts'

const US = identityOf(1)
const [ALICE, BOB, PEER] = [identityOf(2), identityOf(3), identityOf(4)]
const LOST = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined } as const
const WELCOME: Welcome = {
  keepaliveMs: 10_000,
  timeMs: START_UNIX_MS,
  limits: { maxMessageBytes: 65_536 },
  addressClass: 'public',
  sample: [],
}

let now: number
let server: ServerSide
/** The open links of each key. */
let links: Map<string, LinkId[]>
let lastId: number
let effects: ServerSideEffect[]

beforeEach(() => make())

function make(suite = nodeSuite): void {
  now = 0
  lastId = 0
  links = new Map()
  effects = []
  const own = { suite, random: seededRandom(1), identity: US, net: NET, endpoints: [] }
  const ownRecord = new OwnRecord({ ...own, type: 'server', isRelay: false }, at())
  server = new ServerSide(
    {
      suite,
      random: seededRandom(2),
      net: NET,
      relay: undefined,
      join: [],
      allowsPlainDials: false,
      isCarrying: () => false,
      linksOf: key => links.get(key) ?? [],
      rttTo: () => undefined,
    },
    ownRecord,
    at(),
  )
}

function at() {
  return { now, unixMs: START_UNIX_MS + now }
}

function drain(): ServerSideEffect[] {
  for (let effect = server.poll(); effect !== undefined; effect = server.poll()) {
    effects.push(effect)
  }
  return effects.splice(0)
}

function peerOf({ publicKey, keyId }: Identity, type: NodeType): LinkPeer {
  return { publicKey, keyId, type, version: 1 }
}

/** Somebody opens a link to us, or `isOurs`: we to somebody. */
function open(
  link: number,
  who: Identity,
  type: NodeType = 'client',
  isOurs = false,
  network?: string,
): void {
  links.set(who.keyId, [...(links.get(who.keyId) ?? []), link as LinkId])
  const welcome = isOurs ? WELCOME : undefined
  server.linkOpened(at(), link as LinkId, peerOf(who, type), welcome, network)
}

function close(link: number, { keyId }: Identity): void {
  links.set(
    keyId,
    (links.get(keyId) ?? []).filter(one => one !== link),
  )
  server.linkClosed(at(), link as LinkId, LOST)
}

/** The answer, `undefined` while there is none; what else happened stays in `effects`. */
function request(link: number, method: RpcMethod | 'other', body: CborMap) {
  lastId += 1
  const bytes = encodeRequest({ id: lastId, method, body })
  server.frame(at(), link as LinkId, FRAME.request, bytes)
  return response(lastId)
}

function response(id: number) {
  effects = drain()
  const at = effects.findIndex(
    effect =>
      effect.kind === 'sendFrame' &&
      effect.bytes[0] === FRAME.response &&
      decodeResponse(effect.bytes).id === id,
  )
  const [found] = at < 0 ? [] : effects.splice(at, 1)
  return found?.kind === 'sendFrame' ? decodeResponse(found.bytes) : undefined
}

function code(answer: ReturnType<typeof request>): string | undefined {
  return answer && 'error' in answer ? answer.error : answer && 'ok'
}

function publish(link: number, who: Identity, fields: Partial<Omit<NodeRecord, 'key'>> = {}) {
  return code(request(link, 'publish', recordBody(recordOf(who, fields).bytes)))
}

function find(link: number, { publicKey }: Identity, isFull = false) {
  const answer = request(link, 'find', findBody(publicKey, isFull))
  return answer && 'body' in answer ? readFindAnswer(answer.body) : code(answer)
}

function revocation(who: Identity): Uint8Array {
  return signRevocation(nodeSuite, who, { net: NET, atMs: START_UNIX_MS }).bytes
}

/** So that there is somebody to ask; nobody answers. */
function join(): void {
  server.learnNeighbour(at(), { scheme: 'wss', host: 'peer.test', port: 443 }, PEER.keyId)
  dialed(80)
  open(80, PEER, 'server', true)
  drain()
}

/** Performs the dials that were asked for. @returns their hosts */
function dialed(link: number): string[] {
  return drain().flatMap(effect => {
    if (effect.kind !== 'dial') return []
    server.dialing(effect.dial, link as LinkId)
    return [effect.url.host]
  })
}

describe('those attached', () => {
  it('publish their own records only', () => {
    open(1, ALICE)
    expect(publish(1, ALICE)).toBe('ok')
    expect(publish(1, BOB)).toBe('INVALID_RECORD')
    expect(publish(1, ALICE, { seq: START_UNIX_MS - 1 })).toBe('SEQ_TOO_LOW')
    expect(find(1, ALICE)).toMatchObject({ isFinal: true, value: { kind: 'record' } })
    expect(find(1, BOB)).toMatchObject({ isFinal: true, value: undefined })
  })

  it('find the record of the server itself', () => {
    open(1, ALICE)
    const { value } = find(1, US) as ReturnType<typeof readFindAnswer>
    expect(value?.kind).toBe('record')
  })

  it.each([
    ['publish', new Map()],
    ['publish', recordBody(new Uint8Array(9))],
    ['revoke', revokeBody(new Uint8Array(9))],
    ['find', new Map()],
    ['watch', new Map([['key', new Uint8Array(31)]])],
    ['unwatch', new Map()],
  ] as const)('are refused a %s of another shape', (method, body) => {
    open(1, ALICE)
    expect(code(request(1, method, body))).toBe('BAD_REQUEST')
  })

  it('have servers to ask the registry for them', () => {
    open(1, ALICE)
    for (const method of [
      'findNode',
      'findRecord',
      'storeRecord',
      'findServices',
      'storeService',
    ] as const) {
      expect(code(request(1, method, new Map()))).toBe('UNKNOWN_METHOD')
    }
  })

  it('are refused what is no method, and cut off for what is no request', () => {
    open(1, ALICE)
    expect(code(request(1, 'other', new Map()))).toBe('UNKNOWN_METHOD')
    server.frame(at(), 1 as LinkId, FRAME.request, Uint8Array.of(FRAME.request, 0xff))
    expect(drain()).toEqual([{ kind: 'misbehaved', link: 1 }])
    server.frame(at(), 1 as LinkId, FRAME.response, Uint8Array.of(FRAME.response, 0xff))
    expect(drain()).toEqual([{ kind: 'misbehaved', link: 1 }])
  })

  it(`ask ${RPC_BURST} times at once, and are busy then`, () => {
    open(1, ALICE)
    for (let i = 1; i < RPC_BURST; i++) find(1, US)
    expect(find(1, US)).toMatchObject({ isFinal: true })
    expect(find(1, US)).toBe('BUSY')
    now += 1_000
    expect(find(1, US)).toMatchObject({ isFinal: true })
  })

  it('publish less often than they ask', () => {
    open(1, ALICE)
    const seqs = Array.from({ length: RPC_BURST / RPC_SPREAD_COST }, (_, i) => START_UNIX_MS + i)
    for (const seq of seqs) expect(publish(1, ALICE, { seq })).toBe('ok')
    expect(publish(1, ALICE, { seq: START_UNIX_MS + 999 })).toBe('BUSY')
  })

  it('say nothing about others that anybody is told', () => {
    open(1, ALICE)
    open(2, BOB)
    request(1, 'watch', watchBody(PEER.publicKey))
    drain()
    const body = presenceBody({ key: PEER.publicKey, isOnline: true })
    server.frame(at(), 2 as LinkId, FRAME.push, encodePush({ method: 'presence', body }))
    expect(drain()).toEqual([])
  })
})

describe('a watch', () => {
  it('tells of comings and goings, and of records', () => {
    open(1, ALICE)
    request(1, 'watch', watchBody(BOB.publicKey))
    open(2, BOB)
    publish(2, BOB)
    const news = drain().flatMap(effect =>
      effect.kind === 'sendFrame' ? [readPresenceBody(decodePush(effect.bytes).body)] : [],
    )
    expect(news.map(({ isOnline, value }) => isOnline ?? value?.kind)).toEqual([true, 'record'])
  })

  it(`is one of ${MAX_SUBSCRIPTIONS_PER_LINK} of a link`, () => {
    open(1, ALICE)
    for (let i = 0; i < MAX_SUBSCRIPTIONS_PER_LINK; i++) {
      now += 20
      const key = new Uint8Array(32).fill(1)
      new DataView(key.buffer).setUint32(0, i)
      request(1, 'watch', watchBody(key))
    }
    expect(code(request(1, 'watch', watchBody(BOB.publicKey)))).toBe('QUOTA')
    request(1, 'unwatch', watchBody(new Uint8Array([0, 0, 0, 0, ...new Uint8Array(28).fill(1)])))
    expect(code(request(1, 'watch', watchBody(BOB.publicKey)))).toBe('ok')
  })
})

describe('a revoked key', () => {
  it('is cut off after its answer, refused at the door, and refused as a publisher', () => {
    open(1, ALICE)
    open(2, ALICE)
    publish(1, ALICE)
    expect(code(request(1, 'revoke', revokeBody(revocation(ALICE))))).toBe('ok')
    const closed = drain().flatMap(effect => (effect.kind === 'close' ? [effect] : []))
    expect(closed).toEqual([
      { kind: 'close', link: 1, reason: 'revoked' },
      { kind: 'close', link: 2, reason: 'revoked' },
    ])
    expect(server.admit(at(), peerOf(ALICE, 'client'))).toBe('revoked')
    expect(server.admit(at(), peerOf(BOB, 'client'))).toBeUndefined()
    expect(publish(2, ALICE, { seq: START_UNIX_MS + 1 })).toBe('REVOKED')
    open(3, BOB)
    expect(find(3, ALICE)).toMatchObject({ isFinal: true, value: { kind: 'revocation' } })
  })

  it('is revoked by itself only', () => {
    open(1, BOB)
    expect(code(request(1, 'revoke', revokeBody(revocation(ALICE))))).toBe('INVALID_RECORD')
  })
})

describe('lookups', () => {
  it('wait for the registry where there is one, except for those that are attached here', () => {
    join()
    open(1, ALICE)
    expect(find(1, BOB)).toBeUndefined()
    open(2, BOB)
    publish(2, BOB)
    expect(find(1, BOB)).toMatchObject({ isFinal: true, value: { kind: 'record' } })
  })

  it('are answered in the end, though nobody there answers', () => {
    join()
    open(1, ALICE)
    const id = lastId + 1
    expect(find(1, BOB)).toBeUndefined()
    let answer: ReturnType<typeof response>
    for (let i = 0; i < 20 && answer === undefined; i++) {
      now += 500
      server.timeout(at())
      answer = response(id)
    }
    expect(answer && 'body' in answer ? readFindAnswer(answer.body) : undefined).toMatchObject({
      isFinal: true,
      value: undefined,
    })
  })

  it(`are ${MAX_WAITING_FINDS_PER_LINK} at once for one link, which makes room when it closes`, () => {
    join()
    open(1, ALICE)
    const strangers = Array.from({ length: MAX_WAITING_FINDS_PER_LINK }, (_, i) =>
      identityOf(100 + i),
    )
    for (const stranger of strangers) expect(find(1, stranger)).toBeUndefined()
    expect(find(1, BOB)).toBe('BUSY')
    open(2, BOB)
    expect(find(2, identityOf(99))).toBeUndefined()
    close(1, ALICE)
    open(3, ALICE)
    expect(find(3, identityOf(98))).toBeUndefined()
  })

  it(`are ${MAX_WAITING_FINDS_PER_NETWORK} at once for the links of one network together`, () => {
    join()
    const network = '192.0.2.0/24'
    const crowd = MAX_WAITING_FINDS_PER_NETWORK / MAX_WAITING_FINDS_PER_LINK
    for (let link = 1; link <= crowd; link++) {
      open(link, identityOf(500 + link), 'client', false, network)
      for (let i = 0; i < MAX_WAITING_FINDS_PER_LINK; i++) {
        expect(find(link, identityOf(1_000 * link + i))).toBeUndefined()
      }
    }
    open(60, ALICE, 'client', false, network)
    expect(find(60, BOB)).toBe('BUSY')
    open(61, ALICE, 'client', false, '198.51.100.0/24')
    expect(find(61, BOB)).toBeUndefined()
    close(1, identityOf(501))
    expect(find(60, BOB)).toBeUndefined()
  })
})

describe('servers', () => {
  const introduce = (link: number, url: string, seq = 0) =>
    publish(link, PEER, { type: 'server', seq: START_UNIX_MS + seq, endpoints: [{ url }] })

  it('that come are reached at the address that they say, and proven by that', () => {
    open(5, PEER, 'server')
    expect(introduce(5, 'wss://peer.test')).toBe('ok')
    expect(dialed(6)).toEqual(['peer.test'])
    expect(server.isProven(PEER.keyId)).toBe(false)
    open(6, PEER, 'server', true)
    expect(drain().filter(({ kind }) => kind === 'proven')).toEqual([
      { kind: 'proven', server: PEER.keyId },
    ])
    expect(server.isProven(PEER.keyId)).toBe(true)
    expect(server.network).toEqual({ state: 'joined', servers: 1 })
    expect(introduce(5, 'wss://peer.test', 1)).toBe('ok')
    expect(dialed(7)).toEqual([])
  })

  it('do not make us dial one address again and again', () => {
    open(5, PEER, 'server')
    introduce(5, 'wss://peer.test')
    dialed(6)
    close(6, PEER)
    drain()
    introduce(5, 'wss://peer.test', 1)
    expect(dialed(7)).toEqual([])
    now = SERVER_RETRY_MS
    introduce(5, 'wss://peer.test', 2)
    expect(dialed(7)).toEqual(['peer.test'])
  })

  it('without TLS are not dialed', () => {
    open(5, PEER, 'server')
    expect(introduce(5, 'ws://peer.test')).toBe('ok')
    expect(dialed(6)).toEqual([])
  })

  it('that turn out to be clients are let go, and never proven', () => {
    open(5, PEER, 'server')
    introduce(5, 'wss://peer.test')
    dialed(6)
    open(6, PEER, 'client', true)
    expect(drain().filter(({ kind }) => kind !== 'save')).toEqual([
      { kind: 'close', link: 6, reason: 'refused' },
    ])
    close(6, PEER)
    expect(server.isProven(PEER.keyId)).toBe(false)
    expect(server.network).toEqual({ state: 'alone' })
  })

  it('may ask for much more once they are proven', () => {
    open(5, PEER, 'server')
    const ask = () => code(request(5, 'findNode', findNodeBody(new Uint8Array(32))))
    for (let i = 0; i < RPC_BURST; i++) ask()
    expect(ask()).toBe('BUSY')
    now = 1_000
    introduce(5, 'wss://peer.test')
    dialed(6)
    open(6, PEER, 'server', true)
    drain()
    for (let i = 0; i < 4 * RPC_BURST; i++) expect(ask()).toBe('ok')
  })

  it('are found, dialed and told of when circuits are to go on to them', () => {
    server.reach(at(), PEER.keyId)
    expect(drain()).toEqual([{ kind: 'noLink', server: PEER.keyId }])
    join()
    close(80, PEER)
    server.reach(at(), PEER.keyId)
    expect(dialed(81)).toEqual(['peer.test'])
    close(81, PEER)
    expect(drain()).toContainEqual({ kind: 'noLink', server: PEER.keyId })
  })

  it('are told by WELCOME to those who come, and to those who ask', () => {
    open(5, PEER, 'server')
    introduce(5, 'wss://peer.test')
    dialed(6)
    const { bytes } = recordOf(PEER, { type: 'server', endpoints: [{ url: 'wss://peer.test' }] })
    const welcome = { ...WELCOME, record: bytes }
    server.linkOpened(at(), 6 as LinkId, peerOf(PEER, 'server'), welcome, undefined)
    expect(server.welcome(peerOf(ALICE, 'client'), at()).sample).toEqual([bytes])
    open(7, ALICE)
    const answer = request(7, 'servers', new Map())
    expect(answer && 'body' in answer && readServersAnswer(answer.body)).toEqual([bytes])
  })
})

describe('an own record', () => {
  it('of another life, with a clock that was ahead, is outdone', () => {
    const old = recordOf(US, { type: 'server', seq: START_UNIX_MS + 60_000, ttlS: 86_400 })
    const storeKey = `record/${Buffer.from(US.publicKey).toString('hex')}`
    server.restore(at(), [[storeKey, old.bytes]])
    server.start(at())
    const saved = drain().flatMap(effect => (effect.kind === 'save' ? [effect.key] : []))
    expect(saved).toEqual([storeKey])
    open(1, ALICE)
    const { value } = find(1, US) as ReturnType<typeof readFindAnswer>
    expect(value?.bytes).toEqual(server.welcome(peerOf(ALICE, 'client'), at()).record)
  })
})

it('after its stop nothing follows from links that end', () => {
  join()
  server.reach(at(), ALICE.keyId)
  open(1, BOB)
  drain()
  server.stop()
  close(80, PEER)
  close(1, BOB)
  expect(drain()).toEqual([])
})

it('a full server keeps the records of those attached, and one that leaves for good makes way', () => {
  // Signing as many takes minutes: this provider believes everything.
  make({ ...nodeSuite, verify: () => true })
  const template = recordOf(ALICE)
  const keyAt = Buffer.from(template.bytes).indexOf(template.record.key)
  const saved = new Map<string, Uint8Array>()
  const keys: Uint8Array[] = []
  for (let i = 0; i < MAX_RECORDS; i++) {
    const bytes = template.bytes.slice()
    new DataView(bytes.buffer).setUint32(keyAt, i)
    const key = bytes.subarray(keyAt, keyAt + 32)
    saved.set(`record/${Buffer.from(key).toString('hex')}`, bytes)
    keys.push(key)
  }
  server.restore(at(), saved)
  const attach = (link: number, publicKey: Uint8Array): void => {
    const keyId = keyIdOf(publicKey)
    const peer: LinkPeer = { publicKey, keyId, type: 'client', version: 1 }
    server.linkOpened(at(), link as LinkId, peer, undefined, undefined)
  }
  keys.forEach((key, link) => {
    attach(link, key)
  })
  const second = MAX_RECORDS + 1
  attach(second, keys[5] as Uint8Array)
  open(MAX_RECORDS, BOB)
  const lost = (link: number): void => server.linkClosed(at(), link as LinkId, LOST)
  expect(publish(MAX_RECORDS, BOB)).toBe('QUOTA')
  lost(5)
  expect(publish(MAX_RECORDS, BOB)).toBe('QUOTA')
  lost(second)
  expect(publish(MAX_RECORDS, BOB)).toBe('ok')
  const dropped = drain().flatMap(effect =>
    effect.kind === 'save' && effect.value === undefined ? [effect.key] : [],
  )
  expect(dropped).toEqual([[...saved.keys()][5]])
  expect(server.records).toBe(MAX_RECORDS)
})
