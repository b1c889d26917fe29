// What one session keeps of its paths, and when another one is opened: nothing is opened only to be let go.

import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode, RankedRoute, Relays } from '../../routes/route.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { RERANK_INTERVAL_MS, SESSION_IN_USE_MS, SPARE_AFTER_MS } from '../../wire/limits.ts'
import type { RouteNeed } from '../attempt/peer-routes.ts'
import type { RouteFinder } from '../routes/route-finder.ts'
import { FakeCircuits } from '../testing/fake-circuits.ts'
import { identityOf } from '../testing/records.ts'
import { routesForTests } from '../testing/routes.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { KnownRoutes } from './path-keeper.ts'
import { PathKeeper } from './path-keeper.ts'
import { PeerModes } from './peer-modes.ts'

const BOB = 'bob' as KeyId
const IN_USE = 1
const NONE = 0

let routes: RouteFinder
let keeper: PathKeeper
let time: Time
/** Relays of those that there may be, and the round trip of each. */
let possible: (readonly [relays: string, rttMs: number])[]

beforeEach(() => {
  routes = routesForTests()
  const { circuits } = new FakeCircuits(identityOf(1)).context
  keeper = new PathKeeper({ circuits, routes, modes: new PeerModes('fast') }, BOB)
  time = { now: 1_000, unixMs: START_UNIX_MS }
  possible = []
  isDoubted = false
})

/** `a>x` as relays. */
function relaysOf(names: string): Relays {
  return names.split('>') as KeyId[]
}

function later(ms: number): void {
  time = { now: time.now + ms, unixMs: time.unixMs + ms }
}

function add(
  circuit: number,
  names: string,
  rttMs?: number,
  openedFor: PathMode | undefined = 'fast',
): void {
  const way = { circuit: circuit as CircuitId, relays: relaysOf(names), openedFor }
  keeper.paths.add(time, { handle: () => {} }, way)
  if (rttMs !== undefined) measured(circuit, rttMs)
}

function addOfPeer(circuit: number, names: string, rttMs: number): void {
  const way = { circuit: circuit as CircuitId, relays: relaysOf(names), openedFor: undefined }
  keeper.paths.add(time, { handle: () => {} }, way)
  measured(circuit, rttMs)
}

function measured(circuit: number, rttMs: number): void {
  const path = keeper.paths.get(circuit as CircuitId)
  if (path !== undefined) path.rttMs = rttMs
}

/** Circuits that would be let go. */
function dropped(active = IN_USE, isIdle = false): number[] {
  const inUse = active === NONE ? undefined : (active as CircuitId)
  return keeper.surplus(time, inUse, isIdle).map(path => path.circuit)
}

/** What a route over these relays costs, measured just now. */
function ranked(names: string, rttMs: number): RankedRoute {
  return routes.judged(time.now, BOB, relaysOf(names), rttMs)
}

/** What is known led nowhere. */
let isDoubted = false

const known: KnownRoutes = {
  get isDoubted() {
    return isDoubted
  },
  toTry: (_time, { isWorthy = () => true }) =>
    possible.map(([names, rttMs]) => ranked(names, rttMs)).filter(isWorthy),
}

/** After so long: what is looked for, if anything is. */
function sought(afterMs = RERANK_INTERVAL_MS, active = IN_USE): RouteNeed | undefined {
  later(afterMs)
  const task = keeper.check(time, time.now, active as CircuitId, known)
  return task?.kind === 'ranked' ? task.need : undefined
}

/** Of the routes that there may be, those that this would open. */
function worthy(need: RouteNeed | undefined): string[] | undefined {
  return need && known.toTry(time, need).map(({ relays }) => relays.join('>'))
}

