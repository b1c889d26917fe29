// Signals in whole sessions over a virtual network: in order beside the messages and before them, over whatever path
// leads, again when they were lost, and gone with the session.

import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import {
  MESSAGE_MAX_BYTES,
  OUTBOX_MAX_MESSAGES,
  PROBE_MIN_MS,
  SESSION_IN_USE_MS,
  SIGNAL_MAX_BYTES,
  SIGNAL_WINDOW_BYTES,
} from '../wire/limits.ts'
import type { PathId } from './path.ts'
import { Session } from './session.ts'
import type { End, PairOptions } from './testing/pair.ts'
import { LARGE_BYTES, Pair, SMALL_BYTES } from './testing/pair.ts'
import { BAD, closed, deliveredIds, failures, kinds, signals } from './testing/said.ts'
import { handshakeSecrets } from './testing/secrets.ts'

function signalOf(length: number, number = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at === 0 ? number : at * 13 + number * 5))
}

function signal(pair: Pair, end: End, length: number, number = 0): string {
  const bytes = signalOf(length, number)
  pair.handle(end, { kind: 'signal', bytes })
  return toHex(bytes)
}

/** A pair whose sides have heard each other, with nothing under way. */
function quiet(options: PairOptions = {}): { pair: Pair; path: PathId } {
  const pair = new Pair(options)
  const path = pair.openPath()
  pair.run()
  return { pair, path }
}

function pathUp(pair: Pair, end: End, path: PathId): void {
  const capacity = { smallBytes: SMALL_BYTES, largeBytes: LARGE_BYTES }
  end.session.handle(pair.time, { kind: 'pathUp', path, ...capacity })
}

describe('a signal', () => {
  it.each([1, 100, SIGNAL_MAX_BYTES - 1, SIGNAL_MAX_BYTES])('of %i bytes arrives', length => {
    const { pair } = quiet()
    const start = pair.now
    const said = signal(pair, pair.alice, length)
    const answered = signal(pair, pair.bob, length, 1)
    pair.run(start + pair.network.delayMs)
    expect(signals(pair.bob)).toEqual([said])
    expect(signals(pair.alice)).toEqual([answered])
  })

  it.each([0, SIGNAL_MAX_BYTES + 1])('of %i bytes is dropped', length => {
    const { pair } = quiet()
    signal(pair, pair.alice, length)
    const next = signal(pair, pair.alice, 5)
    pair.run()
    expect(signals(pair.bob)).toEqual([next])
  })

  it('costs one packet and its ack, which waits for nothing', () => {
    const { pair } = quiet()
    const [start, before] = [pair.now, pair.packets]
    signal(pair, pair.alice, 300)
    pair.run()
    expect(pair.packets - before).toBe(2)
    pair.run(start + 30_000)
    expect(pair.packets - before).toBe(2)
  })

  it('takes the place that a packet has beside an ack and other signals', () => {
    const pair = new Pair()
    for (let number = 0; number < 8; number++) signal(pair, pair.alice, 100, number)
    const { packets } = pair
    pair.openPath()
    expect(pair.packets - packets).toBe(1)
    pair.run()
    expect(signals(pair.bob)).toHaveLength(8)
  })

  it('takes large cells when there is much of them', () => {
    const pair = new Pair()
    for (let number = 0; number < 12; number++) signal(pair, pair.alice, 4_000, number)
    pair.openPath()
    expect(pair.largePackets).toBeGreaterThanOrEqual(3)
    pair.run()
    expect(signals(pair.bob)).toHaveLength(12)
  })

  it('is told in order, each once, over losses, doubles, late ones, changed paths and new keys', () => {
    const epochLimits = { ageMs: 10_000, packets: 2 ** 20, bytes: 2 ** 30 }
    for (const seed of [1, 2, 3, 4]) {
      const largeBytes = seed % 2 === 0 ? 0 : LARGE_BYTES
      const pair = new Pair({ seed, ...BAD, largeBytes, epochLimits })
      pair.openPath()
      const said: Record<string, string[]> = { alice: [], bob: [] }
      let messages = 0
      for (let round = 0; round < 120; round++) {
        for (const end of [pair.alice, pair.bob]) {
          const length = 1 + Math.floor(pair.random.next() ** 3 * (SIGNAL_MAX_BYTES - 1))
          said[end.side]?.push(signal(pair, end, length, round))
          if (round % 4 > 0) continue
          pair.send(end, pair.random.bytes(Math.floor(pair.random.next() * 5_000)))
          messages++
        }
        pair.run(pair.now + 200)
        const [oldest] = [...pair.paths]
        if (round % 7 === 0 && oldest !== undefined) pair.killPath(oldest)
        if (round % 10 === 0) pair.openPath()
      }
      // Signals ask for none.
      if (pair.paths.size === 0) pair.openPath()
      const heard = (): number => signals(pair.alice).length + signals(pair.bob).length
      const delivered = (): number =>
        deliveredIds(pair.alice).length + deliveredIds(pair.bob).length
      pair.runUntil(() => heard() === 240 && delivered() === messages)
      expect(signals(pair.bob)).toEqual(said.alice)
      expect(signals(pair.alice)).toEqual(said.bob)
      expect([...failures(pair.alice), ...failures(pair.bob)]).toEqual([])
      expect(closed(pair.alice) ?? closed(pair.bob)).toBeUndefined()
    }
  })

  it('never makes a receiver that loses every second packet complain', () => {
    const pair = new Pair({ network: { loss: 0.5 }, largeBytes: 0 })
    pair.openPath()
    const said = Array.from({ length: 15 }, (_, i) => signal(pair, pair.alice, 4_096, i))
    pair.runUntil(() => signals(pair.bob).length === said.length)
    expect(signals(pair.bob)).toEqual(said)
    expect(closed(pair.bob)).toBeUndefined()
  })
})

