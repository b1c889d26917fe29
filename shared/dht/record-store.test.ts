import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { toHex } from '../bytes/hex.ts'
import type { Identity } from '../identity/identity.ts'
import { dhtIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { CLOCK_SLACK_MS, RECORD_SWEEP_MS, REVOCATION_KEEP_MS } from '../wire/limits.ts'
import type { ValueKind } from '../wire/registry-value.ts'
import { RecordStore } from './record-store.ts'
import type { Offer } from './store-verdict.ts'
import {
  forged,
  identityOf,
  later,
  NET,
  recordOf,
  revocationOf,
  TIME,
  UNIX_MS,
} from './testing/values.ts'

const alice = identityOf(1)
const bob = identityOf(2)
const peer = identityOf(3).keyId
const LIFE_MS = 3_600_000 + CLOCK_SLACK_MS
const newer = (by = 1) => ({ seq: UNIX_MS + by })

let store: RecordStore

beforeEach(() => {
  store = new RecordStore({ suite: nodeSuite, net: NET, ownId: dhtIdOf(nodeSuite, bob.publicKey) })
})

function offer(
  bytes: Uint8Array,
  over: Partial<Offer> = {},
  time = TIME,
  kind: ValueKind = 'record',
): string {
  const verdict = store.offer(time, bytes, kind, {
    isHome: false,
    isNear: true,
    source: peer,
    ...over,
  })
  return typeof verdict === 'string' ? verdict : verdict.error
}

const revoke = (bytes: Uint8Array, time = TIME) => offer(bytes, {}, time, 'revocation')
const found = ({ keyId }: Identity, time: Time = TIME) => store.bytes(time, keyId)?.bytes

function storeKey({ publicKey }: Identity, prefix = 'record/'): string {
  return prefix + toHex(publicKey)
}

/** What happened since the last call, each as short words. */
function effects(): string[] {
  const all: string[] = []
  for (let effect = store.poll(); effect !== undefined; effect = store.poll()) {
    if (effect.kind === 'save') {
      all.push(`${effect.value === undefined ? 'delete' : 'save'} ${effect.key}`)
    } else if (effect.kind === 'changed') all.push(`changed ${effect.value.kind}`)
    else all.push(effect.kind)
  }
  return all
}

describe('a record', () => {
  it('is kept, saved, told and found, once', () => {
    const bytes = recordOf(alice)
    expect(offer(bytes)).toBe('stored')
    expect(offer(bytes)).toBe('known')
    expect(found(alice)).toEqual(bytes)
    const value = store.get(TIME, alice.keyId)
    expect(value?.kind).toBe('record')
    expect(value?.signed.bytes).toEqual(bytes)
    expect([found(bob), store.get(TIME, bob.keyId)]).toEqual([undefined, undefined])
    expect(effects()).toEqual([`save ${storeKey(alice)}`, 'changed record'])
    expect([...store.keys()]).toEqual([alice.keyId])
  })

  it('gives way to a newer one', () => {
    offer(recordOf(alice))
    effects()
    const bytes = recordOf(alice, newer())
    expect(offer(bytes)).toBe('stored')
    expect(found(alice)).toEqual(bytes)
    expect(store.size).toBe(1)
    expect(effects()).toEqual([`save ${storeKey(alice)}`, 'changed record'])
  })

  it.each([
    ['a lower sequence', 'SEQ_TOO_LOW', recordOf(alice, newer(-1))],
    ['the same one with other bytes', 'SEQ_REUSED', recordOf(alice, { relay: 1 })],
    ['a forged one', 'INVALID_RECORD', forged(recordOf(alice, newer()))],
    ['no record', 'INVALID_RECORD', new Uint8Array(10)],
    ['a revocation called a record', 'INVALID_RECORD', revocationOf(alice)],
    [
      'one of another network',
      'INVALID_RECORD',
      recordOf(alice, { ...newer(), net: new Uint8Array(16).fill(1) }),
    ],
    ['one of the future', 'INVALID_RECORD', recordOf(alice, newer(CLOCK_SLACK_MS + 1))],
    [
      'one that has expired',
      'INVALID_RECORD',
      recordOf(alice, { ...newer(), seenMs: UNIX_MS - 2 * 86_400_000 }),
    ],
  ])('stays when %s is offered', (_name, code, bytes) => {
    const kept = recordOf(alice)
    offer(kept)
    effects()
    expect(offer(bytes)).toBe(code)
    expect(found(alice)).toEqual(kept)
    expect(effects()).toEqual([])
  })

  it('is kept as a copy, and handed out as copies', () => {
    const packet = new Uint8Array(2_000)
    const bytes = recordOf(alice)
    packet.set(bytes, 100)
    offer(packet.subarray(100, 100 + bytes.length))
    const told = [store.poll(), store.poll()]
    packet.fill(0)
    found(alice)?.fill(0)
    store.get(TIME, alice.keyId)?.signed.bytes.fill(0)
    expect(found(alice)).toEqual(bytes)
    expect(told[0]).toMatchObject({ kind: 'save', value: bytes })
    expect(told[1]).toMatchObject({ kind: 'changed', value: { signed: { bytes } } })
  })
})

describe('who may store', () => {
  it('any peer what is near, nobody but the key itself what is not', () => {
    const far = { isNear: false }
    expect(offer(recordOf(alice), far)).toBe('NOT_CLOSE')
    expect(offer(recordOf(alice), { ...far, isHome: true })).toBe('INVALID_RECORD')
    expect(offer(recordOf(alice), { ...far, isHome: true, source: alice.keyId })).toBe('stored')
    expect(revoke(revocationOf(bob))).toBe('stored')
  })

  it('anybody what is newer than what is kept anyway', () => {
    offer(recordOf(alice), { isNear: false, isHome: true, source: alice.keyId })
    expect(offer(recordOf(alice, newer()), { isNear: false })).toBe('stored')
    expect(offer(revocationOf(alice), { isNear: false }, TIME, 'revocation')).toBe('stored')
  })

  it('nobody, before signatures are looked at', () => {
    let checks = 0
    const suite = { ...nodeSuite, verify: () => ++checks > 0 }
    store = new RecordStore({ suite, net: NET, ownId: new Uint8Array(32), maxRecords: 1 })
    store.attached(alice.keyId)
    offer(recordOf(alice))
    checks = 0
    expect(offer(recordOf(alice))).toBe('known')
    expect(offer(recordOf(alice, newer(-1)))).toBe('SEQ_TOO_LOW')
    expect(offer(recordOf(alice, { relay: 1 }))).toBe('SEQ_REUSED')
    expect(offer(recordOf(bob), { isNear: false })).toBe('NOT_CLOSE')
    expect(offer(recordOf(bob), { isHome: true })).toBe('INVALID_RECORD')
    expect(offer(recordOf(bob))).toBe('QUOTA')
    revoke(revocationOf(alice))
    checks = 0
    expect(offer(recordOf(alice, newer()))).toBe('REVOKED')
    expect(revoke(revocationOf(alice, { atMs: UNIX_MS + 1 }))).toBe('REVOKED')
    store.storageChanged(false)
    expect(revoke(revocationOf(alice, { atMs: 1 }))).toBe('QUOTA')
    expect(checks).toBe(0)
  })
})

describe('a revocation', () => {
  it('is final: it takes the place of the record, here and on disk, and no record comes after it', () => {
    offer(recordOf(alice))
    effects()
    const bytes = revocationOf(alice)
    expect(revoke(bytes)).toBe('stored')
    expect(revoke(bytes)).toBe('known')
    expect(effects()).toEqual([
      `delete ${storeKey(alice)}`,
      `save ${storeKey(alice, 'revoke/')}`,
      'changed revocation',
    ])
    expect(offer(recordOf(alice))).toBe('REVOKED')
    expect(offer(recordOf(alice, newer()))).toBe('REVOKED')
    expect(store.bytes(TIME, alice.keyId)).toEqual({ kind: 'revocation', bytes })
    expect(store.get(TIME, alice.keyId)?.kind).toBe('revocation')
    expect(store.size).toBe(1)
  })

  it('of the earliest moment stays, then the one with the lower bytes, whatever came first', () => {
    const [low, high] = [revocationOf(alice), revocationOf(alice, { successor: bob })].sort(
      Buffer.compare,
    ) as [Uint8Array, Uint8Array]
    const earliest = revocationOf(alice, { atMs: UNIX_MS - 1 })
    expect(revoke(high)).toBe('stored')
    expect(revoke(low)).toBe('stored')
    expect(revoke(high)).toBe('REVOKED')
    effects()
    expect(revoke(earliest)).toBe('stored')
    expect(effects()).toEqual([`save ${storeKey(alice, 'revoke/')}`, 'changed revocation'])
    expect([revoke(low), revoke(high), revoke(earliest)]).toEqual(['REVOKED', 'REVOKED', 'known'])
    expect(found(alice)).toEqual(earliest)
  })

  it.each([
    ['a forged one', forged(revocationOf(alice))],
    ['one whose successor did not sign', forged(revocationOf(alice, { successor: bob }))],
    ['one of another network', revocationOf(alice, { net: new Uint8Array(16).fill(1) })],
    ['one of the future', revocationOf(alice, { atMs: UNIX_MS + CLOCK_SLACK_MS + 1 })],
    ['a record called a revocation', recordOf(alice)],
  ])('is not %s', (_, bytes) => {
    const kept = recordOf(alice)
    offer(kept)
    effects()
    expect(revoke(bytes)).toBe('INVALID_RECORD')
    expect(found(alice)).toEqual(kept)
    expect(effects()).toEqual([])
  })

  it(`lives ${REVOCATION_KEEP_MS / 86_400_000} days from when it was last offered, by the clock that cannot be set`, () => {
    const bytes = revocationOf(alice)
    revoke(bytes)
    expect(revoke(bytes, later(1_000))).toBe('known')
    const end = 1_000 + REVOCATION_KEEP_MS
    expect(found(alice, { now: 0, unixMs: 2 * UNIX_MS })).toEqual(bytes)
    expect(found(alice, { now: end - 1, unixMs: UNIX_MS })).toEqual(bytes)
    expect(found(alice, { now: end, unixMs: UNIX_MS })).toBeUndefined()
    store.timeout(later(end))
    expect(store.size).toBe(0)
    // What it ended stays ended for as long as we remember that there was one.
    expect(offer(recordOf(alice, newer()))).toBe('REVOKED')
    expect(revoke(bytes, later(end))).toBe('stored')
  })
})

describe('expiry', () => {
  it('hides at once and sweeps later', () => {
    expect(store.nextTimeout()).toBeUndefined()
    offer(recordOf(alice))
    offer(recordOf(bob, { ttlS: 7_200 }))
    effects()
    expect(store.nextTimeout()).toBe(RECORD_SWEEP_MS)
    const unixMs = UNIX_MS + LIFE_MS
    expect(found(alice, { now: 0, unixMs: unixMs - 1 })).toBeDefined()
    expect(found(alice, { now: 0, unixMs })).toBeUndefined()
    expect(store.get({ now: 0, unixMs }, alice.keyId)).toBeUndefined()
    expect(offer(recordOf(alice), {}, { now: 0, unixMs })).toBe('INVALID_RECORD')
    store.timeout({ now: RECORD_SWEEP_MS - 1, unixMs })
    expect(store.size).toBe(2)
    store.timeout({ now: RECORD_SWEEP_MS, unixMs })
    expect(store.size).toBe(1)
    expect(effects()).toEqual([`delete ${storeKey(alice)}`, 'dropped'])
    store.timeout({ now: 2 * RECORD_SWEEP_MS, unixMs: unixMs + 86_400_000 })
    expect(store.size).toBe(0)
    expect(store.nextTimeout()).toBeUndefined()
  })
})

describe('storage that fails', () => {
  it('means that nothing new is promised; what is kept is served, and all is well once it works', () => {
    const bytes = recordOf(alice)
    offer(bytes)
    store.storageChanged(false)
    expect(offer(bytes)).toBe('known')
    expect(offer(recordOf(alice, newer()))).toBe('QUOTA')
    expect(offer(recordOf(bob))).toBe('QUOTA')
    expect(revoke(revocationOf(alice))).toBe('QUOTA')
    const verdict = store.offer(TIME, recordOf(bob), 'record', {
      isHome: true,
      isNear: true,
      source: bob.keyId,
    })
    expect(verdict).toEqual({ error: 'QUOTA', hint: expect.stringContaining('disk') })
    expect(found(alice)).toEqual(bytes)
    store.storageChanged(true)
    expect(offer(recordOf(bob))).toBe('stored')
    expect(revoke(revocationOf(alice))).toBe('stored')
  })
})

describe('restore', () => {
  it('takes back good values and drops damaged, foreign, misplaced and expired ones', () => {
    const key = storeKey(bob)
    expect(store.restore(TIME, storeKey(alice), recordOf(alice))).toBe(alice.keyId)
    for (const [at, value] of [
      [key, forged(recordOf(bob))],
      [key, new Uint8Array(3)],
      [key, recordOf(alice)],
      [key, recordOf(identityOf(4))],
      [key, recordOf(bob, { seenMs: 0 })],
      [key, recordOf(bob, { net: new Uint8Array(16).fill(1) })],
      [key, revocationOf(bob)],
      [storeKey(bob, 'revoke/'), recordOf(bob)],
      [storeKey(bob, 'revoke/'), forged(revocationOf(bob))],
    ] as const) {
      expect(store.restore(TIME, at, value)).toBeUndefined()
      expect(effects()).toEqual([`delete ${at}`])
    }
    expect(store.size).toBe(1)
    expect(found(alice)).toEqual(recordOf(alice))
    expect(store.restore(TIME, storeKey(bob, 'revoke/'), revocationOf(bob))).toBe(bob.keyId)
    expect(effects()).toEqual([])
    expect(store.nextTimeout()).toBe(RECORD_SWEEP_MS)
  })

  it('leaves alone what only a wrong clock takes for the future', () => {
    const early = { now: 0, unixMs: 0 }
    store.restore(early, storeKey(alice), recordOf(alice))
    store.restore(early, storeKey(bob, 'revoke/'), revocationOf(bob))
    expect(store.size).toBe(0)
    expect(effects()).toEqual([])
  })

  it('of both a record and a revocation keeps the revocation, in either order', () => {
    store.restore(TIME, storeKey(alice), recordOf(alice))
    store.restore(TIME, storeKey(alice, 'revoke/'), revocationOf(alice))
    store.restore(TIME, storeKey(bob, 'revoke/'), revocationOf(bob))
    store.restore(TIME, storeKey(bob), recordOf(bob))
    expect(effects()).toEqual([`delete ${storeKey(alice)}`, `delete ${storeKey(bob)}`])
    for (const one of [alice, bob]) expect(store.get(TIME, one.keyId)?.kind).toBe('revocation')
  })
})