describe('of its own paths a session in use', () => {
  beforeEach(() => {
    add(1, 'a>x', 120)
    add(2, 'b>y', 130)
  })

  it('keeps the one in use and its spare', () => {
    expect(dropped()).toEqual([])
  })

  it('keeps a third that is clearly better than the one in use, though it shares a relay with it', () => {
    add(3, 'a>y', 20)
    expect(dropped()).toEqual([])
    later(RERANK_INTERVAL_MS)
    expect(dropped()).toEqual([])
  })

  it('keeps, once that is in use, the one that fails least together with it', () => {
    add(3, 'a>y', 20)
    add(4, 'c>z', 140)
    later(RERANK_INTERVAL_MS)
    expect(dropped(3)).toEqual([1, 2])
  })

  it('takes a better spare for a worse one', () => {
    add(3, 'c>z', 125)
    expect(dropped()).toEqual([2])
  })

  it('gives one that was not measured the time to the next ranking', () => {
    add(3, 'a>y')
    later(RERANK_INTERVAL_MS - 1)
    expect(dropped()).toEqual([])
    later(1)
    expect(dropped()).toEqual([3])
  })

  it('lets one go at once that turns out to be no better', () => {
    add(3, 'a>y')
    measured(3, 125)
    expect(dropped()).toEqual([3])
  })

  it('gives one that is better, if not by much, the same time to prove it', () => {
    add(3, 'a>y', 110)
    later(RERANK_INTERVAL_MS - 1)
    expect(dropped()).toEqual([])
    later(1)
    expect(dropped()).toEqual([3])
  })

  it('has a spare beside a path of the peer that is in use, and never drops that', () => {
    addOfPeer(9, 'c', 10)
    later(RERANK_INTERVAL_MS)
    expect(dropped(9)).toEqual([2])
    expect(dropped(9, true)).toEqual([1, 2])
  })

  it('keeps the best and its spare while none is in use', () => {
    add(3, 'a', 200)
    later(RERANK_INTERVAL_MS)
    expect(dropped(NONE)).toEqual([3])
  })

  it('keeps one of them when it is idle, however new the others are', () => {
    add(3, 'a>y', 20)
    add(4, 'c>z')
    expect(dropped(1, true)).toEqual([2, 3, 4])
    expect(dropped(NONE, true)).toEqual([1, 2, 4])
  })
})

describe('a session in use looks for', () => {
  beforeEach(() => {
    add(1, 'a>x', 120)
    keeper.begun(time)
  })

  it('a spare, whatever it costs', () => {
    possible = [['a>y', 900]]
    expect(worthy(sought(SPARE_AFTER_MS))).toEqual(['a>y'])
  })

  it('a spare again, and where the peer is, when what is known led nowhere', () => {
    sought(SPARE_AFTER_MS)
    expect(sought()).toBeUndefined()
    isDoubted = true
    expect(sought()).toBeDefined()
  })

  describe('with a spare', () => {
    beforeEach(() => {
      add(2, 'b>y', 130)
    })

    it('nothing while nothing is clearly better', () => {
      possible = [
        ['a>y', 110],
        ['c>z', 125],
      ]
      expect(sought()).toBeUndefined()
    })

    it('what is clearly better than both, and only for that', () => {
      possible = [
        ['c>z', 125],
        ['a>y', 20],
      ]
      expect(worthy(sought())).toEqual(['a>y'])
    })

    it('the same where another spare was sought in vain', () => {
      possible = [['a>y', 20]]
      isDoubted = true
      expect(worthy(sought())).toEqual(['a>y'])
    })

    it('a clearly better spare, and only for that', () => {
      measured(2, 400)
      possible = [
        ['a>y', 110],
        ['c>z', 125],
      ]
      expect(worthy(sought())).toEqual(['c>z'])
    })

    it('nothing better than the one in use when the spare is: that will be in use', () => {
      measured(2, 20)
      possible = [['a>y', 25]]
      expect(sought()).toBeUndefined()
    })

    it('what it would keep', () => {
      possible = [
        ['a>y', 20],
        ['c>z', 20],
        ['a', 60],
        ['d', 110],
      ]
      const found = worthy(sought()) ?? []
      expect(found).toHaveLength(possible.length)
      for (const names of found) {
        add(3, names, possible.find(([other]) => other === names)?.[1])
        later(RERANK_INTERVAL_MS)
        expect(dropped()).not.toContain(3)
        keeper.paths.remove(3 as CircuitId)
      }
    })

    it('others more seldom, the more it has tried', () => {
      possible = [['a>y', 20]]
      const looks = Array.from({ length: 13 }, () => sought() !== undefined)
      const at = looks.flatMap((isLook, number) => (isLook ? [number] : []))
      expect(at).toEqual([0, 1, 3, 7, 11])
    })

    it('nothing more while there is a third that was not measured', () => {
      possible = [['a>y', 20]]
      add(3, 'c>z')
      expect(sought()).toBeUndefined()
      keeper.paths.remove(3 as CircuitId)
      expect(sought()).toBeDefined()
    })

    it('others soon when another path came into use, or one is gone', () => {
      possible = [['a>y', 20]]
      expect(sought()).toBeDefined()
      expect(sought()).toBeDefined()
      expect(sought()).toBeUndefined()
      expect(sought(RERANK_INTERVAL_MS, 2)).toBeDefined()
      keeper.hurry(time)
      expect(sought(SPARE_AFTER_MS, 2)).toBeDefined()
    })

    it('nothing when it is idle', () => {
      possible = [['a>y', 20]]
      later(SESSION_IN_USE_MS)
      const usedAt = time.now - SESSION_IN_USE_MS
      expect(keeper.check(time, usedAt, undefined, known)).toEqual({ kind: 'rest' })
      expect(keeper.nextTimeout()).toBeUndefined()
    })
  })
})