describe('a signal beside messages', () => {
  it('waits neither for credit nor for room in the outbox', () => {
    const { pair } = quiet({ consumes: false })
    for (let i = 0; i < 20; i++) pair.send(pair.alice, new Uint8Array(MESSAGE_MAX_BYTES - 1))
    for (let i = 0; i <= OUTBOX_MAX_MESSAGES; i++) {
      const id = new Uint8Array(16)
      pair.alice.session.handle(pair.time, { kind: 'send', id, data: new Uint8Array(0) })
    }
    expect(failures(pair.alice)).toContain('FULL')
    pair.run(pair.now + 1_000)
    // Nobody takes them, so no more may come.
    const { length } = pair.bob.messages
    const said = signal(pair, pair.alice, 500)
    pair.run(pair.now + pair.network.delayMs)
    expect(signals(pair.bob)).toEqual([said])
    expect(pair.bob.messages).toHaveLength(length)
  })

  it('goes first', () => {
    const pair = new Pair()
    const { alice, bob } = pair
    const path = 1 as PathId
    for (const end of [alice, bob]) pathUp(pair, end, path)
    alice.session.handle(pair.time, {
      kind: 'send',
      id: new Uint8Array(16),
      data: new Uint8Array(9),
    })
    alice.session.handle(pair.time, { kind: 'signal', bytes: signalOf(3) })
    const bytes = alice.session.pollPacket(pair.time, path) ?? new Uint8Array()
    bob.session.handle(pair.time, { kind: 'packet', path, bytes })
    const told = [bob.session.poll(), bob.session.poll(), bob.session.poll()]
    expect(told.map(effect => effect?.kind)).toEqual(['ready', 'signal', 'message'])
  })

  it('is no use of the session: an idle one stays idle', () => {
    const { pair } = quiet()
    pair.send(pair.alice, new Uint8Array(1))
    pair.run(pair.now + 1_000)
    const before = [pair.alice.session.usedAt, pair.bob.session.usedAt]
    for (let i = 0; i < 5; i++) {
      signal(pair, pair.alice, 20)
      signal(pair, pair.bob, 20)
      pair.run(pair.now + SESSION_IN_USE_MS)
    }
    expect([pair.alice.session.usedAt, pair.bob.session.usedAt]).toEqual(before)
    expect(signals(pair.bob)).toHaveLength(5)
  })
})

