// A full table: who makes way, who is refused, and what it costs. Signing tens of thousands of values takes
// minutes, so most of these stores believe everything.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { toHex } from '../bytes/hex.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import { dhtIdOf, keyIdOf, publicKeyOf } from '../identity/node-id.ts'
import {
  CLOCK_SLACK_MS,
  MAX_DROPPED_SEQUENCES,
  MAX_RECORDS,
  MAX_RECORDS_PER_NETWORK,
  MAX_RECORDS_PER_SOURCE,
  RECORD_FULL_SWEEP_MS,
} from '../wire/limits.ts'
import type { ValueKind } from '../wire/registry-value.ts'
import { commonPrefixLength } from './distance.ts'
import { RecordStore } from './record-store.ts'
import type { Offer } from './store-verdict.ts'
import { identityOf, NET, recordOf, revocationOf, TIME, UNIX_MS } from './testing/values.ts'

const credulous: CryptoSuite = { ...nodeSuite, verify: () => true }
const ownId = new Uint8Array(32)
const owner = identityOf(1)

interface Stranger {
  readonly key: KeyId
  readonly bytes: Uint8Array
}

function templateOf(bytes: Uint8Array): (number: number) => Stranger {
  const keyAt = Buffer.from(bytes).indexOf(owner.publicKey)
  return number => {
    const changed = bytes.slice()
    new DataView(changed.buffer).setUint32(keyAt, number)
    return { key: keyIdOf(changed.subarray(keyAt, keyAt + 32)), bytes: changed }
  }
}

/** Bits that a key's id shares with ours. */
function prefixOf({ key }: Stranger): number {
  return commonPrefixLength(ownId, dhtIdOf(nodeSuite, publicKeyOf(key)))
}

const stranger = templateOf(recordOf(owner))
const revoked = templateOf(revocationOf(owner))

/** The first strangers whose ids share exactly that many bits with ours. */
function strangersAt(prefix: number, count: number): Stranger[] {
  const found: Stranger[] = []
  for (let i = 0; found.length < count; i++) {
    const one = stranger(i)
    if (prefixOf(one) === prefix) found.push(one)
  }
  return found
}

function offer(
  store: RecordStore,
  { key, bytes }: Stranger,
  over: Partial<Offer> = {},
  time = TIME,
  kind: ValueKind = 'record',
): string {
  const source = over.isHome === true ? key : keyIdOf(bytes.subarray(0, 32))
  const verdict = store.offer(time, bytes, kind, { isHome: false, isNear: true, source, ...over })
  return typeof verdict === 'string' ? verdict : verdict.error
}

const isKept = (store: RecordStore, { key }: Stranger) => store.bytes(TIME, key) !== undefined

function smallStore(maxRecords: number, suite = credulous): RecordStore {
  return new RecordStore({ suite, net: NET, ownId, maxRecords })
}

function drain(store: RecordStore): string[] {
  const all: string[] = []
  for (let effect = store.poll(); effect !== undefined; effect = store.poll()) {
    if (effect.kind === 'save') {
      all.push(`${effect.value === undefined ? 'delete' : 'save'} ${effect.key}`)
    }
  }
  return all
}

