import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { seededRandom } from '../link/testing/seeded-random.ts'
import { seeded } from '../session/testing/seeded.ts'
import { GUARD_LIFE_MS, GUARD_REPLACE_PAUSE_MS, GUARDS, GUARDS_MAX } from '../wire/limits.ts'
import { GuardSet } from './guards.ts'
import { keyOf, keysOf } from './testing/keys.ts'

const START_MS = 1_800_000_000_000
const DAY_MS = 86_400_000
const SERVERS = keysOf(20)

const everybody = (): boolean => true
const nobody = (): boolean => false
const only =
  (...keys: KeyId[]) =>
  (key: KeyId) =>
    keys.includes(key)
const allBut = (keys: readonly KeyId[]) => (key: KeyId) => !keys.includes(key)

function fresh(seed = 1, saved?: Uint8Array): GuardSet {
  return new GuardSet(seededRandom(seed), saved)
}

/** The guard to use. */
function pick(
  set: GuardSet,
  unixMs: number,
  isReachable: (key: KeyId) => boolean,
  candidates: readonly KeyId[],
): KeyId | undefined {
  return set.reachable(unixMs, isReachable, candidates)[0]
}

/** A set with its first guards drawn. */
function drawn(seed = 1): { set: GuardSet; guards: [KeyId, KeyId, KeyId] } {
  const set = fresh(seed)
  pick(set, START_MS, everybody, SERVERS)
  return { set, guards: set.keys() as [KeyId, KeyId, KeyId] }
}

describe('GuardSet', () => {
  it('draws its guards at once, all different, and uses the first', () => {
    const { set, guards } = drawn()
    expect(guards).toHaveLength(GUARDS)
    expect(new Set(guards).size).toBe(GUARDS)
    expect(pick(set, START_MS, everybody, SERVERS)).toBe(guards[0])
    expect(set.reachable(START_MS, everybody, SERVERS)).toEqual(guards)
  })

  it('draws every candidate about as often', () => {
    const counts = new Map<KeyId, number>()
    for (let seed = 0; seed < 2_000; seed++) {
      const [first] = drawn(seed).guards
      counts.set(first, (counts.get(first) ?? 0) + 1)
    }
    expect(counts.size).toBe(SERVERS.length)
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(60)
      expect(count).toBeLessThan(145)
    }
  })

  it('has as many as there are, and the missing ones later, behind those', () => {
    const set = fresh()
    expect(pick(set, START_MS, everybody, [])).toBeUndefined()
    expect(pick(set, START_MS, everybody, [keyOf(1), keyOf(1)])).toBe(keyOf(1))
    expect(set.keys()).toEqual([keyOf(1)])
    for (let again = 0; again < 3; again++) {
      expect(pick(set, START_MS, everybody, [keyOf(1), keyOf(2)])).toBe(keyOf(1))
      expect(set.keys()).toEqual([keyOf(1), keyOf(2)])
    }
    expect(pick(set, START_MS, everybody, SERVERS)).toBe(keyOf(1))
    expect(set.keys()).toHaveLength(GUARDS)
  })

  it('never draws who is not reachable', () => {
    const set = fresh()
    expect(pick(set, START_MS, nobody, SERVERS)).toBeUndefined()
    expect(set.keys()).toEqual([])
    expect(pick(set, START_MS, only(keyOf(7)), SERVERS)).toBe(keyOf(7))
    expect(set.keys()).toEqual([keyOf(7)])
  })

  it('uses the next one while one is away, and goes back', () => {
    const { set, guards } = drawn()
    const [a, b, c] = guards
    expect(pick(set, START_MS, allBut([a]), SERVERS)).toBe(b)
    expect(pick(set, START_MS, allBut([a, b]), SERVERS)).toBe(c)
    expect(pick(set, START_MS, allBut([b]), SERVERS)).toBe(a)
    expect(set.keys()).toEqual(guards)
  })

  it('draws one more only when all are away, and drops none for it', () => {
    const { set, guards } = drawn()
    const fourth = pick(set, START_MS, allBut(guards), SERVERS)
    expect(set.keys()).toEqual([...guards, fourth])
    expect(pick(set, START_MS, allBut(guards), SERVERS)).toBe(fourth)
    expect(pick(set, START_MS, everybody, SERVERS)).toBe(guards[0])
    expect(set.keys()).toHaveLength(GUARDS + 1)
  })

  it('draws nobody while this node is offline', () => {
    const { set, guards } = drawn()
    for (let i = 0; i < 50; i++) expect(pick(set, START_MS + i, nobody, SERVERS)).toBeUndefined()
    expect(set.keys()).toEqual(guards)
  })

  it('is not made to draw without end by somebody who cuts it off from each of them', () => {
    const { set, guards } = drawn()
    const cut = (unixMs: number): KeyId | undefined =>
      pick(set, unixMs, allBut(set.keys()), SERVERS)
    for (let drawnMore = GUARDS; drawnMore < GUARDS_MAX; drawnMore++) {
      expect(cut(START_MS)).toBeDefined()
    }
    const full = set.keys()
    expect(full).toHaveLength(GUARDS_MAX)
    expect(cut(START_MS)).toBeUndefined()
    expect(cut(START_MS + GUARD_REPLACE_PAUSE_MS - 1)).toBeUndefined()
    expect(set.keys()).toEqual(full)
    const replacement = cut(START_MS + GUARD_REPLACE_PAUSE_MS)
    expect(set.keys()).toEqual([...full.slice(0, -1), replacement])
    expect(cut(START_MS + GUARD_REPLACE_PAUSE_MS + 1)).toBeUndefined()
    expect(set.keys().slice(0, GUARDS)).toEqual(guards)
  })

  it.each([
    [GUARD_LIFE_MS - 1, true],
    [GUARD_LIFE_MS, false],
    [GUARD_LIFE_MS + 1, false],
  ])('after %i ms still has its guards: %s', (ageMs, areKept) => {
    const { set, guards } = drawn()
    const others = SERVERS.filter(key => !guards.includes(key))
    pick(set, START_MS + ageMs, everybody, others)
    expect(set.keys().some(key => guards.includes(key))).toBe(areKept)
    expect(set.keys()).toHaveLength(GUARDS)
  })

  it('keeps its guards when the clock is wrong for a while', () => {
    const { set, guards } = drawn()
    expect(pick(set, 0, everybody, SERVERS)).toBe(guards[0])
    expect(pick(set, START_MS, everybody, SERVERS)).toBe(guards[0])
    expect(set.keys()).toEqual(guards)
  })
})

