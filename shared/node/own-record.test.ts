import { beforeEach, describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import {
  CLOCK_SLACK_MS,
  ONION_KEY_ROTATE_MS,
  RECORD_REPUBLISH_MS,
  RECORD_TTL_S,
} from '../wire/limits.ts'
import { verifyRecord } from '../wire/record.ts'
import { OwnRecord } from './own-record.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { forged, identityOf, NET, recordOf } from './testing/records.ts'

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

  it.each([
    ['to be published again', RECORD_REPUBLISH_MS],
    ['for new onion keys', ONION_KEY_ROTATE_MS],
  ])('is due %s at its time', (_name, ms) => {
    own.take(at(0))
    for (let now = 0; now < ms; now += RECORD_REPUBLISH_MS) {
      if (own.timeout(at(now))) own.take(at(now))
    }
    expect(own.timeout(at(ms - 1))).toBe(false)
    expect(own.nextTimeout()).toBe(ms)
    expect(own.timeout(at(ms))).toBe(true)
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
