import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CborMap } from '../../bytes/cbor.ts'
import type { Contact } from '../../dht/contact.ts'
import { contactOf } from '../../dht/contact.ts'
import type { QueryId } from '../../dht/dht.ts'
import type { Identity } from '../../identity/identity.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import {
  FOLLOW_MIN_MS,
  FOLLOW_RENEW_MS,
  FOLLOW_SERVERS,
  PRESENCE_GRACE_MS,
  TOLD_VALUES_BURST,
  TOLD_VALUES_PER_S,
  WATCH_LEASE_MS,
} from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { findAnswer, presenceBody, readPresenceBody } from '../../wire/registry-bodies.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import { decodePush, encodePush } from '../../wire/rpc-messages.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { Attendance } from './attendance.ts'
import type { OwnRequest } from './server-request.ts'
import { Watching } from './watching.ts'

const US = identityOf(1)
const ALICE = identityOf(2)
const [HOME, OTHER_HOME] = [identityOf(3), identityOf(4)]
const HOLDERS = [10, 11, 12, 13, 14].map(identityOf)
const CLIENT = 1 as LinkId
/** Of a server that asks us. */
const SERVER = 2 as LinkId

let now: number
let asked: { server: KeyId; key: KeyId }[]
let queries: KeyId[]
let known: Map<KeyId, Contact>
let attendance: Attendance
let watching: Watching

beforeEach(() => {
  now = 0
  asked = []
  queries = []
  known = new Map([HOME, OTHER_HOME].map(one => [one.keyId, contact(one)]))
  attendance = new Attendance()
  const mesh = {
    ask: (_: unknown, __: unknown, { owner }: { readonly owner: OwnRequest }) => {
      if (owner.kind === 'watch') asked.push({ server: owner.server, key: owner.key })
    },
    contact: (_: unknown, key: KeyId) => known.get(key),
    prefetch: () => {},
    find: (_: unknown, key: KeyId) => queries.push(key) as QueryId,
    closest: (_: unknown, count: number) => HOLDERS.map(contact).slice(0, count),
  }
  const isServer = (link: LinkId): boolean => link === SERVER
  const { publicKey } = US
  watching = new Watching(
    { suite: nodeSuite, net: NET, publicKey, isServer },
    mesh,
    attendance,
    at(),
  )
})

function contact({ publicKey }: Identity): Contact {
  return contactOf(nodeSuite, publicKey, 'wss://one.test')
}

function at() {
  return { now, unixMs: START_UNIX_MS + now }
}

function record(servers: readonly Identity[], seq = 0): SignedRecord {
  return recordOf(ALICE, {
    seq: START_UNIX_MS + seq,
    servers: servers.map(({ publicKey }) => publicKey),
  })
}

function value(signed: SignedRecord): RegistryValue {
  return { kind: 'record', signed }
}

function wait(ms: number): void {
  now += ms
  for (const key of attendance.timeout(at())) watching.attendanceChanged(key, false)
  watching.timeout(at())
}

/** What was told since the last time: over which link, the record's sequence, and whether the key is online. */
function told(): [link: number, seq: number | undefined, isOnline: boolean | undefined][] {
  const all: ReturnType<typeof told> = []
  for (let effect = watching.poll(); effect !== undefined; effect = watching.poll()) {
    if (effect.kind !== 'sendFrame') throw new Error(effect.kind)
    const { body } = decodePush(effect.bytes)
    const { value: news, isOnline } = readPresenceBody(body)
    const seq = news === undefined ? undefined : seqOf(news.bytes)
    all.push([effect.link, seq, isOnline])
  }
  return all
}

function seqOf(bytes: Uint8Array): number | undefined {
  const seqs = [0, 1, 2, 3]
  const records = [[HOME], [OTHER_HOME], [HOME, OTHER_HOME], [US], [US, HOME]]
  return seqs.find(seq =>
    records.some(servers => Buffer.compare(record(servers, seq).bytes, bytes) === 0),
  )
}

function answer(from: Identity, isOnline: boolean | undefined, signed?: SignedRecord): void {
  const body = findAnswer({
    value: signed && { kind: 'record', bytes: signed.bytes },
    isFinal: true,
    servers: [],
    ...(isOnline !== undefined && { isOnline }),
  })
  watching.watched(at(), ALICE.keyId, from.keyId, body)
}

function push(from: Identity, body: CborMap): void {
  watching.pushed(at(), 7 as LinkId, from.keyId, encodePush({ method: 'presence', body }))
}

/** A client watches Alice, whose record was found. */
function follow(signed: SignedRecord | undefined): void {
  watching.watch(at(), CLIENT, ALICE.keyId)
  wait(0)
  watching.found(at(), queries.length as QueryId, signed && value(signed))
}

