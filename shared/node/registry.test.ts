import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import { publicKeyOf } from '../identity/node-id.ts'
import {
  CLOCK_SLACK_MS,
  MAX_RECORDS,
  RECORD_FULL_SWEEP_MS,
  RECORD_SWEEP_MS,
} from '../wire/limits.ts'
import type { SignedRecord } from '../wire/record.ts'
import { findBody, readFoundBody, recordBody } from '../wire/registry-bodies.ts'
import { Registry } from './registry.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { forged, identityOf, NET, recordOf } from './testing/records.ts'

const TIME = { now: 0, unixMs: START_UNIX_MS }
const alice = identityOf(1)
const bob = identityOf(2)

function publish(registry: Registry, { keyId }: Identity, bytes: Uint8Array, time = TIME): string {
  const answer = registry.publish(time, keyId, recordBody(bytes))
  return answer.kind === 'ok' ? 'ok' : answer.code
}

function found(registry: Registry, { publicKey }: Identity, time = TIME): Uint8Array | undefined {
  const answer = registry.find(time, findBody(publicKey))
  return answer.kind === 'ok' ? readFoundBody(answer.body) : undefined
}

function saves(registry: Registry): [string, boolean][] {
  const all: [string, boolean][] = []
  for (let save = registry.poll(); save !== undefined; save = registry.poll()) {
    all.push([save.key, save.value !== undefined])
  }
  return all
}

/** What is kept, as an earlier life saved it. */
function stored({ record, bytes }: SignedRecord): [string, Uint8Array] {
  return [`record/${Buffer.from(record.key).toString('hex')}`, bytes]
}

describe('publish', () => {
  it('keeps, saves and finds a record', () => {
    const registry = new Registry(nodeSuite, NET)
    const { bytes } = recordOf(alice)
    expect(publish(registry, alice, bytes)).toBe('ok')
    expect(publish(registry, alice, bytes)).toBe('ok')
    expect(found(registry, alice)).toEqual(bytes)
    expect(found(registry, bob)).toBeUndefined()
    expect(saves(registry)).toEqual([[stored(recordOf(alice))[0], true]])
  })

  it.each([
    ['a lower sequence', 'SEQ_TOO_LOW', recordOf(alice, { seq: START_UNIX_MS - 1 }).bytes],
    ['the same one with other bytes', 'SEQ_REUSED', recordOf(alice, { relay: 1 }).bytes],
    ['a forged one', 'INVALID_RECORD', forged(recordOf(alice, { seq: START_UNIX_MS + 1 }))],
    ['that of another key', 'INVALID_RECORD', recordOf(bob).bytes],
    [
      'one of another network',
      'INVALID_RECORD',
      recordOf(alice, { seq: START_UNIX_MS + 1, net: new Uint8Array(16).fill(1) }).bytes,
    ],
    [
      'one of the future',
      'INVALID_RECORD',
      recordOf(alice, { seq: START_UNIX_MS + CLOCK_SLACK_MS + 1 }).bytes,
    ],
    [
      'one that has expired',
      'INVALID_RECORD',
      recordOf(alice, { seq: START_UNIX_MS + 1, seenMs: START_UNIX_MS - 2 * 86_400_000 }).bytes,
    ],
  ])('refuses %s and keeps what it has', (_name, code, bytes) => {
    const registry = new Registry(nodeSuite, NET)
    const kept = recordOf(alice).bytes
    publish(registry, alice, kept)
    saves(registry)
    expect(publish(registry, alice, bytes)).toBe(code)
    expect(found(registry, alice)).toEqual(kept)
    expect(saves(registry)).toEqual([])
  })

  it('throws its own error for a body of another shape', () => {
    const registry = new Registry(nodeSuite, NET)
    expect(() => registry.publish(TIME, alice.keyId, new Map())).toThrow(DecodeError)
    expect(() => publish(registry, alice, new Uint8Array(10))).toThrow(DecodeError)
    expect(() => registry.find(TIME, new Map())).toThrow(DecodeError)
  })

  it('promises nothing new while storage fails, and serves on', () => {
    const registry = new Registry(nodeSuite, NET)
    const { bytes } = recordOf(alice)
    publish(registry, alice, bytes)
    registry.storageChanged(false)
    expect(publish(registry, alice, bytes)).toBe('ok')
    expect(publish(registry, alice, recordOf(alice, { seq: START_UNIX_MS + 1 }).bytes)).toBe(
      'STORAGE',
    )
    expect(publish(registry, bob, recordOf(bob).bytes)).toBe('STORAGE')
    expect(found(registry, alice)).toEqual(bytes)
    registry.storageChanged(true)
    expect(publish(registry, bob, recordOf(bob).bytes)).toBe('ok')
  })
})

