// Attempts at private paths: which guards and which middles they go through while circuits fail, and when.

import { describe, expect, it } from 'vitest'
import type { EndReason } from '../../routing/circuit.ts'
import {
  HEDGE_HANDSHAKE_MS,
  PRIVATE_GUARD_STRIKES,
  PRIVATE_MAX_CIRCUITS,
  PRIVATE_SILENCE_STRIKES,
} from '../../wire/limits.ts'
import { AttemptFixture, serverRecord } from '../testing/attempt-fixture.ts'
import { PrivateCircuits } from './private-circuits.ts'

const MIDDLES = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7', 'm8']

function begun(entries: string[], homes: string[], middles = MIDDLES): AttemptFixture {
  const fixture = new AttemptFixture({ mode: 'private', maxCircuits: PRIVATE_MAX_CIRCUITS })
  const records = homes.map(name => serverRecord(name))
  return fixture
    .told('one', ...middles)
    .start(...entries)
    .found(homes, records)
}

/** Who stood there, circuit after circuit. */
function at(place: number, fixture: AttemptFixture): (string | undefined)[] {
  return fixture.tried.map(way => way.split('-')[place])
}

function failing(fixture: AttemptFixture, reasonOf: (way: string) => EndReason | undefined): void {
  for (;;) {
    const reason = reasonOf(fixture.tried.at(-1) ?? '')
    if (reason === undefined) {
      fixture.answered()
      return
    }
    const { length } = fixture.tried
    fixture.failed(reason)
    if (fixture.tried.length === length) return
  }
}

describe('with one middle of eight alive', () => {
  it.each<[EndReason, string[], string[]]>([
    ['unreachable', ['one'], ['x']],
    ['timeout', ['one'], ['x']],
    ['closed', ['one'], ['x']],
    ['unreachable', ['one'], ['x', 'y']],
    ['closed', ['one'], ['x', 'y']],
    ['timeout', ['one', 'two', 'three'], ['x', 'y']],
  ])('the peer is reached: others end with %s, guards %j, homes %j', (reason, entries, homes) => {
    for (const alive of MIDDLES) {
      const fixture = begun(entries, homes)
      failing(fixture, way => (way.includes(alive) ? undefined : reason))
      expect(fixture.outcome).toContain(`-${alive}-`)
      // Nobody is tried twice, beside our own servers.
      const middles = at(1, fixture).filter(name => name?.startsWith('m'))
      expect(new Set(middles).size).toBe(middles.length)
    }
  })
})

describe('a guard', () => {
  const entries = ['one', 'two', 'three']

  it.each<EndReason>(['busy', 'quota'])(
    'that says %s makes room for the next in the same attempt, and is the last one then',
    reason => {
      const fixture = begun(entries, ['x'])
      const [first] = at(0, fixture)
      failing(fixture, way => (way.startsWith(`${first}-`) ? reason : undefined))
      expect(fixture.tried).toHaveLength(2)
      expect(fixture.outcome).not.toContain(`opened ${first}-`)
      const all = begun(entries, ['x'])
      failing(all, () => reason)
      const guards = at(0, all)
      // Each one once, then the first again.
      expect(guards).toHaveLength(PRIVATE_MAX_CIRCUITS)
      expect(new Set(guards.slice(0, 3)).size).toBe(3)
      expect(new Set(guards.slice(3))).toEqual(new Set([guards[0]]))
    },
  )

  it('stays the first one for the next attempt', () => {
    const fixture = begun(entries, ['x'])
    fixture.failed('busy').answered()
    const [first] = at(0, fixture)
    const next = fixture.again()
    expect(at(0, next)).toEqual([first])
  })

  it.each<EndReason>(['closed', 'protocol'])(
    'behind which somebody says no (%s) is the only one of an attempt',
    reason => {
      const fixture = begun(entries, ['x', 'y'])
      failing(fixture, () => reason)
      expect(fixture.tried).toHaveLength(PRIVATE_MAX_CIRCUITS)
      expect(new Set(at(0, fixture)).size).toBe(1)
    },
  )

  it('that reaches nobody makes room after a while', () => {
    const fixture = begun(entries, ['x', 'y'])
    failing(fixture, () => 'unreachable')
    const firsts = at(0, fixture)
    const count = firsts.filter(name => name === firsts[0]).length
    expect(count).toBe(PRIVATE_GUARD_STRIKES)
    expect(new Set(firsts.slice(count)).size).toBe(1)
  })

  it('that says nothing makes room before a dial is over', () => {
    const fixture = begun(entries, ['x', 'y'])
    fixture.pass(HEDGE_HANDSHAKE_MS).pass(HEDGE_HANDSHAKE_MS)
    expect(fixture.tried).toHaveLength(PRIVATE_GUARD_STRIKES / PRIVATE_SILENCE_STRIKES)
    expect(new Set(at(0, fixture)).size).toBe(1)
    fixture.pass(HEDGE_HANDSHAKE_MS)
    fixture.failed('timeout', fixture.opened[0]?.circuit)
    expect(new Set(at(0, fixture)).size).toBe(2)
  })

  it('whose link was lost is not used while it is away', () => {
    const fixture = begun(entries, ['x'])
    const [first] = at(0, fixture)
    fixture.entries = entries.filter(name => name !== first)
    fixture.failed('linkLost')
    expect(at(0, fixture)[1]).not.toBe(first)
  })
})

describe('the circuits over one guard', () => {
  const over = (...reasons: (EndReason | 'open')[]): boolean => {
    const circuits = new PrivateCircuits()
    const relays = ['guard', 'middle', 'last'] as never
    for (const reason of reasons) {
      circuits.opened(relays)
      if (reason !== 'open') circuits.failed(relays, reason)
    }
    return circuits.failedGuards.has('guard' as never)
  }
  const times = (count: number, reason: EndReason): EndReason[] => Array(count).fill(reason)

  it.each<[boolean, (EndReason | 'open')[]]>([
    [false, []],
    [false, ['open', 'timeout']],
    [true, ['open', 'timeout', 'timeout']],
    [true, ['linkLost', 'timeout', 'linkLost']],
    [false, ['closed', 'timeout', 'timeout', 'timeout']],
    [true, ['closed', 'busy']],
    [true, ['quota']],
    [true, ['timeout', 'timeout', ...times(3, 'unreachable')]],
    [false, times(PRIVATE_GUARD_STRIKES - 1, 'unreachable')],
    [true, times(PRIVATE_GUARD_STRIKES, 'unreachable')],
    [false, ['protocol', ...times(PRIVATE_GUARD_STRIKES, 'unreachable')]],
  ])('say that it is no use: %s, after %j', (isInVain, reasons) => {
    expect(over(...reasons)).toBe(isInVain)
  })
})