describe('a signal and the paths', () => {
  it('waits until the initiator has proven its keys', () => {
    const pair = new Pair({ network: { loss: 1 } })
    signal(pair, pair.bob, 10)
    const path = pair.openPath()
    pair.run(pair.now + 500)
    expect(pair.bytesOver(path, pair.bob)).toBeGreaterThan(0)
    expect(pair.bytesOver(path, pair.alice)).toBe(0)
    pair.network = { ...pair.network, loss: 0 }
    pair.runUntil(() => signals(pair.alice).length === 1)
  })

  it('goes over the path that leads, also while data may take none', () => {
    const pair = new Pair({ replacesPaths: false })
    const [first, second] = [pair.openPath(), pair.openPath()]
    pair.send(pair.alice, new Uint8Array(10))
    pair.run(pair.now + 1_000)
    const leading = pair.alice.session.activePath === second ? second : first
    for (const end of [pair.alice, pair.bob]) {
      pair.handle(end, { kind: 'confine', paths: new Set() })
    }
    expect(pair.alice.session.activePath).toBeUndefined()
    pair.send(pair.alice, new Uint8Array(10))
    const before = pair.bytesOver(leading, pair.bob)
    const said = [signal(pair, pair.alice, 3_000), signal(pair, pair.alice, 30, 1)]
    const answered = signal(pair, pair.bob, 3_000, 2)
    expect(pair.bytesOver(leading, pair.bob) - before).toBeGreaterThan(3_000)
    pair.run(pair.now + pair.network.delayMs)
    expect(signals(pair.bob)).toEqual(said)
    expect(signals(pair.alice)).toEqual([answered])
    expect(pair.bob.messages).toHaveLength(1)
  })

  it('goes over the preferred path, and the responder follows it there', () => {
    const pair = new Pair({ replacesPaths: false })
    const [first, second] = [pair.openPath(), pair.openPath()]
    signal(pair, pair.alice, 10)
    pair.run(pair.now + 1_000)
    for (const path of [second, first, second]) {
      const other = path === first ? second : first
      pair.handle(pair.alice, { kind: 'prefer', path })
      pair.run(pair.now + 100)
      const before = [pair.alice, pair.bob].map(end => pair.bytesOver(path, end))
      const beforeOther = [pair.alice, pair.bob].map(end => pair.bytesOver(other, end))
      signal(pair, pair.alice, 4_000)
      signal(pair, pair.bob, 4_000)
      pair.run(pair.now + 100)
      for (const [i, end] of [pair.alice, pair.bob].entries()) {
        expect(pair.bytesOver(path, end) - (before[i] ?? 0)).toBeGreaterThan(4_000)
        expect(pair.bytesOver(other, end) - (beforeOther[i] ?? 0)).toBeLessThan(200)
      }
    }
  })

  it('goes out again by the clock of the session alone, when nothing comes behind it', () => {
    const { pair } = quiet({ replacesPaths: false })
    const start = pair.now
    pair.network = { ...pair.network, loss: 1 }
    const said = signal(pair, pair.alice, 50)
    expect(pair.alice.session.nextTimeout()).toBeLessThanOrEqual(start + PROBE_MIN_MS)
    pair.network = { ...pair.network, loss: 0 }
    pair.runUntil(() => signals(pair.bob).length === 1)
    // Overdue, then a probe's round trip, then the way itself.
    expect(pair.now - start).toBe(PROBE_MIN_MS + 3 * pair.network.delayMs)
    const { packets } = pair
    pair.run(start + 60_000)
    expect(signals(pair.bob)).toEqual([said])
    expect(pair.packets - packets).toBeLessThanOrEqual(1)
  })

  it('goes out again when only its ack is lost, and is shown once', () => {
    const { pair } = quiet({ replacesPaths: false })
    signal(pair, pair.alice, 50)
    pair.network = { ...pair.network, loss: 1 }
    pair.run(pair.now + pair.network.delayMs)
    expect(signals(pair.bob)).toHaveLength(1)
    pair.network = { ...pair.network, loss: 0 }
    const next = signal(pair, pair.alice, 60)
    pair.run(pair.now + 10_000)
    expect(signals(pair.bob).slice(1)).toEqual([next])
    const { packets } = pair
    pair.run(pair.now + 30_000)
    expect(pair.packets).toBe(packets)
  })

  it('leaves a path in doubt for another one, and one that died', () => {
    const pair = new Pair({ replacesPaths: false })
    const [first, second] = [pair.openPath(), pair.openPath()]
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    signal(pair, pair.alice, 10)
    pair.run(pair.now + 2_000)
    pair.blackHoles.add(first)
    const start = pair.now
    signal(pair, pair.alice, 3_000, 1)
    pair.runUntil(() => signals(pair.bob).length === 2)
    expect(pair.now - start).toBeLessThan(PROBE_MIN_MS + 3 * pair.network.delayMs)
    signal(pair, pair.alice, 3_000, 2)
    pair.killPath(second)
    const third = pair.openPath()
    pair.runUntil(() => signals(pair.bob).length === 3)
    expect(pair.bytesOver(third, pair.bob)).toBeGreaterThan(3_000)
  })

  it('asks for no path, and waits for the next one up to the window', () => {
    const { pair, path } = quiet({ replacesPaths: false })
    pair.killPath(path)
    const said: string[] = []
    for (let i = 0; i < 30; i++) said.push(signal(pair, pair.alice, SIGNAL_MAX_BYTES, i))
    expect(kinds(pair.alice)).not.toContain('needPath')
    pair.openPath()
    pair.run(pair.now + 10_000)
    const fit = Math.floor(SIGNAL_WINDOW_BYTES / (SIGNAL_MAX_BYTES + 2))
    expect(signals(pair.bob)).toEqual(said.slice(0, fit))
    const later = signal(pair, pair.alice, SIGNAL_MAX_BYTES, 99)
    pair.run(pair.now + 1_000)
    expect(signals(pair.bob).at(-1)).toBe(later)
  })
})

