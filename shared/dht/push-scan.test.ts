import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import {
  MAX_QUEUED_PUSHES,
  PUSH_SCAN_CONTACTS,
  PUSH_SCAN_TICK_MS,
  PUSH_SCAN_VALUES,
  PUSHES_PER_S,
} from '../wire/limits.ts'
import type { Push } from './push-scan.ts'
import { PushScan } from './push-scan.ts'

const OWN = keyOf(0)

function keyOf(number: number): KeyId {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, number)
  return keyIdOf(bytes)
}

const keysFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => keyOf(first + i))

interface Setup {
  readonly scan: PushScan
  readonly kept: Set<KeyId>
  /** How often the table was asked for the holders of a key. */
  readonly asked: { count: number }
}

function setUp(values: number, holders: (key: KeyId) => readonly KeyId[]): Setup {
  const kept = new Set(keysFrom(1_000, values))
  const asked = { count: 0 }
  const scan = new PushScan(
    {
      ownKey: OWN,
      kept,
      holders: key => {
        asked.count++
        return holders(key)
      },
    },
    0,
  )
  return { scan, kept, asked }
}

interface Run {
  readonly pushes: Push[]
  readonly endedAt: number
  readonly wakes: number
}

/** Follows the deadlines until there are none. */
function run(scan: PushScan, from = 0, until = Number.POSITIVE_INFINITY): Run {
  const pushes: Push[] = []
  let now = from
  let wakes = 0
  for (let at = scan.nextTimeout(); at !== undefined && at <= until; at = scan.nextTimeout()) {
    now = Math.max(now, at)
    if (++wakes > 1e6) throw new Error('never ends')
    for (let push = scan.due(now); push !== undefined; push = scan.due(now)) pushes.push(push)
  }
  return { pushes, endedAt: now, wakes }
}

describe('a new contact', () => {
  const [near, far] = [keyOf(1), keyOf(2)]

  it('gets every value that it should hold, once', () => {
    const { scan, kept } = setUp(3 * PUSH_SCAN_VALUES, () => [near, OWN])
    expect(scan.nextTimeout()).toBeUndefined()
    scan.verified(0, near)
    const { pushes } = run(scan)
    expect(pushes).toEqual([...kept].map(key => ({ contact: near, key })))
    expect(scan.due(1e9)).toBeUndefined()
  })

  it('that is not among the holders gets nothing', () => {
    const { scan, asked } = setUp(10, () => [near, OWN])
    scan.verified(0, far)
    expect(run(scan).pushes).toEqual([])
    expect(asked.count).toBe(10)
  })

  it.each([
    [0, 4],
    [2, 4],
    [3, 0],
    [-1, 0],
  ])('gets values from the three nearest holders only: we are number %i', (rank, count) => {
    const others = keysFrom(50, 5)
    const holders = rank < 0 ? others : [...others.slice(0, rank), OWN, ...others.slice(rank)]
    const { scan } = setUp(4, () => [...holders, near])
    scan.verified(0, near)
    expect(run(scan).pushes.length).toBe(count)
  })

  it('means no work while nothing is kept', () => {
    const { scan } = setUp(0, () => [OWN, near])
    scan.verified(0, near)
    expect(scan.nextTimeout()).toBeUndefined()
  })

  it('joins a pass that is on its way and sees all values, those first looked at last', () => {
    const count = 4 * PUSH_SCAN_VALUES
    const { scan, asked } = setUp(count, () => [OWN, near, far])
    scan.verified(0, near)
    const first = run(scan, 0, PUSH_SCAN_TICK_MS).pushes
    expect(asked.count).toBe(2 * PUSH_SCAN_VALUES)
    scan.verified(PUSH_SCAN_TICK_MS, far)
    const all = [...first, ...run(scan, PUSH_SCAN_TICK_MS).pushes]
    for (const contact of [near, far]) {
      const keys = all.filter(push => push.contact === contact).map(({ key }) => key)
      expect([keys.length, new Set(keys).size]).toEqual([count, count])
    }
    // One pass and a half served both.
    expect(asked.count).toBe(count + 2 * PUSH_SCAN_VALUES)
  })

  it('is forgotten when it is gone', () => {
    const { scan } = setUp(100, () => [OWN, near, far])
    scan.verified(0, near)
    scan.verified(0, far)
    expect(scan.due(0)?.contact).toBe(near)
    scan.lost(near)
    const { pushes } = run(scan)
    expect(new Set(pushes.map(({ contact }) => contact))).toEqual(new Set([far]))
    expect(pushes.length).toBe(100)
  })

  it('is served while values come and go', () => {
    const { scan, kept } = setUp(2 * PUSH_SCAN_VALUES, () => [OWN, near])
    scan.verified(0, near)
    scan.due(0)
    for (const key of keysFrom(1_000 + PUSH_SCAN_VALUES, PUSH_SCAN_VALUES)) kept.delete(key)
    kept.add(keyOf(5))
    expect(run(scan).pushes.some(({ key }) => key === keyOf(5))).toBe(true)
    scan.verified(1e6, near)
    kept.clear()
    expect(run(scan, 1e6).pushes).toEqual([])
    expect(scan.nextTimeout()).toBeUndefined()
  })
})

describe('the pace', () => {
  const contacts = keysFrom(1, 20)

  it(`is ${PUSHES_PER_S} pushes a second`, () => {
    const { scan } = setUp(500, () => [OWN, ...contacts])
    scan.verified(0, contacts[0] as KeyId)
    const { pushes, endedAt, wakes } = run(scan)
    expect(pushes.length).toBe(500)
    expect(endedAt).toBeGreaterThanOrEqual((499 / PUSHES_PER_S) * 1_000 - 1)
    expect(endedAt).toBeLessThan((500 / PUSHES_PER_S) * 1_100)
    expect(wakes).toBeLessThan(1_100)
  })

  it(`looks at ${PUSH_SCAN_VALUES} values a turn, and at none while enough is queued`, () => {
    const { scan, asked } = setUp(10_000, () => [OWN, ...contacts])
    for (const contact of contacts) scan.verified(0, contact)
    scan.due(0)
    const perTurn = Math.min(PUSH_SCAN_VALUES, Math.ceil(MAX_QUEUED_PUSHES / contacts.length))
    expect(asked.count).toBe(perTurn)
    run(scan, 0, 10_000)
    // What was pushed in ten seconds and what is queued, and no further.
    const most = (10 * PUSHES_PER_S + MAX_QUEUED_PUSHES) / contacts.length + 2
    expect(asked.count).toBeLessThanOrEqual(most)
  })

  it(`serves ${PUSH_SCAN_CONTACTS} contacts at once and leaves further ones to the repairs`, () => {
    const many = keysFrom(1, PUSH_SCAN_CONTACTS + 1)
    const { scan } = setUp(1, () => [OWN, ...many])
    for (const contact of many) scan.verified(0, contact)
    expect(run(scan).pushes.map(({ contact }) => contact)).toEqual(many.slice(0, -1))
  })
})
