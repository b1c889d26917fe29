import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import { DecodeError } from '../../bytes/decode-error.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import {
  CLOCK_SLACK_MS,
  ONION_KEY_ROTATE_MS,
  RECORD_REPUBLISH_MS,
  RECORD_TTL_S,
} from '../../wire/limits.ts'
import { verifyRecord } from '../../wire/record.ts'
import { signRevocation } from '../../wire/revocation.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { OwnRecord } from './own-record.ts'

const identity = identityOf(1)
const server = identityOf(2).publicKey
let own: OwnRecord

function at(now: number, unixMs = START_UNIX_MS + now) {
  return { now, unixMs }
}

function seqAt(now: number, unixMs?: number): number {
  return own.take(at(now, unixMs)).record.seq
}

beforeEach(() => {
  const random = seededRandom(4)
  const config = {
    suite: nodeSuite,
    random,
    identity,
    type: 'client',
    net: NET,
    endpoints: [],
  } as const
  own = new OwnRecord({ ...config, isRelay: false }, at(0))
})

describe('our own record', () => {
  it('is signed, valid and made once', () => {
    const signed = own.take(at(5))
    expect(verifyRecord(nodeSuite, signed, { ...at(5), net: NET })).toBe('valid')
    expect(signed.record).toMatchObject({ seq: START_UNIX_MS + 5, ttlS: RECORD_TTL_S, relay: 0 })
    expect(signed.record.onion).toHaveLength(2)
    expect(own.take(at(6))).toBe(signed)
    expect(own.timeout(at(7))).toBe(false)
  })

  it('is made anew when its servers change, and only then', () => {
    const first = own.take(at(0))
    own.setServers([])
    expect(own.take(at(1))).toBe(first)
    own.setServers([server])
    const second = own.take(at(1))
    expect(second.record.servers).toEqual([server])
    own.setServers([server.slice()])
    expect(own.take(at(2))).toBe(second)
  })

  it('is due to be published again in time, sooner or later by a tenth at most', () => {
    const pauses = Array.from({ length: 20 }, (_, i) => {
      own.setServers([identityOf(100 + i).publicKey])
      own.take(at(0))
      const due = own.nextTimeout()
      expect(own.timeout(at(due - 1))).toBe(false)
      return due
    })
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(0.9 * RECORD_REPUBLISH_MS)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1.1 * RECORD_REPUBLISH_MS)
    expect(new Set(pauses).size).toBeGreaterThan(10)
    expect(own.timeout(at(Math.ceil(1.1 * RECORD_REPUBLISH_MS)))).toBe(true)
  })

  it('is due for new onion keys at their time', () => {
    const [before] = own.take(at(0)).record.onion
    own.timeout(at(ONION_KEY_ROTATE_MS - 1))
    expect(own.take(at(ONION_KEY_ROTATE_MS - 1)).record.onion[0]).toEqual(before)
    expect(own.timeout(at(ONION_KEY_ROTATE_MS))).toBe(true)
    expect(own.take(at(ONION_KEY_ROTATE_MS)).record.onion[0]).not.toEqual(before)
  })

  it('rises within one millisecond, and after a clock that went back a little', () => {
    expect(seqAt(10)).toBe(START_UNIX_MS + 10)
    own.setServers([server])
    expect(seqAt(10)).toBe(START_UNIX_MS + 11)
    own.setServers([])
    expect(seqAt(20, START_UNIX_MS - 60_000)).toBe(START_UNIX_MS + 12)
  })

  it('comes back from a clock that was so far ahead that nobody would take the next one', () => {
    seqAt(0, START_UNIX_MS + CLOCK_SLACK_MS)
    own.setServers([server])
    expect(seqAt(1, START_UNIX_MS + 1)).toBe(START_UNIX_MS + CLOCK_SLACK_MS + 1)
    own.setServers([])
    expect(seqAt(2, START_UNIX_MS)).toBe(START_UNIX_MS)
  })

  it('has keys that live on although the clock has just jumped past them', () => {
    const later = START_UNIX_MS + 5 * ONION_KEY_ROTATE_MS
    const { record } = own.take(at(1, later))
    for (const { expiresMs } of record.onion) expect(expiresMs).toBeGreaterThan(later)
    const mine = own.onionKeys.candidates().map(({ onionPublic }) => onionPublic)
    for (const { key } of record.onion) expect(mine).toContainEqual(key)
  })
})

describe('a record of ours that a registry shows', () => {
  const seq = START_UNIX_MS + 5_000

  it('is risen above once', () => {
    seqAt(0)
    expect(own.goAbove(at(1), recordOf(identity, { seq }).bytes)).toBe(true)
    expect(seqAt(1)).toBe(seq + 1)
    expect(own.goAbove(at(2), recordOf(identity, { seq }).bytes)).toBe(false)
    expect(own.goAbove(at(2), own.take(at(2)).bytes)).toBe(false)
  })

  it('with our own number and other bytes is risen above', () => {
    expect(own.goAbove(at(1), recordOf(identity, { seq: seqAt(0) }).bytes)).toBe(true)
    expect(seqAt(0)).toBe(START_UNIX_MS + 1)
  })

  it.each([
    ['forged', forged(recordOf(identity, { seq }))],
    ['of another key', recordOf(identityOf(9), { seq }).bytes],
    ['of another network', recordOf(identity, { seq, net: new Uint8Array(16).fill(1) }).bytes],
    ['of the future', recordOf(identity, { seq: START_UNIX_MS + CLOCK_SLACK_MS + 2 }).bytes],
  ])('moves nothing when it is %s', (_name, bytes) => {
    const before = own.take(at(0))
    expect(own.goAbove(at(1), bytes)).toBe(false)
    expect(own.take(at(1))).toBe(before)
  })

  it('that is none throws the error of decoders', () => {
    expect(() => own.goAbove(at(1), new Uint8Array(5))).toThrow(DecodeError)
  })
})

describe('the end of our key', () => {
  const heir = identityOf(5)

  it('is what we signed, with the word of its successor', () => {
    const signed = own.revoke(at(3), heir.seed)
    expect(signed?.revocation).toMatchObject({
      key: identity.publicKey,
      successor: heir.publicKey,
      atMs: START_UNIX_MS + 3,
    })
    const bytes = signed?.bytes ?? new Uint8Array(0)
    expect(own.revokedBy(at(4), bytes)).toEqual(signed?.revocation)
  })

  it('is not what somebody else signed', () => {
    const { bytes } = signRevocation(nodeSuite, heir, { net: NET, atMs: START_UNIX_MS })
    expect(own.revokedBy(at(4), bytes)).toBeUndefined()
    expect(() => own.revokedBy(at(4), new Uint8Array(5))).toThrow(DecodeError)
  })

  it('does not leave the key to itself', () => {
    expect(own.revoke(at(0), identity.seed)).toBeUndefined()
    expect(own.revoke(at(0), undefined)?.revocation.successor).toBeUndefined()
  })
})