describe('expiry', () => {
  it('hides at once and sweeps later', () => {
    const registry = new Registry(nodeSuite, NET)
    expect(registry.nextTimeout()).toBeUndefined()
    publish(registry, alice, recordOf(alice).bytes)
    publish(registry, bob, recordOf(bob, { ttlS: 7_200 }).bytes)
    saves(registry)
    expect(registry.nextTimeout()).toBe(RECORD_SWEEP_MS)
    const expiresMs = START_UNIX_MS + 3_600_000 + CLOCK_SLACK_MS
    expect(found(registry, alice, { now: 0, unixMs: expiresMs - 1 })).toBeDefined()
    expect(found(registry, alice, { now: 0, unixMs: expiresMs })).toBeUndefined()
    registry.timeout({ now: RECORD_SWEEP_MS - 1, unixMs: expiresMs })
    expect(registry.size).toBe(2)
    registry.timeout({ now: RECORD_SWEEP_MS, unixMs: expiresMs })
    expect(registry.size).toBe(1)
    expect(saves(registry)).toEqual([[stored(recordOf(alice))[0], false]])
    registry.timeout({ now: 2 * RECORD_SWEEP_MS, unixMs: expiresMs + 86_400_000 })
    expect(registry.size).toBe(0)
    expect(registry.nextTimeout()).toBeUndefined()
  })
})

describe('restore', () => {
  it('takes back good records and drops damaged, foreign and expired ones', () => {
    const registry = new Registry(nodeSuite, NET)
    const good = stored(recordOf(alice))
    const [key] = stored(recordOf(bob))
    registry.restore(TIME, ...good)
    registry.restore(TIME, key, forged(recordOf(bob)))
    registry.restore(TIME, key, new Uint8Array(3))
    registry.restore(TIME, key, recordOf(alice).bytes)
    registry.restore(TIME, key, recordOf(bob, { seenMs: 0 }).bytes)
    expect(registry.size).toBe(1)
    expect(saves(registry)).toEqual(Array(4).fill([key, false]))
    expect(found(registry, alice)).toEqual(good[1])
  })

  it('leaves alone what only a wrong clock takes for the future', () => {
    const registry = new Registry(nodeSuite, NET)
    registry.restore({ now: 0, unixMs: 0 }, ...stored(recordOf(alice)))
    expect(registry.size).toBe(0)
    expect(saves(registry)).toEqual([])
  })
})

