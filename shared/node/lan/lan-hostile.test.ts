import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CborValue } from '../../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../../bytes/cbor.ts'
import { asMap } from '../../bytes/cbor-fields.ts'
import { concat } from '../../bytes/concat.ts'
import type { Identity } from '../../identity/identity.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { CONTEXT, encodeSigned, signBody } from '../../identity/signed.ts'
import { decodeBeacon } from '../../wire/beacon.ts'
import {
  BEACON_MAX_BYTES,
  MAX_NEIGHBOURS,
  NEIGHBOUR_BEACONS_BURST,
  STRANGE_BEACONS_BURST,
  STRANGE_BEACONS_PER_S,
} from '../../wire/limits.ts'
import { filled, NOW } from '../../wire/testing/record-fixtures.ts'
import { beaconOf, identityOf, kindsOf, LanEar } from './testing/lan-ear.ts'

const bob = identityOf(1)
const eve = identityOf(2)

/** Eve signs what says it is of `victim`. */
function forged(victim: Identity, atMs: number, port = 6_666): Uint8Array {
  const bytes = beaconOf(eve, { atMs, port })
  const body = new Map<string, CborValue>(asMap(decodeCbor(decodeBeacon(bytes).signed.body)))
  body.set('key', victim.publicKey)
  const signed = signBody(nodeSuite, eve, CONTEXT.beacon, encodeCbor(body))
  return concat(bytes.subarray(0, 4), encodeSigned(signed))
}

function started(): LanEar {
  const ear = new LanEar()
  ear.start()
  return ear
}

describe('a beacon that claims the key of another', () => {
  it('makes no neighbour, and changes none', () => {
    const ear = started()
    expect(ear.hear(forged(bob, NOW))).toEqual([])
    ear.hear(beaconOf(bob), '10.0.0.7')
    expect(ear.hear(forged(bob, NOW + 1_000), '10.0.0.66')).toEqual([])
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
    ear.pass(2_000)
    ear.hear(beaconOf(bob, { atMs: NOW + 1, port: 5_000 }), '10.0.0.7')
    expect(ear.urlOf(bob)).toBe('10.0.0.7:5000')
  })

  it('is checked once, however often it comes', () => {
    const ear = started()
    const bytes = forged(bob, NOW)
    for (let count = 0; count < 100; count++) ear.hear(bytes, `10.0.1.${count}`)
    expect(ear.counting.checks).toBe(1)
  })

  it('does not use up what the neighbour itself may have checked', () => {
    const ear = started()
    ear.hear(beaconOf(bob), '10.0.0.7')
    for (let count = 1; count < 500; count++) {
      ear.hear(forged(bob, NOW + count), `10.1.${count >> 8}.${count & 255}`)
    }
    expect(ear.counting.checks).toBeLessThanOrEqual(2 * STRANGE_BEACONS_BURST + 1)
    ear.hear(beaconOf(bob, { atMs: NOW + 1, port: 5_000 }), '10.0.0.7')
    expect(ear.urlOf(bob)).toBe('10.0.0.7:5000')
  })
})

describe('a flood', () => {
  it('of beacons with new keys has only so many signatures checked', () => {
    const ear = started()
    const beacons = Array.from({ length: 200 }, (_, number) => beaconOf(identityOf(100 + number)))
    for (const [at, bytes] of beacons.entries()) {
      ear.hear(bytes, `10.0.0.${at}`)
      ear.pass(5)
    }
    // Two shares, one second in all.
    expect(ear.counting.checks).toBeLessThanOrEqual(
      2 * (STRANGE_BEACONS_BURST + STRANGE_BEACONS_PER_S),
    )
  })

  it('of new keys under many addresses keeps no newcomer waiting', () => {
    const ear = started()
    let number = 100
    const flood = (ms: number) => {
      for (let passed = 0; passed < ms; passed += 20) {
        ear.hear(beaconOf(identityOf(number)), `10.0.0.${number % 48}`)
        number += 1
        ear.pass(20)
      }
    }
    flood(10_000)
    const checks = ear.counting.checks
    flood(10_000)
    expect(ear.counting.checks - checks).toBeLessThanOrEqual(10 * 2 * STRANGE_BEACONS_PER_S)
    ear.hear(beaconOf(bob), '10.0.0.200')
    expect(ear.urlOf(bob)).toBe('10.0.0.200:4000')
  })

  it('of true beacons of one neighbour too', () => {
    const ear = started()
    for (let count = 0; count < 100; count++) ear.hear(beaconOf(bob, { atMs: NOW + count }))
    expect(ear.counting.checks).toBeLessThanOrEqual(NEIGHBOUR_BEACONS_BURST + 1)
  })

  it('of copies and of old beacons has none checked', () => {
    const ear = started()
    const bytes = beaconOf(bob)
    const old = beaconOf(bob, { atMs: NOW - 1 })
    const twin = beaconOf(bob, { port: 5_000 })
    ear.hear(bytes)
    for (let count = 0; count < 100; count++) for (const one of [bytes, old, twin]) ear.hear(one)
    expect(ear.counting.checks).toBe(1)
    expect(ear.urlOf(bob)).toBe('192.168.1.7:4000')
  })

  it('of what is too big is not read', () => {
    const ear = started()
    const big = concat(beaconOf(bob), filled(BEACON_MAX_BYTES, 0))
    for (const bytes of [big, filled(60_000, 0x6b), new Uint8Array()]) {
      expect(ear.hear(bytes)).toEqual([])
    }
    expect(ear.counting.checks).toBe(0)
  })
})