describe('signals and the end of a session', () => {
  it('are forgotten with it, and what comes too late is nothing', () => {
    const { pair, path } = quiet({ replacesPaths: false })
    pair.blackHoles.add(path)
    signal(pair, pair.alice, 3_000)
    pair.handle(pair.alice, { kind: 'close', code: 'NORMAL' })
    signal(pair, pair.alice, 10)
    expect(closed(pair.alice)).toMatchObject({ side: 'local' })
    expect(pair.alice.session.unfinished()).toEqual([])
    expect(pair.alice.session.nextTimeout()).toBeUndefined()
    expect(pair.alice.session.wantsToSend(path)).toBe(false)
  })

  it('begin anew at both ends in the session that replaces it', () => {
    const { pair, path } = quiet({ replacesPaths: false })
    signal(pair, pair.alice, 500)
    pair.run(pair.now + 100)
    // Half of it arrives: the end of one packet's worth, and no more.
    pair.alice.session.handle(pair.time, { kind: 'signal', bytes: signalOf(2_000) })
    const half = pair.alice.session.pollPacket(pair.time, path) ?? new Uint8Array()
    pair.handle(pair.bob, { kind: 'packet', path, bytes: half })
    expect(signals(pair.bob)).toHaveLength(1)
    pair.killPath(path)
    const { suite, random, alice, bob } = pair
    for (const end of [alice, bob]) pair.handle(end, { kind: 'close', code: 'REPLACED' })
    const secrets = handshakeSecrets(suite, random, alice.identity, bob.identity)
    for (const [end, own] of [
      [alice, secrets.caller],
      [bob, secrets.callee],
    ] as const) {
      const { identity, seen } = end
      end.session = new Session({ suite, random: random.bytes, identity, seen }, own, pair.time)
    }
    pair.openPath()
    const [said, answered] = [signal(pair, alice, 700, 3), signal(pair, bob, 800, 4)]
    pair.run()
    expect(signals(bob).slice(1)).toEqual([said])
    expect(signals(alice)).toEqual([answered])
  })
})