describe(`${MAX_RECORDS} records`, () => {
  // Signing and verifying as many takes minutes: this provider believes everything.
  const credulous: CryptoSuite = { ...nodeSuite, verify: () => true }
  const template = recordOf(alice)
  const keyAt = template.bytes.findIndex((_, at) =>
    alice.publicKey.every((byte, offset) => template.bytes[at + offset] === byte),
  )

  function stranger(number: number): { keyId: Identity['keyId']; bytes: Uint8Array } {
    const bytes = template.bytes.slice()
    new DataView(bytes.buffer).setUint32(keyAt, number)
    const key = bytes.subarray(keyAt, keyAt + 32)
    return { keyId: String.fromCharCode(...key) as Identity['keyId'], bytes }
  }

  it('of those attached are all it keeps; the next is refused before its signature is looked at', () => {
    let checks = 0
    const counting = { ...credulous, verify: () => ++checks > 0 }
    const registry = new Registry(counting, NET)
    const add = (number: number, time = TIME): string => {
      const { keyId, bytes } = stranger(number)
      const answer = registry.publish(time, keyId, recordBody(bytes))
      return answer.kind === 'ok' ? 'ok' : answer.code
    }
    for (let i = 0; i < MAX_RECORDS; i++) {
      registry.attached(stranger(i).keyId)
      if (add(i) !== 'ok') throw new Error(`refused ${i}`)
    }
    expect(registry.size).toBe(MAX_RECORDS)
    checks = 0
    expect(add(MAX_RECORDS)).toBe('QUOTA')
    expect(checks).toBe(0)
    expect(add(0)).toBe('ok')
    // Once they have expired there is room, but a full table is searched once a second at most.
    const unixMs = START_UNIX_MS + 3_600_000 + CLOCK_SLACK_MS
    expect(add(MAX_RECORDS, { now: RECORD_FULL_SWEEP_MS - 1, unixMs })).toBe('QUOTA')
    expect(add(MAX_RECORDS, { now: RECORD_FULL_SWEEP_MS, unixMs: unixMs - 1 })).toBe('QUOTA')
    expect(registry.size).toBe(MAX_RECORDS)
    add(MAX_RECORDS, { now: 2 * RECORD_FULL_SWEEP_MS, unixMs })
    expect(registry.size).toBe(0)
  })

  function full(suite = credulous): Registry {
    const registry = new Registry(suite, NET)
    for (let i = 0; i < MAX_RECORDS; i++) {
      const { keyId, bytes } = stranger(i)
      registry.attached(keyId)
      registry.publish(TIME, keyId, recordBody(bytes))
    }
    while (registry.poll() !== undefined);
    return registry
  }

  function add(registry: Registry, number: number): string {
    const { keyId, bytes } = stranger(number)
    registry.attached(keyId)
    const answer = registry.publish(TIME, keyId, recordBody(bytes))
    return answer.kind === 'ok' ? 'ok' : answer.code
  }

  function isKept(registry: Registry, number: number): boolean {
    return (
      found(registry, { publicKey: publicKeyOf(stranger(number).keyId) } as Identity) !== undefined
    )
  }

  function storeKey(number: number): string {
    return `record/${Buffer.from(publicKeyOf(stranger(number).keyId)).toString('hex')}`
  }

  it('make way for the next in the order in which their owners left, also in the store', () => {
    const registry = full()
    for (const number of [7, 3, 5]) registry.detached(stranger(number).keyId)
    // 3 comes back; 7 is the one that left first.
    registry.attached(stranger(3).keyId)
    expect(add(registry, MAX_RECORDS)).toBe('ok')
    expect(saves(registry)).toEqual([
      [storeKey(7), false],
      [storeKey(MAX_RECORDS), true],
    ])
    expect(add(registry, MAX_RECORDS + 1)).toBe('ok')
    expect([3, 5, 7].map(number => isKept(registry, number))).toEqual([true, false, false])
    expect(add(registry, MAX_RECORDS + 2)).toBe('QUOTA')
    // Who left after nobody was left to make way, makes way too.
    registry.detached(stranger(3).keyId)
    expect(add(registry, MAX_RECORDS + 2)).toBe('ok')
    expect(isKept(registry, 3)).toBe(false)
    expect(registry.size).toBe(MAX_RECORDS)
  })

  it('stay while one of several links of their owner is open', () => {
    const registry = full()
    const { keyId } = stranger(4)
    registry.attached(keyId)
    registry.detached(keyId)
    expect(add(registry, MAX_RECORDS)).toBe('QUOTA')
    registry.detached(keyId)
    expect(add(registry, MAX_RECORDS)).toBe('ok')
    expect(isKept(registry, 4)).toBe(false)
  })

  it('do not make way for a record that is not valid', () => {
    let isBelieving = true
    const registry = full({ ...nodeSuite, verify: () => isBelieving })
    registry.detached(stranger(4).keyId)
    isBelieving = false
    expect(add(registry, MAX_RECORDS)).toBe('INVALID_RECORD')
    expect(isKept(registry, 4)).toBe(true)
    expect(saves(registry)).toEqual([])
  })

  it('of an earlier life make way until their owner is back', () => {
    const registry = new Registry(credulous, NET)
    for (let i = 0; i < MAX_RECORDS; i++) registry.restore(TIME, storeKey(i), stranger(i).bytes)
    expect(registry.size).toBe(MAX_RECORDS)
    registry.attached(stranger(0).keyId)
    expect(add(registry, MAX_RECORDS)).toBe('ok')
    expect(saves(registry)).toEqual([
      [storeKey(1), false],
      [storeKey(MAX_RECORDS), true],
    ])
    expect(isKept(registry, 0)).toBe(true)
  })
})