describe('a GuardSet over restarts', () => {
  it('is the same, whatever the randomness and whoever is reachable, for 119 days', () => {
    let { set, guards } = drawn()
    const random = seeded(9)
    for (let day = 0; day < 119; day++) {
      const isUp = guards.map(() => random.next() < 0.7)
      const isReachable = (key: KeyId): boolean => isUp[guards.indexOf(key)] ?? false
      const expected = guards.find(isReachable)
      expect(pick(set, START_MS + day * DAY_MS, isReachable, SERVERS)).toBe(expected)
      set = fresh(1_000 + day, set.encode())
      expect(set.keys()).toEqual(guards)
    }
  })

  it('keeps the times at which guards were drawn', () => {
    const { set, guards } = drawn()
    const again = fresh(2, set.encode())
    pick(again, START_MS + GUARD_LIFE_MS - 1, everybody, SERVERS)
    expect(again.keys()).toEqual(guards)
    pick(again, START_MS + GUARD_LIFE_MS, everybody, [])
    expect(again.keys()).toEqual([])
  })

  it('is empty after damage', () => {
    const bytes = drawn().set.encode()
    expect(fresh(1, bytes.subarray(1)).keys()).toEqual([])
    expect(fresh(1, new Uint8Array()).keys()).toEqual([])
  })

  it('is to be saved when it changed, and only then', () => {
    const set = fresh()
    expect(set.takeUnsaved()).toBeUndefined()
    pick(set, START_MS + 0.5, everybody, SERVERS)
    const bytes = set.takeUnsaved()
    expect(bytes).toEqual(set.encode())
    expect(fresh(2, bytes).keys()).toEqual(set.keys())
    pick(set, START_MS, allBut(set.keys().slice(0, 1)), SERVERS)
    expect(set.takeUnsaved()).toBeUndefined()
    pick(set, START_MS + GUARD_LIFE_MS + 1, nobody, [])
    expect(set.takeUnsaved()).toEqual(fresh().encode())
  })
})
