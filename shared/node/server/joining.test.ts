import { describe, expect, it } from 'vitest'
import { keyIdOf } from '../../identity/node-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import {
  BACKOFF_MAX_MS,
  LOOK_AROUND_FACTOR,
  LOOK_AROUND_MAX_MS,
  LOOK_AROUND_MS,
} from '../../wire/limits.ts'
import { originOf, parseServerUrl } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import { Joining } from './joining.ts'

const ONE = parseServerUrl('wss://one.test')
const TWO = parseServerUrl('wss://two.test')
const LOST: ClosedLink = { reason: 'unreachable', hint: undefined, retryAfterMs: undefined }

function at(now: number) {
  return { now, unixMs: now }
}

function joining(...urls: (typeof ONE)[]): Joining {
  return new Joining(urls, seededRandom(1))
}

describe('addresses to join', () => {
  it('are all dialed at the start', () => {
    expect(joining(ONE, TWO).start()).toEqual([ONE, TWO])
    expect(joining().start()).toEqual([])
  })

  it('that fail are dialed again, later and later, as long as nobody is known', () => {
    const join = joining(ONE, TWO)
    join.start()
    let now = 0
    for (let i = 0; i < 20; i++) {
      join.failed(at(now), originOf(ONE), undefined, LOST)
      const next = join.nextTimeout() ?? Number.NaN
      expect(next - now).toBeLessThanOrEqual(BACKOFF_MAX_MS)
      expect(join.takeDue(at(next - 1), true)).toEqual([])
      now = next
      expect(join.takeDue(at(now), true)).toEqual([ONE])
      expect(join.nextTimeout()).toBeUndefined()
    }
  })

  it('are left alone once somebody is known, and due again when everybody is lost', () => {
    const join = joining(ONE, TWO)
    join.start()
    join.failed(at(0), originOf(TWO), undefined, LOST)
    join.reached(originOf(ONE))
    join.look(at(0), 1)
    expect(join.takeDue(at(BACKOFF_MAX_MS), false)).toEqual([])
    join.look(at(60_000), 0)
    expect(join.takeDue(at(60_000 + BACKOFF_MAX_MS), true)).toEqual([ONE, TWO])
  })

  it('wait as long as their server asks for', () => {
    const join = joining(ONE)
    join.start()
    join.failed(at(0), originOf(ONE), undefined, { ...LOST, reason: 'busy', retryAfterMs: 20_000 })
    expect(join.nextTimeout()).toBeGreaterThanOrEqual(20_000)
  })

  it('are not mixed up with other keys that are said to be there', () => {
    const pinned = { ...ONE, key: new Uint8Array(32).fill(1) }
    for (const [seed, key] of [
      [pinned, undefined],
      [pinned, keyIdOf(new Uint8Array(32).fill(2))],
      [ONE, keyIdOf(pinned.key)],
    ] as const) {
      const join = joining(seed)
      join.start()
      join.failed(at(0), originOf(ONE), key, LOST)
      expect(join.nextTimeout()).toBeUndefined()
      expect(join.look(at(0), 0)).toEqual({ state: 'joining' })
    }
    const join = joining(pinned)
    join.start()
    join.failed(at(0), originOf(ONE), keyIdOf(pinned.key), LOST)
    expect(join.look(at(0), 0)).toMatchObject({ failure: { code: 'UNREACHABLE' } })
  })

  it('are not mixed up with others', () => {
    const join = joining(ONE)
    join.start()
    join.failed(at(0), originOf(TWO), undefined, LOST)
    join.reached(originOf(TWO))
    expect(join.nextTimeout()).toBeUndefined()
    expect(join.look(at(0), 0)).toEqual({ state: 'joining' })
  })
})

describe('what an operator sees', () => {
  it('is a server alone, until somebody comes', () => {
    const join = joining()
    expect(join.look(at(0), 0)).toBeUndefined()
    expect(join.view).toEqual({ state: 'alone' })
    expect(join.look(at(0), 1)).toEqual({ state: 'joined', servers: 1 })
    expect(join.look(at(0), 2)).toBeUndefined()
    expect(join.view).toEqual({ state: 'joined', servers: 2 })
    expect(join.look(at(0), 0)).toEqual({ state: 'alone' })
  })

  it('is why it knows nobody, once every address has failed, told once for each reason', () => {
    const join = joining(ONE, TWO)
    expect(join.look(at(0), 0)).toEqual({ state: 'joining' })
    join.failed(at(0), originOf(ONE), undefined, LOST)
    expect(join.look(at(0), 0)).toBeUndefined()
    join.failed(at(0), originOf(TWO), undefined, LOST)
    expect(join.look(at(0), 0)).toMatchObject({
      state: 'joining',
      failure: { code: 'UNREACHABLE', message: 'The server wss://one.test cannot be reached.' },
    })
    expect(join.look(at(0), 0)).toBeUndefined()
    join.failed(at(1), originOf(ONE), undefined, { ...LOST, reason: 'wrongNetwork' })
    expect(join.look(at(1), 0)).toMatchObject({ failure: { code: 'WRONG_NETWORK' } })
  })

  it('forgets old failures when it loses everybody', () => {
    const join = joining(ONE)
    join.failed(at(0), originOf(ONE), undefined, LOST)
    join.look(at(0), 1)
    expect(join.look(at(5), 0)).toEqual({ state: 'joining' })
    expect(join.look(at(6), 0)).toBeUndefined()
  })
})

describe('a look around', () => {
  it('follows some time after joining, then more and more seldom, and ends', () => {
    const join = joining()
    expect(join.takeLookAround(at(0))).toBe(false)
    join.look(at(0), 1)
    const times: number[] = []
    for (let next = join.nextTimeout(); next !== undefined; next = join.nextTimeout()) {
      expect(join.takeLookAround(at(next - 1))).toBe(false)
      expect(join.takeLookAround(at(next))).toBe(true)
      times.push(next)
    }
    expect(times.slice(0, 2)).toEqual([LOOK_AROUND_MS, LOOK_AROUND_MS * (1 + LOOK_AROUND_FACTOR)])
    expect(times.length).toBe(4)
    expect((times[3] ?? 0) - (times[2] ?? 0)).toBeLessThanOrEqual(LOOK_AROUND_MAX_MS)
  })

  it('is of no use where nobody is known', () => {
    const join = joining()
    join.look(at(0), 1)
    join.look(at(1), 0)
    expect(join.nextTimeout()).toBeUndefined()
    join.look(at(2), 1)
    expect(join.nextTimeout()).toBe(2 + LOOK_AROUND_MS)
  })
})
