import { describe, expect, it } from 'vitest'
import { keyIdOf } from '../../identity/node-id.ts'
import { decodeBeacon, verifyBeacon } from '../../wire/beacon.ts'
import {
  BEACON_ANSWER_MS,
  BEACON_INTERVAL_MS,
  BEACON_REPEAT_MS,
  BEACON_REPEATS,
  CLOCK_SLACK_MS,
  NEIGHBOUR_GONE_MS,
  NEIGHBOUR_MAX_ADDRESSES,
} from '../../wire/limits.ts'
import { filled, NOW } from '../../wire/testing/record-fixtures.ts'
import type { LanEffect } from './lan.ts'
import { beaconOf, identityOf, kindsOf, LanEar, PORT, recordOf } from './testing/lan-ear.ts'

const bob = identityOf(1)
const eve = identityOf(2)
const START_MS = BEACON_REPEATS * BEACON_REPEAT_MS

function sent(effects: readonly LanEffect[]): Uint8Array[] {
  return effects.flatMap(effect => (effect.kind === 'sendBeacon' ? [effect.bytes] : []))
}

describe('what a node says', () => {
  it('is that it is there, at once, and again soon, as the first ones may be lost', () => {
    const ear = new LanEar()
    ear.start()
    expect(kindsOf(ear.effects)).toEqual(['sendBeacon'])
    expect(sent(ear.pass(START_MS))).toHaveLength(BEACON_REPEATS - 1)
  })

  it('is signed, and names key, network, type, port, time and record', () => {
    const ear = new LanEar()
    ear.start()
    const decoded = decodeBeacon(sent(ear.effects)[0] ?? new Uint8Array())
    expect(verifyBeacon(ear.counting.suite, decoded)).toBe(true)
    expect(decoded.beacon).toEqual({
      key: ear.identity.publicKey,
      net: filled(16, 0xaa),
      type: 'client',
      port: PORT,
      atMs: NOW,
      record: ear.record.bytes,
    })
  })

  it('is repeated every half minute, a tenth more or less', () => {
    const ear = new LanEar()
    ear.start()
    ear.pass(START_MS)
    const times: number[] = []
    for (let count = 0; count < 20; count++) {
      const next = ear.lan.nextTimeout() ?? 0
      times.push(next - ear.now)
      expect(sent(ear.pass(next - ear.now))).toHaveLength(1)
    }
    const gaps = times.slice(1)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(BEACON_INTERVAL_MS * 0.9)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(BEACON_INTERVAL_MS * 1.1)
    expect(new Set(gaps).size).toBeGreaterThan(10)
  })

  it('is newer each time, also when the clock goes back', () => {
    const ear = new LanEar()
    ear.start()
    ear.unixMs -= 3_600_000
    const all = [...sent(ear.effects), ...sent(ear.pass(100_000))]
    const times = all.map(bytes => decodeBeacon(bytes).beacon.atMs)
    expect(times.length).toBeGreaterThan(4)
    for (const [at, ms] of times.entries()) {
      if (at > 0) expect(ms).toBeGreaterThan(times[at - 1] ?? 0)
    }
  })

  it('is nothing without a port, but it hears', () => {
    const ear = new LanEar()
    ear.lan.start(ear.time, undefined)
    expect(ear.pass(100_000)).toEqual([])
    expect(kindsOf(ear.hear(beaconOf(bob)))).toEqual(['neighbour'])
    expect(sent(ear.pass(50_000))).toEqual([])
  })

  it('is nothing before the start and after the end, and it hears nobody then', () => {
    const ear = new LanEar()
    expect(ear.hear(beaconOf(bob))).toEqual([])
    ear.start()
    ear.hear(beaconOf(bob))
    ear.lan.stop()
    expect(ear.lan.nextTimeout()).toBeUndefined()
    expect(ear.lan.neighbours()).toEqual([])
    expect(ear.hear(beaconOf(bob, { atMs: NOW + 1 }))).toEqual([])
  })

  it('comes anew when the networks of the machine change', () => {
    const ear = new LanEar()
    ear.start()
    ear.pass(START_MS + 5_000)
    ear.lan.networkChanged(ear.time)
    expect(sent(ear.drain())).toHaveLength(1)
    expect(sent(ear.pass(START_MS))).toHaveLength(BEACON_REPEATS - 1)
  })
})