describe('a full store', () => {
  const [far, far2, far3] = strangersAt(0, 3) as [Stranger, Stranger, Stranger]
  const [mid, mid2, mid3] = strangersAt(2, 3) as [Stranger, Stranger, Stranger]
  const [near] = strangersAt(5, 1) as [Stranger]
  const storeKey = ({ key }: Stranger) => `record/${toHex(publicKeyOf(key))}`

  it('drops the farthest for the nearer, the oldest of them first, also on disk', () => {
    const store = smallStore(4)
    for (const one of [mid, far2, far, mid2]) expect(offer(store, one)).toBe('stored')
    drain(store)
    expect(offer(store, near)).toBe('stored')
    expect(drain(store)).toEqual([`delete ${storeKey(far2)}`, `save ${storeKey(near)}`])
    expect(offer(store, mid3)).toBe('stored')
    expect([far, mid, mid2, mid3, near].map(one => isKept(store, one))).toEqual([
      false,
      true,
      true,
      true,
      true,
    ])
    expect(store.size).toBe(4)
  })

  it('refuses what is farther than everything it has, and renews what it has', () => {
    const store = smallStore(2)
    offer(store, mid)
    offer(store, near)
    expect(offer(store, far)).toBe('QUOTA')
    // As far as the farthest: the older makes way.
    expect(offer(store, mid2)).toBe('stored')
    expect([mid, mid2, near].map(one => isKept(store, one))).toEqual([false, true, true])
    expect(offer(store, revokedAt(mid2), {}, TIME, 'revocation')).toBe('stored')
    expect(store.size).toBe(2)
  })

  function revokedAt(one: Stranger): Stranger {
    return revoked(new DataView(publicKeyOf(one.key).buffer).getUint32(0))
  }

  it('takes a newer value as younger than what came between', () => {
    const store = smallStore(2)
    offer(store, mid)
    offer(store, mid2)
    offer(store, revokedAt(mid), {}, TIME, 'revocation')
    offer(store, mid3)
    expect([mid, mid2, mid3].map(one => isKept(store, one))).toEqual([true, false, true])
  })

  it('never drops what belongs to a key that is attached, before all its links are closed', () => {
    const store = smallStore(2)
    offer(store, far)
    for (const { key } of [far, far, far2]) store.attached(key)
    expect(offer(store, far2)).toBe('stored')
    expect(offer(store, near)).toBe('QUOTA')
    store.detached(far.key)
    expect(offer(store, near)).toBe('QUOTA')
    store.detached(far.key)
    expect(offer(store, near)).toBe('stored')
    expect([far, far2, near].map(one => isKept(store, one))).toEqual([false, true, true])
  })

  it('has room for who is attached as long as there is somebody who is not, however far', () => {
    const store = smallStore(2)
    for (const one of [near, mid]) offer(store, one)
    for (const one of [far, far2, far3]) store.attached(one.key)
    expect(offer(store, far, { isHome: true })).toBe('stored')
    expect(offer(store, far2, { isHome: true })).toBe('stored')
    expect(offer(store, far3, { isHome: true })).toBe('QUOTA')
    expect([near, mid].map(one => isKept(store, one))).toEqual([false, false])
    // Who left makes way, even for another who is far.
    store.detached(far.key)
    expect(offer(store, far3, { isHome: true })).toBe('stored')
    expect([far, far2, far3].map(one => isKept(store, one))).toEqual([false, true, true])
  })

  it('drops nothing for what is not valid', () => {
    let isBelieving = true
    const store = smallStore(1, { ...nodeSuite, verify: () => isBelieving })
    offer(store, far)
    drain(store)
    isBelieving = false
    expect(offer(store, near)).toBe('INVALID_RECORD')
    expect(isKept(store, far)).toBe(true)
    expect(drain(store)).toEqual([])
  })

  it('looks for expired ones first, once a second at most', () => {
    const store = smallStore(1)
    offer(store, near)
    const unixMs = UNIX_MS + 3_600_000 + CLOCK_SLACK_MS
    const early = { now: RECORD_FULL_SWEEP_MS, unixMs: unixMs - 1 }
    expect(offer(store, far, {}, early)).toBe('QUOTA')
    expect(offer(store, far, {}, { now: 2 * RECORD_FULL_SWEEP_MS - 1, unixMs })).toBe('QUOTA')
    expect(store.size).toBe(1)
    // The newcomer has expired as well, which only shows once there is room.
    const time = { now: 2 * RECORD_FULL_SWEEP_MS, unixMs }
    expect(offer(store, revoked(0), {}, time, 'revocation')).toBe('stored')
    expect(isKept(store, near)).toBe(false)
  })

  it('is restored by the same rules', () => {
    const store = smallStore(2)
    for (const one of [far, mid, far2, near]) store.restore(TIME, storeKey(one), one.bytes)
    expect([far, mid, far2, near].map(one => isKept(store, one))).toEqual([
      false,
      true,
      false,
      true,
    ])
    expect(drain(store)).toEqual([far, far2].map(one => `delete ${storeKey(one)}`))
  })

  it('remembers what it dropped: nothing older comes back, the same and newer may', () => {
    const store = new RecordStore({ suite: nodeSuite, net: NET, ownId, maxRecords: 1 })
    const [one, two] = [identityOf(1), identityOf(2)]
    const put = (number: number, bytes: Uint8Array, kind: ValueKind = 'record') =>
      offer(store, { key: identityOf(number).keyId, bytes }, { isHome: true }, TIME, kind)
    expect(put(1, recordOf(one, { seq: UNIX_MS + 5 }))).toBe('stored')
    expect(put(2, recordOf(two))).toBe('stored')
    expect(put(1, recordOf(one, { seq: UNIX_MS + 4 }))).toBe('SEQ_TOO_LOW')
    expect(put(1, recordOf(one, { seq: UNIX_MS + 5 }))).toBe('stored')
    expect(put(2, revocationOf(two), 'revocation')).toBe('stored')
    expect(put(1, recordOf(one, { seq: UNIX_MS + 6 }))).toBe('stored')
    expect(put(2, recordOf(two, { seq: UNIX_MS + 7 }))).toBe('REVOKED')
    expect(put(2, revocationOf(two), 'revocation')).toBe('stored')
  })
})

