// What a client does with each answer to its record, by a server of our own making.

import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import type { LinkId } from '../link/link-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { MAX_SEQUENCE_RAISES, PUBLISH_RETRY_MAX_MS, RPC_TIMEOUT_MS } from '../wire/limits.ts'
import { decodeRecord } from '../wire/record.ts'
import { EMPTY_BODY, foundBody, readRecordBody } from '../wire/registry-bodies.ts'
import type { RpcErrorCode } from '../wire/rpc-messages.ts'
import { decodeRequest, encodeResponse } from '../wire/rpc-messages.ts'
import type { AttachmentView } from './effects.ts'
import { HomeServers } from './home-servers.ts'
import { OwnRecord } from './own-record.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { forged, identityOf, NET, recordOf } from './testing/records.ts'

const own = identityOf(1)
const server = identityOf(2)
const LINK = 1 as LinkId
let now: number
let homes: HomeServers

function time() {
  return { now, unixMs: START_UNIX_MS + now }
}

interface Asked {
  readonly link: LinkId
  readonly id: number
  readonly method: string
  /** Of a published record. */
  readonly seq: number
}

/** Requests since the last call. */
function asked(): Asked[] {
  const all: Asked[] = []
  for (let effect = homes.poll(); effect !== undefined; effect = homes.poll()) {
    if (effect.kind !== 'sendFrame') continue
    const { id, method, body } = decodeRequest(effect.bytes)
    const seq = method === 'publish' ? decodeRecord(readRecordBody(body)).record.seq : 0
    all.push({ link: effect.link, id, method, seq })
  }
  return all
}

function only(): Asked {
  const [one, ...rest] = asked()
  if (one === undefined || rest.length > 0) throw new Error(`${rest.length} too many, or none`)
  return one
}

function respond({ link, id }: Asked, error?: RpcErrorCode): void {
  const bytes = encodeResponse(
    error === undefined ? { id, body: EMPTY_BODY } : { id, error, hint: 'so it\u0007is' },
  )
  homes.frame(time(), link, 0x21, bytes)
}

function show({ link, id }: Asked, record: Uint8Array | undefined): void {
  homes.frame(time(), link, 0x21, encodeResponse({ id, body: foundBody(record) }))
}

function open(index: number, link: LinkId, identity = server): void {
  homes.dialing(time(), index, link)
  const peer = {
    publicKey: identity.publicKey,
    keyId: identity.keyId,
    type: 'server',
    version: 1,
  } as const
  homes.linkOpened(time(), link, peer, {
    keepaliveMs: 10_000,
    timeMs: START_UNIX_MS,
    limits: { maxMessageBytes: 65_536 },
    addressClass: 'unknown',
    record: recordOf(identity, { type: 'server' }).bytes,
    sample: [],
  })
}

function view(): AttachmentView | undefined {
  return homes.views(time())[0]
}

function advance(ms: number): void {
  now += ms
  homes.timeout(time())
}

beforeEach(() => {
  now = 1_000
  const random = seededRandom(1)
  const record = new OwnRecord(
    {
      suite: nodeSuite,
      random,
      identity: own,
      type: 'client',
      net: NET,
      endpoints: [],
      isRelay: false,
    },
    time(),
  )
  const servers = ['one', 'two'].map(host => ({ scheme: 'ws', host, port: 80 }) as const)
  homes = new HomeServers({ suite: nodeSuite, random, net: NET, servers }, record)
  homes.start(time())
  open(0, LINK)
})