describe('a new neighbour', () => {
  it('is told with where to dial it', () => {
    const ear = new LanEar()
    ear.start()
    const record = recordOf(bob, 'server')
    const [effect] = ear.hear(beaconOf(bob, { type: 'server', port: 8443, record: record.bytes }))
    expect(effect).toEqual({
      kind: 'neighbour',
      neighbour: {
        key: keyIdOf(bob.publicKey),
        type: 'server',
        url: { scheme: 'wss', host: '192.168.1.7', port: 8443, key: bob.publicKey },
        record,
      },
    })
  })

  it.each([
    ['192.168.1.7', undefined, '192.168.1.7:4000'],
    ['FD00:0::7', undefined, '[fd00::7]:4000'],
    ['fe80::1', 'eth0', '[fe80::1]%eth0:4000'],
  ])('at %s %s is dialed at %s', (address, zone, url) => {
    const ear = new LanEar()
    ear.start()
    ear.hear(beaconOf(bob), address, zone)
    expect(ear.urlOf(bob)).toBe(url)
  })

  it('hears of us within a second', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ear = new LanEar(seed)
      ear.start()
      ear.pass(START_MS + 2_000)
      ear.hear(beaconOf(bob))
      expect(sent(ear.pass(BEACON_ANSWER_MS))).toHaveLength(1)
    }
  })

  it('makes us speak no sooner than a second after the last time', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const ear = new LanEar(seed)
      ear.start()
      ear.pass(START_MS)
      ear.pass((ear.lan.nextTimeout() ?? 0) - ear.now)
      ear.hear(beaconOf(bob))
      expect((ear.lan.nextTimeout() ?? 0) - ear.now).toBe(BEACON_REPEAT_MS)
    }
  })

  it('makes us speak out of turn only so often', () => {
    const ear = new LanEar()
    ear.start()
    ear.pass(START_MS + 2_000)
    let count = 0
    for (let second = 0; second < 100; second++) {
      ear.hear(beaconOf(identityOf(10 + second)))
      count += sent(ear.pass(1_000)).length
    }
    // In turn 4, the burst of 5 and one for each 5 s.
    expect(count).toBeLessThanOrEqual(4 + 5 + 20)
  })

  it('may have a clock that is days off: there is no internet to set it by', () => {
    const ear = new LanEar()
    ear.start()
    for (const [number, atMs] of [0, NOW - 10 * CLOCK_SLACK_MS, NOW * 2].entries()) {
      expect(kindsOf(ear.hear(beaconOf(identityOf(10 + number), { atMs })))).toEqual(['neighbour'])
    }
  })

  it.each([
    ['of another key', recordOf(eve, 'client').bytes],
    ['of another type', recordOf(bob, 'server').bytes],
    ['that is none', filled(40, 1)],
  ])('stays one with a record %s, without it', (_, record) => {
    const ear = new LanEar()
    ear.start()
    ear.hear(beaconOf(bob, { record }))
    expect(ear.lan.neighbour(keyIdOf(bob.publicKey))?.record).toBeUndefined()
    expect(ear.urlOf(bob)).toBeDefined()
  })

  it('is nobody of another network, and not we ourselves', () => {
    const ear = new LanEar()
    ear.start()
    expect(ear.hear(beaconOf(bob, { net: filled(16, 0xab) }))).toEqual([])
    const [own] = sent(ear.effects)
    expect(ear.hear(own ?? new Uint8Array())).toEqual([])
    expect(ear.hear(beaconOf(ear.identity, { atMs: NOW + 5 }))).toEqual([])
    expect(ear.counting.checks).toBe(0)
  })
})

describe('a known neighbour', () => {
  it('is told of again when it moved, and only then', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(beaconOf(bob))
    ear.pass(2_000)
    expect(ear.hear(beaconOf(bob, { atMs: NOW + 1 }))).toEqual([])
    ear.pass(2_000)
    expect(kindsOf(ear.hear(beaconOf(bob, { atMs: NOW + 2, port: 5_000 })))).toEqual(['neighbour'])
    expect(ear.urlOf(bob)).toBe('192.168.1.7:5000')
    ear.pass(2_000)
    const record = recordOf(bob, 'client', NOW + 3).bytes
    const renewed = beaconOf(bob, { atMs: NOW + 3, port: 5_000, record })
    expect(kindsOf(ear.hear(renewed))).toEqual(['neighbour'])
    ear.pass(2_000)
    // Left out, as where it does not fit, it is still true.
    ear.hear(beaconOf(bob, { atMs: NOW + 4, port: 5_000 }))
    expect(ear.lan.neighbour(keyIdOf(bob.publicKey))?.record?.bytes).toEqual(record)
  })

  it('is gone after three missed beacons, to the millisecond', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(beaconOf(bob))
    expect(kindsOf(ear.pass(NEIGHBOUR_GONE_MS - 1))).not.toContain('gone')
    expect(ear.urlOf(bob)).toBeDefined()
    expect(ear.pass(1)).toContainEqual({ kind: 'gone', key: keyIdOf(bob.publicKey) })
    expect(ear.urlOf(bob)).toBeUndefined()
  })

  it('stays for as long as it is heard', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(beaconOf(bob))
    for (let turn = 1; turn <= 10; turn++) {
      expect(kindsOf(ear.pass(BEACON_INTERVAL_MS))).not.toContain('gone')
      ear.hear(beaconOf(bob, { atMs: NOW + turn }))
    }
  })

  it('is not kept by old beacons of it', () => {
    const ear = new LanEar()
    ear.start()
    const bytes = beaconOf(bob)
    ear.hear(bytes)
    ear.pass(NEIGHBOUR_GONE_MS / 2)
    ear.hear(bytes)
    ear.hear(beaconOf(bob, { atMs: NOW - 1, port: 5_000 }))
    expect(ear.urlOf(bob)).toBe('192.168.1.7:4000')
    expect(kindsOf(ear.pass(NEIGHBOUR_GONE_MS / 2))).toContain('gone')
  })
})