describe('a key that a client watches', () => {
  it('is looked up, and asked for at its servers and at holders', () => {
    watching.watch(at(), CLIENT, ALICE.keyId)
    expect(watching.nextTimeout()).toBe(0)
    wait(0)
    expect(queries).toEqual([ALICE.keyId])
    watching.found(at(), 1 as QueryId, value(record([HOME])))
    expect(told()).toEqual([[CLIENT, 0, undefined]])
    expect(asked.map(({ server }) => server)).toEqual(
      [HOME, ...HOLDERS].slice(0, FOLLOW_SERVERS).map(({ keyId }) => keyId),
    )
    expect(watching.isLookedUp(ALICE.keyId)).toBe(true)
  })

  it('that nobody knows is asked for at holders', () => {
    follow(undefined)
    expect(told()).toEqual([])
    expect(asked).toHaveLength(FOLLOW_SERVERS)
  })

  it('is online where one of its servers says so, and offline once none does', () => {
    follow(record([HOME, OTHER_HOME]))
    told()
    answer(HOME, false)
    // The other one may still know better.
    expect(told()).toEqual([])
    answer(OTHER_HOME, true)
    expect(told()).toEqual([[CLIENT, undefined, true]])
    push(HOME, presenceBody({ key: ALICE.publicKey, isOnline: true }))
    push(OTHER_HOME, presenceBody({ key: ALICE.publicKey, isOnline: false }))
    expect(told()).toEqual([])
    push(HOME, presenceBody({ key: ALICE.publicKey, isOnline: false }))
    expect(told()).toEqual([[CLIENT, undefined, false]])
  })

  it('that moves is asked for at its new servers at once; the word of the old one no longer counts', () => {
    follow(record([HOME]))
    answer(HOME, true)
    told()
    now = 5_000
    asked = []
    push(
      HOLDERS[0] as Identity,
      presenceBody({
        key: ALICE.publicKey,
        value: { kind: 'record', bytes: record([OTHER_HOME], 1).bytes },
      }),
    )
    expect(told()).toEqual([[CLIENT, 1, undefined]])
    expect(watching.nextTimeout()).toBe(5_000)
    wait(0)
    expect(asked[0]).toEqual({ server: OTHER_HOME.keyId, key: ALICE.keyId })
    push(HOME, presenceBody({ key: ALICE.publicKey, isOnline: false }))
    answer(OTHER_HOME, true)
    expect(told()).toEqual([[CLIENT, undefined, true]])
  })

  it('is offline when its server does not answer any more', () => {
    follow(record([HOME]))
    answer(HOME, true)
    told()
    now = 10_000
    watching.linkClosed(at(), 7 as LinkId, HOME.keyId)
    wait(0)
    expect(asked.at(FOLLOW_SERVERS)).toEqual({ server: HOME.keyId, key: ALICE.keyId })
    expect(told()).toEqual([])
    watching.watched(at(), ALICE.keyId, HOME.keyId, undefined)
    expect(told()).toEqual([[CLIENT, undefined, false]])
  })

  it('is not offline because a holder does not answer', () => {
    follow(record([HOME]))
    told()
    watching.watched(at(), ALICE.keyId, (HOLDERS[0] as Identity).keyId, undefined)
    expect(watching.isOnline(CLIENT, ALICE.keyId, value(record([HOME])))).toBeUndefined()
    answer(HOME, true)
    watching.watched(at(), ALICE.keyId, (HOLDERS[0] as Identity).keyId, undefined)
    expect(told()).toEqual([[CLIENT, undefined, true]])
  })

  it('whose server is not known yet is asked for again a moment later, once', () => {
    known.clear()
    follow(record([HOME]))
    expect(asked.map(({ server }) => server)).not.toContain(HOME.keyId)
    known.set(HOME.keyId, contact(HOME))
    wait(FOLLOW_MIN_MS)
    expect(asked.at(-FOLLOW_SERVERS)?.server).toBe(HOME.keyId)
    known.clear()
    wait(FOLLOW_RENEW_MS)
    const count = asked.length
    wait(FOLLOW_MIN_MS)
    expect(asked).toHaveLength(count)
  })

  it('is renewed, and no longer followed once nobody watches it', () => {
    follow(record([HOME]))
    const once = asked.length
    wait(FOLLOW_RENEW_MS)
    expect(asked).toHaveLength(2 * once)
    watching.unwatch(CLIENT, ALICE.keyId)
    wait(FOLLOW_RENEW_MS)
    expect(asked).toHaveLength(2 * once)
    expect(watching.valueOf(ALICE.keyId)).toBeUndefined()
  })

  it.each([
    ['its link', () => watching.linkClosed(at(), CLIENT, undefined)],
    ['its lease', () => wait(WATCH_LEASE_MS)],
  ])('is no longer followed after %s ended, though a server watches it, too', (_, end) => {
    follow(record([HOME]))
    watching.watch(at(), SERVER, ALICE.keyId)
    end()
    watching.watch(at(), SERVER, ALICE.keyId)
    asked = []
    queries = []
    wait(FOLLOW_RENEW_MS)
    expect([...asked, ...queries]).toEqual([])
  })
})