describe('one storing peer', () => {
  const peer = identityOf(2).keyId

  it(`accounts for ${MAX_RECORDS_PER_SOURCE} values at most, and for each that goes one more`, () => {
    const store = new RecordStore({ suite: credulous, net: NET, ownId })
    const put = (number: number, over: Partial<Offer> = {}, time = TIME) =>
      offer(store, stranger(number), { source: peer, ...over }, time)
    for (let i = 0; i < MAX_RECORDS_PER_SOURCE; i++) {
      if (put(i) !== 'stored') throw new Error(`refused ${i}`)
    }
    const next = MAX_RECORDS_PER_SOURCE
    expect(put(next)).toBe('QUOTA')
    // What is kept already may be renewed, and keys publish at their home whoever stored how much.
    expect(offer(store, revoked(7), { source: peer }, TIME, 'revocation')).toBe('stored')
    expect(put(next, { isHome: true, source: stranger(next).key })).toBe('stored')
    expect(put(next + 1, { source: identityOf(3).keyId })).toBe('stored')
    expect(put(next + 2)).toBe('QUOTA')
    const expired = { now: 60_000, unixMs: UNIX_MS + 3_600_000 + CLOCK_SLACK_MS }
    store.timeout(expired)
    expect(store.size).toBe(1)
    const again = { now: 60_000, unixMs: UNIX_MS }
    for (let i = 0; i < MAX_RECORDS_PER_SOURCE - 1; i++) {
      if (put(next + 3 + i, {}, again) !== 'stored') throw new Error(`refused ${i}`)
    }
    expect(put(2 * next + 3, {}, again)).toBe('QUOTA')
  })
})

describe('one network', () => {
  it(`accounts for ${MAX_RECORDS_PER_NETWORK} values at most, however many keys it has`, () => {
    const store = new RecordStore({ suite: credulous, net: NET, ownId })
    const network = '192.0.2.0/24'
    const put = (number: number, over: Partial<Offer> = {}) => {
      const source = stranger(over.isHome === true ? number : number % 100).key
      return offer(store, stranger(number), { source, network, ...over })
    }
    for (let i = 0; i < MAX_RECORDS_PER_NETWORK; i++) {
      if (put(i, { isHome: i % 2 === 0 }) !== 'stored') throw new Error(`refused ${i}`)
    }
    const next = MAX_RECORDS_PER_NETWORK
    expect(put(next)).toBe('QUOTA')
    expect(put(next, { isHome: true })).toBe('QUOTA')
    expect(put(7)).toBe('known')
    expect(put(next, { network: '198.51.100.0/24' })).toBe('stored')
    expect(put(next + 1, { network: undefined })).toBe('stored')
    store.timeout({ now: 60_000, unixMs: UNIX_MS + 3_600_000 + CLOCK_SLACK_MS })
    expect(put(next + 2)).toBe('stored')
  })
})

describe(`${MAX_RECORDS} values`, () => {
  it('are all it keeps; those that go are the farthest', () => {
    const extra = 1_024
    const strangers = Array.from({ length: MAX_RECORDS + extra }, (_, i) => stranger(i))
    const store = new RecordStore({ suite: credulous, net: NET, ownId })
    for (const one of strangers) {
      const verdict = offer(store, one)
      if (verdict !== 'stored' && verdict !== 'QUOTA') throw new Error(verdict)
      drain(store)
    }
    expect(store.size).toBe(MAX_RECORDS)
    const gone = strangers.filter(one => !isKept(store, one))
    expect(gone.length).toBe(extra)
    expect(new Set(gone.map(prefixOf))).toEqual(new Set([0]))
  })

  it.runIf(process.env.KEYMESH_SIM === 'full')(
    `that were dropped are remembered, the latest ${MAX_DROPPED_SEQUENCES}`,
    () => {
      const store = smallStore(1)
      for (let i = 0; i <= MAX_DROPPED_SEQUENCES + 1; i++) {
        offer(store, stranger(i), { isHome: true })
        drain(store)
      }
      const older = templateOf(recordOf(owner, { seq: UNIX_MS - 1 }))
      expect(offer(store, older(1), { isHome: true })).toBe('SEQ_TOO_LOW')
      expect(offer(store, older(0), { isHome: true })).toBe('stored')
    },
    60_000,
  )
})