describe('a full table', () => {
  /** Beacons one after the other, slowly enough to be checked. */
  function hearMany(ear: LanEar, from: number, count: number, addressOf: (n: number) => string) {
    for (let number = from; number < from + count; number++) {
      ear.pass(1_000 / STRANGE_BEACONS_PER_S)
      ear.hear(beaconOf(identityOf(number)), addressOf(number))
    }
  }

  it('is not filled by one machine against the others', () => {
    const ear = started()
    ear.hear(beaconOf(bob), '10.0.0.7')
    hearMany(ear, 1_000, MAX_NEIGHBOURS + 50, () => '10.0.0.66')
    expect(ear.lan.neighbours()).toHaveLength(MAX_NEIGHBOURS)
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
    // Its own oldest went, and were told of.
    expect(ear.effects).toContainEqual({ kind: 'gone', key: keyIdOf(identityOf(1_000).publicKey) })
    expect(kindsOf(ear.effects).filter(kind => kind === 'gone')).toHaveLength(51)
    ear.hear(beaconOf(eve), '10.0.0.8')
    expect(ear.urlOf(eve)).toBe('10.0.0.8:4000')
  })

  it('counts a newcomer among those of its address', () => {
    const ear = started()
    const half = MAX_NEIGHBOURS / 2
    hearMany(ear, 1_000, half, () => '10.0.0.1')
    hearMany(ear, 2_000, half, () => '10.0.0.2')
    hearMany(ear, 3_000, 1, () => '10.0.0.2')
    expect(ear.urlOf(identityOf(1_000))).toBeDefined()
    expect(ear.urlOf(identityOf(2_000))).toBeUndefined()
  })

  it('gives up whoever was silent longest when all are alone at their addresses', () => {
    const ear = started()
    hearMany(ear, 1_000, MAX_NEIGHBOURS, n => `10.${n >> 8}.${n & 255}.1`)
    ear.hear(beaconOf(identityOf(1_000), { atMs: NOW + 1 }), `10.${1_000 >> 8}.${1_000 & 255}.1`)
    ear.hear(beaconOf(bob), '10.0.0.7')
    expect(ear.lan.neighbours()).toHaveLength(MAX_NEIGHBOURS)
    expect(ear.urlOf(identityOf(1_000))).toBeDefined()
    expect(ear.urlOf(identityOf(1_001))).toBeUndefined()
  })

  it('leaves no deadline of anybody who is gone', () => {
    const ear = started()
    hearMany(ear, 1_000, MAX_NEIGHBOURS + 20, () => '10.0.0.66')
    ear.pass(200_000)
    expect(ear.lan.neighbours()).toEqual([])
    const gone = ear.effects.filter(({ kind }) => kind === 'gone')
    expect(gone).toHaveLength(MAX_NEIGHBOURS + 20)
  })
})

describe('whatever is heard', () => {
  it('throws nothing, and the node goes on', () => {
    const ear = started()
    const real = beaconOf(bob)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 2_000 }),
          fc.uint8Array({ maxLength: 1_400 }).map(rest => concat(real.subarray(0, 4), rest)),
          fc
            .tuple(fc.nat(real.length - 1), fc.integer({ min: 1, max: 255 }))
            .map(([at, flip]) => real.map((byte, index) => (index === at ? byte ^ flip : byte))),
        ),
        fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()),
        (bytes, address) => {
          ear.pass(60)
          ear.hear(bytes, address)
        },
      ),
      { seed: 5, numRuns: 1_000 },
    )
    expect(ear.lan.neighbours()).toEqual([])
    ear.hear(real)
    expect(ear.urlOf(bob)).toBeDefined()
  })
})