describe('the addresses of a neighbour', () => {
  const bytes = beaconOf(bob)

  it('are preferred without an interface in them', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(bytes, 'fe80::1', 'eth0')
    expect(ear.urlOf(bob)).toBe('[fe80::1]%eth0:4000')
    expect(kindsOf(ear.hear(bytes, '10.0.0.7'))).toEqual(['neighbour'])
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
    expect(ear.hear(bytes, '10.0.0.8')).toEqual([])
  })

  it('come forward when one cannot be dialed', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(bytes, '10.0.0.66')
    ear.hear(bytes, '10.0.0.7')
    const view = ear.lan.neighbour(keyIdOf(bob.publicKey))
    if (view === undefined) throw new Error('no neighbour')
    ear.lan.unreachable(view.key, view.url)
    expect(kindsOf(ear.drain())).toEqual(['neighbour'])
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
    // What failed stays behind, however often it is heard.
    ear.hear(bytes, '10.0.0.66')
    ear.pass(2_000)
    ear.hear(beaconOf(bob, { atMs: NOW + 1 }), '10.0.0.66')
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
  })

  it('are not lost to somebody who repeats a beacon from many of his own', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(bytes, '10.0.0.7')
    for (let last = 100; last < 200; last++) ear.hear(bytes, `10.0.0.${last}`)
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
  })

  it('are found among those of somebody who was first', () => {
    const ear = new LanEar()
    ear.start()
    for (let last = 100; last < 200; last++) ear.hear(bytes, `10.0.0.${last}`)
    ear.pass(2_000)
    // The first to bring a new beacon is the neighbour itself, as nobody else can make one.
    ear.hear(beaconOf(bob, { atMs: NOW + 1 }), '10.0.0.7')
    const tried = new Set<string>()
    for (let dial = 0; dial < NEIGHBOUR_MAX_ADDRESSES; dial++) {
      const view = ear.lan.neighbour(keyIdOf(bob.publicKey))
      if (view === undefined) break
      tried.add(view.url.host)
      ear.lan.unreachable(view.key, view.url)
    }
    expect(tried).toContain('10.0.0.7')
  })

  it('are forgotten when nothing came from them for as long as a neighbour may be silent', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(bytes, '10.0.0.7')
    for (let turn = 1; turn <= 4; turn++) {
      ear.pass(NEIGHBOUR_GONE_MS / 4)
      ear.hear(beaconOf(bob, { atMs: NOW + turn }), '10.0.0.8')
    }
    expect(ear.urlOf(bob)).toBe('10.0.0.8:4000')
  })

  it('are all forgotten with a new port', () => {
    const ear = new LanEar()
    ear.start()
    ear.hear(bytes, '10.0.0.7')
    ear.pass(2_000)
    ear.hear(beaconOf(bob, { atMs: NOW + 1, port: 5_000 }), '10.0.0.8')
    expect(ear.urlOf(bob)).toBe('10.0.0.8:5000')
  })

  it('that nobody knows of, and neighbours that nobody is, change nothing', () => {
    const ear = new LanEar()
    ear.start()
    const url = { scheme: 'wss', host: '10.0.0.9', port: 1 } as const
    ear.lan.unreachable(keyIdOf(bob.publicKey), url)
    ear.hear(bytes, '10.0.0.7')
    ear.lan.unreachable(keyIdOf(bob.publicKey), url)
    expect(ear.urlOf(bob)).toBe('10.0.0.7:4000')
    expect(ear.hear(bytes, 'no address')).toEqual([])
  })
})