describe('what servers say', () => {
  it('counts from those that were asked only', () => {
    follow(record([HOME]))
    told()
    const newer = { kind: 'record', bytes: record([OTHER_HOME], 1).bytes } as const
    for (const stranger of [OTHER_HOME, identityOf(99)]) {
      push(stranger, presenceBody({ key: ALICE.publicKey, value: newer, isOnline: true }))
      watching.watched(at(), ALICE.keyId, stranger.keyId, undefined)
    }
    push(HOME, presenceBody({ key: identityOf(98).publicKey, value: newer, isOnline: true }))
    expect(told()).toEqual([])
  })

  it.each([
    ['forged', () => forged(record([OTHER_HOME], 1))],
    ['of another key', () => recordOf(identityOf(98), { seq: START_UNIX_MS + 1 }).bytes],
    ['older', () => record([OTHER_HOME], 0).bytes],
    ['garbage', () => new Uint8Array(30)],
  ])('is not believed when its record is %s', (_, bytes) => {
    follow(record([HOME], 0))
    told()
    push(HOME, presenceBody({ key: ALICE.publicKey, value: { kind: 'record', bytes: bytes() } }))
    expect(told()).toEqual([])
    expect(watching.valueOf(ALICE.keyId)).toEqual(value(record([HOME], 0)))
  })

  it(`costs ${TOLD_VALUES_BURST} signatures at once, whatever it tells`, () => {
    follow(record([HOME], 0))
    const tell = (bytes: Uint8Array) =>
      push(HOME, presenceBody({ key: ALICE.publicKey, value: { kind: 'record', bytes } }))
    for (let i = 0; i < TOLD_VALUES_BURST; i++) tell(forged(record([OTHER_HOME], 1)))
    told()
    const news = record([OTHER_HOME], 1)
    tell(news.bytes)
    expect(told()).toEqual([])
    push(
      HOLDERS[0] as Identity,
      presenceBody({ key: ALICE.publicKey, value: { kind: 'record', bytes: news.bytes } }),
    )
    expect(told()).toEqual([[CLIENT, 1, undefined]])
    now += 1_000 / TOLD_VALUES_PER_S
    tell(record([HOME, OTHER_HOME], 2).bytes)
    expect(told()).toEqual([[CLIENT, 2, undefined]])
  })

  it('costs a link when it makes no sense, and nothing when it is of another kind', () => {
    watching.pushed(at(), CLIENT, HOME.keyId, encodePush({ method: 'other', body: new Map() }))
    expect(watching.poll()).toBeUndefined()
    watching.pushed(at(), CLIENT, HOME.keyId, encodePush({ method: 'presence', body: new Map() }))
    expect(watching.poll()).toEqual({ kind: 'misbehaved', link: CLIENT })
    watching.pushed(at(), CLIENT, HOME.keyId, Uint8Array.of(0x22, 0xff))
    expect(watching.poll()).toEqual({ kind: 'misbehaved', link: CLIENT })
  })

  it('is told to clients, and not passed on to servers', () => {
    watching.watch(at(), SERVER, ALICE.keyId)
    follow(record([HOME]))
    answer(HOME, true)
    expect(told().map(([link]) => link)).toEqual([CLIENT, CLIENT])
    expect(watching.isOnline(CLIENT, ALICE.keyId, value(record([HOME])))).toBe(true)
    expect(watching.isOnline(SERVER, ALICE.keyId, value(record([HOME])))).toBeUndefined()
  })
})

describe('what happens here', () => {
  it('is told to everybody who watches', () => {
    watching.watch(at(), SERVER, ALICE.keyId)
    follow(undefined)
    watching.changed(at(), ALICE.keyId, value(record([US], 1)))
    expect(told()).toEqual([
      [SERVER, 1, undefined],
      [CLIENT, 1, undefined],
    ])
    attendance.came(ALICE.keyId)
    watching.attendanceChanged(ALICE.keyId, true)
    expect(told()).toEqual([
      [SERVER, undefined, true],
      [CLIENT, undefined, true],
    ])
    attendance.left(at(), ALICE.keyId)
    wait(PRESENCE_GRACE_MS)
    expect(told()).toEqual([
      [SERVER, undefined, false],
      [CLIENT, undefined, false],
    ])
  })

  it('does not make a key offline that is attached elsewhere, but servers hear that it went', () => {
    watching.watch(at(), SERVER, ALICE.keyId)
    follow(record([US, HOME]))
    attendance.came(ALICE.keyId)
    answer(HOME, true)
    told()
    attendance.left(at(), ALICE.keyId)
    wait(PRESENCE_GRACE_MS)
    expect(told()).toEqual([
      [SERVER, undefined, false],
      [CLIENT, undefined, true],
    ])
  })

  it('says for sure that a key is not online which should be here', () => {
    expect(watching.isOnline(SERVER, ALICE.keyId, value(record([US])))).toBe(false)
    expect(watching.isOnline(CLIENT, ALICE.keyId, value(record([US])))).toBe(false)
    expect(watching.isOnline(SERVER, ALICE.keyId, value(record([HOME])))).toBeUndefined()
    expect(watching.isOnline(SERVER, ALICE.keyId, undefined)).toBeUndefined()
    attendance.came(ALICE.keyId)
    expect(watching.isOnline(SERVER, ALICE.keyId, undefined)).toBe(true)
  })
})
