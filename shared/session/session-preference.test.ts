// Several paths at once: which of them carries data, who decides it, and how fast the others take over.

import { describe, expect, it } from 'vitest'
import { MESSAGE_WINDOW_BYTES, PATH_PROBE_INTERVAL_MS, SESSION_IN_USE_MS } from '../wire/limits.ts'
import type { PathId } from './path.ts'
import type { End } from './testing/pair.ts'
import { Pair } from './testing/pair.ts'
import { deliveredIds, kinds } from './testing/said.ts'

const BULK = new Uint8Array(200_000)
/** Acks and probes of a few exchanges, and nothing more. */
const CONTROL_BYTES = 2_000

interface Two {
  readonly pair: Pair
  readonly first: PathId
  readonly second: PathId
}

function twoPaths(): Two {
  const pair = new Pair({ replacesPaths: false })
  const [first, second] = [pair.openPath(), pair.openPath()]
  pair.send(pair.alice, new Uint8Array(10))
  pair.run(pair.now + 1_000)
  return { pair, first, second }
}

/** Sends a lot. @returns the bytes that went over each path meanwhile */
function bulk({ pair, first, second }: Two, from: End): { first: number; second: number } {
  const to = pair.other(from)
  const before = [first, second].map(path => pair.bytesOver(path, to))
  const { length } = to.messages
  pair.send(from, BULK)
  pair.runUntil(() => to.messages.length > length)
  pair.run(pair.now + 500)
  const [onFirst, onSecond] = [first, second].map(
    (path, at) => pair.bytesOver(path, to) - (before[at] as number),
  )
  return { first: onFirst as number, second: onSecond as number }
}

