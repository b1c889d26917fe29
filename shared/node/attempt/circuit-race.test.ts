// Several setups of one attempt at once: when the next one joins, which answer wins, what becomes of the others.

import { describe, expect, it } from 'vitest'
import type { CircuitId } from '../../routing/circuit.ts'
import {
  HEDGE_HANDSHAKE_MS,
  HEDGE_MAX_CIRCUITS,
  HEDGE_ROUND_TRIPS,
  PATH_MAX_CIRCUITS,
} from '../../wire/limits.ts'
import type { CircuitPort } from '../peers/peer-context.ts'
import { AttemptFixture, serverRecord } from '../testing/attempt-fixture.ts'
import { CircuitRace } from './circuit-race.ts'
import type { Route } from './peer-routes.ts'

const HOMES = ['x', 'y', 'z']

/** Three of our servers, three of the peer's: nine ways. */
function opening(): AttemptFixture {
  const fixture = new AttemptFixture()
  return fixture.start('one', 'two', 'three').found(
    HOMES,
    HOMES.map(name => serverRecord(name)),
  )
}

describe('a setup that takes long', () => {
  it('gets company after a while, and not before', () => {
    const fixture = opening()
    expect(fixture.tried).toEqual(['one-x'])
    fixture.pass(HEDGE_HANDSHAKE_MS - 1)
    expect(fixture.tried).toEqual(['one-x'])
    fixture.pass(1)
    expect(fixture.tried).toEqual(['one-x', 'two-y'])
    expect(fixture.destroyed).toEqual([])
  })

  it('is never one of more than so many', () => {
    const fixture = opening()
    for (let i = 0; i < 10; i++) fixture.pass(HEDGE_HANDSHAKE_MS)
    expect(fixture.tried).toHaveLength(HEDGE_MAX_CIRCUITS)
    expect(fixture.attempt.nextTimeout()).toBeUndefined()
  })

  it('wins if it is answered first all the same', () => {
    const fixture = opening()
      .pass(HEDGE_HANDSHAKE_MS)
      .answered(1 as CircuitId)
    expect(fixture.outcome).toBe('opened one-x')
    expect(fixture.destroyed).toEqual([2])
  })

  it('loses to the first answer, and is not heard any more', () => {
    const fixture = opening().pass(HEDGE_HANDSHAKE_MS).answered()
    expect(fixture.outcome).toBe('opened two-y')
    expect(fixture.destroyed).toEqual([1])
    fixture.failed('closed', 1 as CircuitId)
    expect(fixture.tried).toHaveLength(2)
  })

  it('is no failure of the attempt while another one runs', () => {
    const fixture = opening().pass(HEDGE_HANDSHAKE_MS)
    fixture.failed('timeout', 1 as CircuitId)
    expect(fixture.tried).toEqual(['one-x', 'two-y', 'three-z'])
    fixture.answered(2 as CircuitId)
    expect(fixture.outcome).toBe('opened two-y')
  })

  it('counts among the circuits of an attempt', () => {
    const fixture = opening()
    for (let i = 0; i < 20; i++) {
      fixture.pass(HEDGE_HANDSHAKE_MS)
      if (i % 2 === 1) fixture.failed('timeout', (1 + (i - 1) / 2) as CircuitId)
    }
    expect(fixture.tried).toHaveLength(PATH_MAX_CIRCUITS)
    expect(fixture.outcome).toBe('TIMEOUT')
  })

  it('goes with the others when the attempt is given up', () => {
    const fixture = opening().pass(HEDGE_HANDSHAKE_MS)
    fixture.attempt.cancel(fixture.time)
    expect(fixture.destroyed).toEqual([1, 2])
    expect(fixture.attempt.nextTimeout()).toBeUndefined()
  })

  it('has more time for itself on a way that is known to be long', () => {
    const port = { nextId: () => 1, open: () => {}, destroy: () => {} } as unknown as CircuitPort
    for (const [latencyMs, hedgeMs] of [
      [0, 1_000],
      [1_000 / HEDGE_ROUND_TRIPS, 1_000],
      [1_000, HEDGE_ROUND_TRIPS * 1_000],
    ] as const) {
      const race = new CircuitRace(port, 1_000)
      const route: Route = { relays: [], hops: [], latencyMs }
      race.open({ now: 5, unixMs: 0 }, route, () => new Uint8Array(0))
      expect(race.nextTimeout()).toBeCloseTo(5 + hedgeMs)
    }
  })
})