describe('a record', () => {
  it('makes the server online once it is kept', () => {
    const request = only()
    expect(view()?.state).toBe('connecting')
    respond(request)
    expect(view()).toMatchObject({ state: 'online', key: server.keyId })
    expect(view()?.failure).toBeUndefined()
  })

  it.each([
    ['STORAGE', 'STORAGE'],
    ['QUOTA', 'QUOTA'],
    ['BUSY', 'QUOTA'],
    ['INVALID_RECORD', 'REFUSED'],
    ['BAD_REQUEST', 'REFUSED'],
  ] as const)(
    'that is refused for %s shows as %s, and is sent again later and later',
    (code, shown) => {
      respond(only(), code)
      expect(view()).toMatchObject({ state: 'online', failure: { code: shown } })
      expect(view()?.failure?.message).toContain('(so itis)')
      let pauseMs = RPC_TIMEOUT_MS
      for (let i = 0; i < 8; i++) {
        advance(pauseMs - 1)
        expect(asked()).toEqual([])
        advance(1)
        respond(only(), code)
        pauseMs = Math.min(2 * pauseMs, PUBLISH_RETRY_MAX_MS)
      }
      advance(pauseMs)
      respond(only())
      expect(view()?.failure).toBeUndefined()
    },
  )

  it('that changes meanwhile waits for the end of the pause, too', () => {
    respond(only(), 'QUOTA')
    open(1, 2 as LinkId, identityOf(3))
    expect(asked().map(({ link }) => link)).toEqual([2])
    advance(RPC_TIMEOUT_MS)
    expect(asked().map(({ link }) => link)).toContain(LINK)
  })

  it('that is not answered is sent again', () => {
    only()
    advance(RPC_TIMEOUT_MS)
    expect(view()).toMatchObject({ failure: { code: 'TIMEOUT' } })
    advance(RPC_TIMEOUT_MS)
    expect(only().method).toBe('publish')
  })
})

describe('a sequence number that is too low', () => {
  it.each(['SEQ_TOO_LOW', 'SEQ_REUSED'] as const)(
    '(%s) rises above a true record of ours, once',
    code => {
      const first = only()
      respond(first, code)
      const find = only()
      expect(find.method).toBe('find')
      const ahead = recordOf(own, { seq: first.seq + 300_000 })
      show(find, ahead.bytes)
      const second = only()
      expect(second).toMatchObject({ method: 'publish', seq: ahead.record.seq + 1 })
      respond(second)
      expect(view()).toMatchObject({ state: 'online' })
      expect(view()?.failure).toBeUndefined()
    },
  )

  it.each([
    ['forged', (seq: number) => forged(recordOf(own, { seq: seq + 1_000 }))],
    ['of another key', (seq: number) => recordOf(server, { seq: seq + 1_000 }).bytes],
    ['of the far future', (seq: number) => recordOf(own, { seq: seq + 1e9 }).bytes],
    ['older', (seq: number) => recordOf(own, { seq: seq - 1 }).bytes],
    ['damaged', () => new Uint8Array(20)],
    ['not there', () => undefined],
  ])('does not rise for a record that is %s: the server is told of as refusing', (_name, make) => {
    const first = only()
    respond(first, 'SEQ_TOO_LOW')
    show(only(), make(first.seq))
    expect(asked()).toEqual([])
    expect(view()).toMatchObject({ state: 'online', failure: { code: 'REFUSED' } })
    advance(RPC_TIMEOUT_MS)
    expect(only()).toMatchObject({ method: 'publish', seq: first.seq })
  })

  it('cannot be claimed over and over: a lying server costs work only so often', () => {
    let requests = 0
    let last = only()
    for (let i = 0; i < 50; i++) {
      requests += 1
      if (last.method === 'publish') respond(last, 'SEQ_TOO_LOW')
      else show(last, recordOf(own, { seq: START_UNIX_MS + now + 1_000 + 1_000 * i }).bytes)
      const [next] = asked()
      if (next === undefined) break
      last = next
    }
    expect(requests).toBe(2 * MAX_SEQUENCE_RAISES + 1)
    expect(view()).toMatchObject({ failure: { code: 'REFUSED' } })
  })

  it('claimed by one server is no reason to ask another for more patience', () => {
    const honest = identityOf(3)
    respond(only())
    open(1, 2 as LinkId, honest)
    const requests = asked()
    expect(requests.map(({ method }) => method)).toEqual(['publish', 'publish'])
    let rounds = 0
    for (let pending = requests; pending.length > 0 && rounds < 50; rounds++) {
      for (const one of pending) {
        if (one.link === LINK) respond(one)
        else if (one.method === 'publish') respond(one, 'SEQ_TOO_LOW')
        else show(one, recordOf(own, { seq: START_UNIX_MS + now + 1_000 * (rounds + 1) }).bytes)
      }
      pending = asked()
    }
    expect(rounds).toBeLessThan(4 * MAX_SEQUENCE_RAISES)
    expect(homes.views(time()).map(({ failure }) => failure?.code)).toEqual([undefined, 'REFUSED'])
  })
})