describe('a session with several paths', () => {
  it('sends data over one of them, and keeps to it', () => {
    const two = twoPaths()
    for (let i = 0; i < 3; i++) {
      const bytes = bulk(two, two.pair.alice)
      expect(bytes.first).toBeGreaterThan(BULK.length)
      expect(bytes.second).toBeLessThan(CONTROL_BYTES)
    }
  })

  it('sends over the one that is preferred, until another is', () => {
    const two = twoPaths()
    const { pair, first, second } = two
    pair.handle(pair.alice, { kind: 'prefer', path: second })
    expect(bulk(two, pair.alice).first).toBeLessThan(CONTROL_BYTES)
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    expect(bulk(two, pair.alice).second).toBeLessThan(CONTROL_BYTES)
  })

  it('takes the responder along, also while only the responder sends', () => {
    const two = twoPaths()
    const { pair, first, second } = two
    pair.handle(pair.alice, { kind: 'prefer', path: second })
    pair.run(pair.now + 100)
    expect(pair.bob.session.activePath).toBe(second)
    expect(bulk(two, pair.bob).first).toBeLessThan(CONTROL_BYTES)
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    pair.run(pair.now + 100)
    expect(bulk(two, pair.bob).second).toBeLessThan(CONTROL_BYTES)
  })

  it('tells the responder again when the first word of the change was lost', () => {
    const { pair, second } = twoPaths()
    pair.network = { ...pair.network, loss: 1 }
    pair.handle(pair.alice, { kind: 'prefer', path: second })
    pair.network = { ...pair.network, loss: 0 }
    pair.runUntil(() => pair.bob.session.activePath === second, 10_000)
  })

  it('lets a responder that has a preference of its own keep it', () => {
    const two = twoPaths()
    const { pair, first, second } = two
    pair.handle(pair.bob, { kind: 'prefer', path: second })
    expect(bulk(two, pair.bob).first).toBeLessThan(CONTROL_BYTES)
    expect(bulk(two, pair.alice).second).toBeLessThan(CONTROL_BYTES)
    expect(pair.bob.session.activePath).toBe(second)
    expect(pair.alice.session.activePath).toBe(first)
  })

  it('does not let an old packet, come late, turn the responder back', () => {
    const { pair, first, second } = twoPaths()
    pair.isRecording = true
    pair.network = { ...pair.network, loss: 1 }
    pair.send(pair.alice, new Uint8Array(1))
    const [late] = pair.recorded
    pair.network = { ...pair.network, loss: 0 }
    pair.handle(pair.alice, { kind: 'prefer', path: second })
    pair.run(pair.now + 100)
    const bytes = (late as { bytes: Uint8Array }).bytes
    pair.handle(pair.bob, { kind: 'packet', path: first, bytes })
    expect(pair.bob.session.activePath).toBe(second)
    expect(pair.bob.messages).toHaveLength(2)
  })

  it('goes on at once over the other path when the preferred one dies, in one trip', () => {
    const { pair, first, second } = twoPaths()
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    pair.send(pair.alice, BULK)
    const start = pair.now
    pair.killPath(first)
    pair.runUntil(() => pair.bob.messages.length === 2)
    expect(pair.now - start).toBe(pair.network.delayMs)
    expect(pair.alice.session.activePath).toBe(second)
    expect(kinds(pair.alice)).not.toContain('needPath')
  })

  it('leaves a path that fell silent with the first overdue answer, not with the verdict', () => {
    const { pair, first } = twoPaths()
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    pair.run(pair.now + 2_000)
    pair.blackHoles.add(first)
    const start = pair.now
    pair.send(pair.alice, BULK)
    pair.runUntil(() => deliveredIds(pair.alice).length === 2)
    expect(pair.now - start).toBeLessThan(1_000 + 3 * pair.network.delayMs)
    expect(kinds(pair.alice)).not.toContain('pathSuspect')
    pair.run(start + 3_000)
    expect(kinds(pair.alice)).toContain('pathSuspect')
  })

  it('returns to the preferred path when that answers again', () => {
    const { pair, first, second } = twoPaths()
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    pair.run(pair.now + 2_000)
    pair.blackHoles.add(first)
    pair.send(pair.alice, BULK)
    pair.run(pair.now + 1_500)
    expect(pair.alice.session.activePath).toBe(second)
    pair.blackHoles.delete(first)
    pair.runUntil(() => pair.alice.session.activePath === first, 10_000)
    expect(pair.bob.messages).toHaveLength(2)
  })

  it('takes the nearest of those that are left', () => {
    const { pair, first, second } = twoPaths()
    pair.network = { ...pair.network, delayMs: 200 }
    const third = pair.openPath()
    pair.run(pair.now + 1_000)
    pair.handle(pair.alice, { kind: 'prefer', path: third })
    pair.killPath(third)
    expect([first, second]).toContain(pair.alice.session.activePath)
  })

  it('lets data wait rather than take a path it must not take, and asks for one once', () => {
    const { pair, first } = twoPaths()
    pair.handle(pair.alice, { kind: 'confine', paths: new Set([first]) })
    pair.killPath(first)
    pair.send(pair.alice, BULK)
    pair.run(pair.now + 5_000)
    expect(pair.bob.messages).toHaveLength(1)
    expect(pair.alice.session.activePath).toBeUndefined()
    expect(kinds(pair.alice).filter(kind => kind === 'needPath')).toHaveLength(1)
    const third = pair.openPath()
    pair.handle(pair.alice, { kind: 'confine', paths: new Set([third]) })
    pair.runUntil(() => pair.bob.messages.length === 2)
    expect(pair.alice.session.activePath).toBe(third)
  })

  it('takes in and confirms what the other side sends meanwhile, however much it is', () => {
    const { pair, first, second } = twoPaths()
    pair.handle(pair.alice, { kind: 'confine', paths: new Set([first]) })
    pair.killPath(first)
    const many = Math.ceil((2 * MESSAGE_WINDOW_BYTES) / BULK.length)
    for (let i = 0; i < many; i++) pair.send(pair.bob, BULK)
    const before = pair.bytesOver(second, pair.bob)
    pair.runUntil(() => deliveredIds(pair.bob).length === many, 60_000)
    expect(kinds(pair.alice)).not.toContain('needPath')
    // Acks and credit.
    expect(pair.bytesOver(second, pair.bob) - before).toBeLessThan(BULK.length)
  })

  it('leaves a path it may take as little as ever: only for another one that it may take', () => {
    const { pair, first, second } = twoPaths()
    pair.handle(pair.alice, { kind: 'confine', paths: new Set([first]) })
    pair.run(pair.now + 2_000)
    pair.blackHoles.add(first)
    pair.send(pair.alice, BULK)
    pair.run(pair.now + 1_500)
    expect(pair.alice.session.activePath).toBe(first)
    pair.handle(pair.alice, { kind: 'confine', paths: undefined })
    pair.runUntil(() => pair.alice.session.activePath === second)
  })

  it('asks a path it does not use every five seconds, while it is in use and no longer', () => {
    const { pair, second } = twoPaths()
    const start = pair.now
    const probesIn = (ms: number): number => {
      const before = pair.bytesOver(second, pair.bob)
      pair.run(pair.now + ms)
      return (pair.bytesOver(second, pair.bob) - before) / PROBE_BYTES
    }
    const whileUsed = probesIn(SESSION_IN_USE_MS)
    expect(whileUsed).toBeGreaterThanOrEqual(SESSION_IN_USE_MS / PATH_PROBE_INTERVAL_MS - 2)
    expect(whileUsed).toBeLessThanOrEqual(SESSION_IN_USE_MS / PATH_PROBE_INTERVAL_MS)
    pair.run(start + 2 * SESSION_IN_USE_MS)
    expect(probesIn(300_000)).toBe(0)
    pair.send(pair.alice, new Uint8Array(1))
    expect(probesIn(PATH_PROBE_INTERVAL_MS)).toBe(1)
  })

  it('asks nothing of a single path', () => {
    const pair = new Pair()
    const path = pair.openPath()
    pair.send(pair.alice, new Uint8Array(10))
    pair.run(pair.now + 1_000)
    const before = pair.bytesOver(path, pair.bob)
    pair.run(pair.now + 50_000)
    expect(pair.bytesOver(path, pair.bob)).toBe(before)
  })

  it('finds out that an unused path is dead before it is needed', () => {
    const { pair, second } = twoPaths()
    pair.blackHoles.add(second)
    pair.runUntil(() => kinds(pair.alice).includes('pathSuspect'), 10_000)
    expect(pair.alice.effects).toContainEqual({ kind: 'pathSuspect', path: second })
  })
})

/** Header, tag, and one PING frame. */
const PROBE_BYTES = 29
