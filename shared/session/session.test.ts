// The session over a virtual network: exactly once, in order, none lost, whatever the sizes and losses
// (docs/THREATS.md R12, R15).

import { describe, expect, it } from 'vitest'
import { mapKey } from '../bytes/map-key.ts'
import { MESSAGE_MAX_BYTES } from '../wire/limits.ts'
import type { PathId } from './path.ts'
import { Pair } from './testing/pair.ts'
import { BAD, deliveredIds, failures, kinds, shownIds } from './testing/said.ts'

const SIZES = [
  0,
  1,
  931,
  932,
  933,
  934,
  4_095,
  4_096,
  4_097,
  65_535,
  65_536,
  65_537,
  MESSAGE_MAX_BYTES - 1,
  MESSAGE_MAX_BYTES,
]

describe('a session on a good path', () => {
  it.each(SIZES)('carries a message of %i bytes', size => {
    const pair = new Pair({ network: { delayMs: 5 } })
    pair.openPath()
    const data = new Uint8Array(size).map((_, i) => i * 7 + (i >> 8))
    const id = pair.send(pair.alice, data)
    pair.runUntil(() => deliveredIds(pair.alice).length === 1)
    expect(deliveredIds(pair.alice)).toEqual([mapKey(id)])
    expect(shownIds(pair.bob)).toEqual([mapKey(id)])
    expect(Buffer.compare(pair.bob.messages[0]?.data as Uint8Array, data)).toBe(0)
  })

  it('refuses a message over the limit, and stays as it was', () => {
    const pair = new Pair()
    pair.openPath()
    pair.send(pair.alice, new Uint8Array(MESSAGE_MAX_BYTES + 1))
    expect(failures(pair.alice)).toEqual(['TOO_LARGE'])
    expect(pair.alice.session.queuedMessages).toBe(0)
  })

  it('is ready at once for the initiator, with the first packet for the responder', () => {
    const pair = new Pair()
    pair.openPath()
    expect(kinds(pair.alice)).toEqual(['ready'])
    expect(pair.bob.session.isReady).toBe(false)
    pair.send(pair.bob, new Uint8Array(3))
    expect(pair.packets).toBe(1) // Only the initiator's PING: nothing is sent to an unproven caller.
    pair.runUntil(() => deliveredIds(pair.bob).length === 1)
    expect(kinds(pair.bob)).toContain('ready')
    expect(pair.alice.messages).toHaveLength(1)
  })

  it('is ready before its first message is told', () => {
    const pair = new Pair()
    const { alice, bob } = pair
    const path = 1 as PathId
    for (const { session } of [alice, bob]) {
      session.handle(pair.time, { kind: 'pathUp', path, smallBytes: 900, largeBytes: 0 })
    }
    alice.session.handle(pair.time, {
      kind: 'send',
      id: new Uint8Array(16),
      data: new Uint8Array(3),
    })
    const bytes = alice.session.pollPacket(pair.time, path) ?? new Uint8Array()
    bob.session.handle(pair.time, { kind: 'packet', path, bytes })
    expect([bob.session.poll()?.kind, bob.session.poll()?.kind]).toEqual(['ready', 'message'])
  })

  it('delivers a lone message in one round trip, with one packet each way', () => {
    const pair = new Pair({ network: { delayMs: 20 } })
    pair.openPath()
    pair.run()
    const [before, start] = [pair.packets, pair.now]
    pair.send(pair.alice, new Uint8Array(100))
    pair.runUntil(() => deliveredIds(pair.alice).length === 1)
    expect(pair.now - start).toBe(40)
    pair.run()
    expect(pair.packets - before).toBe(2)
  })

  it('takes the ack along with an answer, and acknowledges no ack', () => {
    const pair = new Pair({ network: { delayMs: 20 } })
    pair.openPath()
    pair.run()
    const before = pair.packets
    pair.send(pair.alice, new Uint8Array(10))
    pair.now += 20
    const { bob } = pair
    // The packet, then the application's answer, all before the deadline of the ack is run.
    pair.runUntil(() => bob.messages.length === 1)
    pair.send(bob, new Uint8Array(10))
    pair.run()
    expect(pair.packets - before).toBeLessThanOrEqual(4)
    expect(deliveredIds(bob)).toHaveLength(1)
    const quiet = pair.packets
    pair.run(pair.now + 30_000)
    expect(pair.packets).toBe(quiet)
  })

  it('packs a backlog into large cells and lets a lone message go small', () => {
    const pair = new Pair({ network: { delayMs: 5 } })
    pair.openPath()
    pair.send(pair.alice, new Uint8Array(200))
    pair.run()
    expect(pair.largePackets).toBe(0)
    const path = pair.openPath()
    pair.killPath(1 as typeof path)
    const quiet = pair.packets
    for (let i = 0; i < 100; i++) {
      const id = pair.random.bytes(16)
      pair.alice.session.handle(pair.time, { kind: 'send', id, data: new Uint8Array(1_024) })
    }
    pair.drain(pair.alice)
    expect(pair.packets - quiet).toBe(7)
    pair.run()
    expect(deliveredIds(pair.alice)).toHaveLength(101)
  })

  it('acknowledges a stream rarely', () => {
    const pair = new Pair({ network: { delayMs: 5 }, largeBytes: 0 })
    pair.openPath()
    pair.run()
    const before = pair.packets
    pair.send(pair.alice, new Uint8Array(900_000))
    pair.run()
    const packets = pair.packets - before
    expect(packets).toBeGreaterThan(1_000)
    expect(packets).toBeLessThan(1_000 * 1.1)
  })
})

describe('a session on a bad network', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('loses and repeats nothing, seed %i', seed => {
    const pair = new Pair({ seed, ...BAD })
    pair.openPath()
    const sent: Record<string, string[]> = { alice: [], bob: [] }
    for (let round = 0; round < 60; round++) {
      for (const end of [pair.alice, pair.bob]) {
        for (let i = 0; i < 5; i++) {
          const size = Math.floor(pair.random.next() ** 4 * 20_000)
          sent[end.side]?.push(mapKey(pair.send(end, pair.random.bytes(size))))
        }
      }
      pair.run(pair.now + 100)
      const [oldest] = [...pair.paths]
      if (round % 7 === 0 && oldest !== undefined) pair.killPath(oldest)
      if (round % 10 === 0) pair.openPath()
    }
    pair.runUntil(
      () => deliveredIds(pair.alice).length === 300 && deliveredIds(pair.bob).length === 300,
    )
    expect(shownIds(pair.bob)).toEqual(sent.alice)
    expect(shownIds(pair.alice)).toEqual(sent.bob)
    expect(deliveredIds(pair.alice)).toEqual(sent.alice)
    expect(failures(pair.alice)).toEqual([])
    expect(pair.alice.session.queuedBytes).toBe(0)
  })

  it('carries a large message piece by piece through losses', () => {
    const pair = new Pair({ seed: 77, ...BAD, largeBytes: 0 })
    pair.openPath()
    const data = pair.random.bytes(300_000)
    pair.send(pair.alice, data)
    pair.runUntil(() => deliveredIds(pair.alice).length === 1)
    expect(Buffer.compare(pair.bob.messages[0]?.data as Uint8Array, data)).toBe(0)
  })
})
