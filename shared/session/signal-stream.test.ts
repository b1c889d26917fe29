// Both halves of the stream of signals, without packets' keys and paths: whatever a network does to it, what arrives
// is a beginning of what was said; and whatever a peer does, only a violation comes of it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { toHex } from '../bytes/hex.ts'
import { SIGNAL_MAX_BYTES, SIGNAL_MAX_GAPS, SIGNAL_WINDOW_BYTES } from '../wire/limits.ts'
import type { SessionFrameHandler } from '../wire/session-frames.ts'
import { readFrames } from '../wire/session-frames.ts'
import { ProtocolViolation } from './protocol-violation.ts'
import { SignalReceiver } from './signal-receiver.ts'
import { SignalSender } from './signal-sender.ts'
import type { SignalRun } from './signal-stream.ts'

const ROOM = 900

interface Packet {
  readonly runs: readonly SignalRun[]
  readonly frames: Uint8Array
}

function packetOf(sender: SignalSender, room = ROOM): Packet {
  const out = new Uint8Array(room)
  const runs: SignalRun[] = []
  const end = sender.fill(out, 0, room, runs)
  return { runs, frames: out.subarray(0, end) }
}

/** All packets that the sender has to send now. */
function packetsOf(sender: SignalSender, room = ROOM): Packet[] {
  const packets: Packet[] = []
  while (sender.isDue) packets.push(packetOf(sender, room))
  return packets
}

class Ear {
  readonly heard: string[] = []
  readonly receiver = new SignalReceiver(signal => this.heard.push(toHex(signal)))

  take({ frames }: Packet): void {
    readFrames(frames, {
      onSignal: (offset, bytes) => this.receiver.onSignal(offset, bytes),
    } as SessionFrameHandler)
  }

  at(offset: number, bytes: Uint8Array): void {
    this.receiver.onSignal(offset, bytes)
  }
}

function signalOf(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => at * 31 + (at >> 8) + seed * 7)
}

/** As it lies in the stream. */
function framed(signal: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(signal.length >> 8, signal.length & 0xff), signal)
}

describe('the sender of signals', () => {
  it.each([
    [0, false],
    [1, true],
    [SIGNAL_MAX_BYTES - 1, true],
    [SIGNAL_MAX_BYTES, true],
    [SIGNAL_MAX_BYTES + 1, false],
  ])('takes one of %i bytes: %s', (length, isTaken) => {
    const sender = new SignalSender()
    expect(sender.add(signalOf(length))).toBe(isTaken)
    expect(sender.backlogBytes).toBe(isTaken ? length + 2 : 0)
    expect(sender.isDue).toBe(isTaken)
  })

  it.each([
    [-1, true],
    [0, true],
    [1, false],
  ])('takes one that ends at the window %i: %s', (beyond, isTaken) => {
    const sender = new SignalSender()
    const whole = 15 * (SIGNAL_MAX_BYTES + 2)
    for (let i = 0; i < 15; i++) expect(sender.add(signalOf(SIGNAL_MAX_BYTES))).toBe(true)
    const length = SIGNAL_WINDOW_BYTES - whole - 2 + beyond
    expect(length).toBeLessThan(SIGNAL_MAX_BYTES)
    expect(sender.add(signalOf(length))).toBe(isTaken)
  })

  it('has room again when something was acknowledged, not when it was sent', () => {
    const sender = new SignalSender()
    while (sender.add(signalOf(SIGNAL_MAX_BYTES)));
    const [first, ...others] = packetsOf(sender, 8_000)
    expect(sender.add(signalOf(SIGNAL_MAX_BYTES))).toBe(false)
    for (const packet of others) sender.acknowledged(packet.runs)
    expect(sender.add(signalOf(SIGNAL_MAX_BYTES))).toBe(false)
    sender.acknowledged(first?.runs ?? [])
    expect(sender.add(signalOf(SIGNAL_MAX_BYTES))).toBe(true)
  })

  it('keeps a signal that its owner changes later as it was', () => {
    const [sender, ear] = [new SignalSender(), new Ear()]
    const signal = signalOf(10)
    sender.add(signal)
    signal.fill(0)
    ear.take(packetOf(sender))
    expect(ear.heard).toEqual([toHex(signalOf(10))])
  })

  it('sends what was lost, and nothing else, again', () => {
    const sender = new SignalSender()
    sender.add(signalOf(4_000))
    const packets = packetsOf(sender)
    expect(packets).toHaveLength(5)
    sender.lost(packets[3]?.runs ?? [])
    sender.lost(packets[1]?.runs ?? [])
    expect(sender.backlogBytes).toBe(2 * (ROOM - 1 - 2 - 2))
    expect(packetsOf(sender).map(({ runs }) => runs)).toEqual([packets[1]?.runs, packets[3]?.runs])
    expect(sender.isDue).toBe(false)
  })

  it('sends what was lost in smaller pieces where packets became smaller', () => {
    const [sender, ear] = [new SignalSender(), new Ear()]
    sender.add(signalOf(4_000))
    const [first] = packetsOf(sender, 8_000)
    sender.lost(first?.runs ?? [])
    const packets = packetsOf(sender, 300)
    expect(packets).toHaveLength(14)
    for (const packet of packets.reverse()) ear.take(packet)
    expect(ear.heard).toHaveLength(1)
  })

  it('writes nothing where nothing fits', () => {
    const sender = new SignalSender()
    sender.add(signalOf(10))
    for (let room = 0; room <= 3; room++) expect(packetOf(sender, room).runs).toEqual([])
    expect(packetOf(sender, 4).runs).toEqual([{ from: 0, to: 1 }])
  })

  it('never has more pieces under way than a receiver takes, and is stuck by none', () => {
    const [sender, ear] = [new SignalSender(), new Ear()]
    const sent: string[] = []
    for (let i = 0; sender.add(signalOf(SIGNAL_MAX_BYTES, i)); i++) {
      sent.push(toHex(signalOf(SIGNAL_MAX_BYTES, i)))
    }
    // The one at the beginning is no piece apart.
    const packets = packetsOf(sender)
    expect(packets).toHaveLength(1 + SIGNAL_MAX_GAPS)
    for (const packet of packets.slice(1)) {
      ear.take(packet)
      sender.acknowledged(packet.runs)
    }
    expect(sender.isDue).toBe(false)
    sender.lost(packets[0]?.runs ?? [])
    let rounds = 0
    while (sender.isDue) {
      for (const packet of packetsOf(sender)) {
        ear.take(packet)
        sender.acknowledged(packet.runs)
      }
      expect(++rounds).toBeLessThan(10)
    }
    expect(ear.heard).toEqual(sent)
  })

  it('forgets everything when its session ends', () => {
    const sender = new SignalSender()
    sender.add(signalOf(4_000))
    packetOf(sender)
    sender.clear()
    expect([sender.isDue, sender.backlogBytes]).toEqual([false, 0])
  })
})

describe('the receiver of signals', () => {
  it('shows each as soon as it is whole, wherever the bytes are cut', () => {
    const ear = new Ear()
    const signals = [1, 2, 255, 256, 257, SIGNAL_MAX_BYTES].map(length => signalOf(length, length))
    const stream = concat(...signals.map(framed))
    let whole = 0
    for (const [at, signal] of signals.entries()) {
      const end = whole + framed(signal).length
      for (; whole < end; whole++) {
        expect(ear.heard).toHaveLength(at)
        ear.at(whole, stream.subarray(whole, whole + 1))
      }
    }
    expect(ear.heard).toEqual(signals.map(toHex))
  })

  it('shows many that come at once', () => {
    const ear = new Ear()
    ear.at(0, concat(framed(signalOf(3)), framed(signalOf(1)), framed(signalOf(2)).subarray(0, 3)))
    expect(ear.heard).toEqual([3, 1].map(length => toHex(signalOf(length))))
  })

  it('shows nothing twice', () => {
    const ear = new Ear()
    const stream = concat(framed(signalOf(5)), framed(signalOf(6, 2)))
    ear.at(0, stream)
    ear.at(0, stream)
    ear.at(3, stream.subarray(3, 9))
    expect(ear.heard).toHaveLength(2)
  })

  it('hands over bytes that are nobody else’s', () => {
    const shown: Uint8Array[] = []
    const receiver = new SignalReceiver(signal => shown.push(signal))
    const packet = framed(signalOf(5))
    receiver.onSignal(0, packet)
    packet.fill(0)
    expect(shown).toEqual([signalOf(5)])
  })

  it('goes on across the end of its window, again and again', () => {
    const ear = new Ear()
    const signals = Array.from({ length: 150 }, (_, i) => signalOf(1 + ((i * 997) % 4_000), i))
    const stream = concat(...signals.map(framed))
    expect(stream.length).toBeGreaterThan(4 * SIGNAL_WINDOW_BYTES)
    const step = 5_000
    for (let at = 0; at < stream.length; at += 2 * step) {
      ear.at(at + step, stream.subarray(at + step, at + 2 * step))
      ear.at(at, stream.subarray(at, at + step))
    }
    expect(ear.heard).toEqual(signals.map(toHex))
  })

  it.each([
    ['the last byte of the window', SIGNAL_WINDOW_BYTES - 1, 1, undefined],
    ['the byte behind the window', SIGNAL_WINDOW_BYTES, 1, 'too far ahead'],
    ['a piece that ends at the window', SIGNAL_WINDOW_BYTES - 100, 100, undefined],
    ['a piece that ends behind it', SIGNAL_WINDOW_BYTES - 100, 101, 'too far ahead'],
    ['the greatest offset there is', 2 ** 53 - 1, 1, 'too far ahead'],
  ])('%s', (_, offset, length, violation) => {
    for (const before of [0, 1, 7_000]) {
      const ear = new Ear()
      const stream = concat(framed(signalOf(4_096)), framed(signalOf(4_096)))
      if (before > 0) ear.at(0, stream.subarray(0, before))
      const isFar = offset > SIGNAL_WINDOW_BYTES
      const take = (): void => ear.at(isFar ? offset : before + offset, signalOf(length))
      if (violation === undefined) take()
      else expect(take).toThrow(violation)
    }
  })

  it.each([
    [0, 'impossible length'],
    [1, undefined],
    [SIGNAL_MAX_BYTES - 1, undefined],
    [SIGNAL_MAX_BYTES, undefined],
    [SIGNAL_MAX_BYTES + 1, 'impossible length'],
    [65_535, 'impossible length'],
  ])('a length of %i: %s', (length, violation) => {
    const head = Uint8Array.of(length >> 8, length & 0xff)
    for (const pieces of [[head], [head.subarray(0, 1), head.subarray(1)]]) {
      const ear = new Ear()
      let at = 0
      const take = (): void => {
        for (const piece of pieces) {
          ear.at(at, piece)
          at += piece.length
        }
      }
      if (violation === undefined) take()
      else expect(take).toThrow(violation)
    }
  })

  it('holds as many pieces apart as the limit says, and no more', () => {
    const ear = new Ear()
    for (let i = 1; i <= SIGNAL_MAX_GAPS; i++) ear.at(10 * i, Uint8Array.of(i))
    expect(() => ear.at(10 * SIGNAL_MAX_GAPS + 10, Uint8Array.of(1))).toThrow('too many pieces')
  })

  it('counts pieces that touch as one', () => {
    const ear = new Ear()
    for (let i = 1_000; i > 0; i--) ear.at(10 + i, Uint8Array.of(i))
    for (let i = 1; i < 1_000; i++) ear.at(2_000 + i, Uint8Array.of(i))
    for (let i = 0; i < 500; i++) ear.at(4_000 + 2 * (i % 10), Uint8Array.of(i % 10))
    expect(ear.heard).toEqual([])
  })

  it('takes what came twice only if it is the same', () => {
    for (const at of [50, 60, 79]) {
      const ear = new Ear()
      const piece = signalOf(30)
      ear.at(50, piece)
      ear.at(40, concat(new Uint8Array(10), piece, new Uint8Array(10)))
      const changed = piece.slice()
      changed[at - 50] = (changed[at - 50] as number) ^ 1
      expect(() => ear.at(50, changed)).toThrow('contradict')
      expect(() => ear.at(0, concat(new Uint8Array(50), changed))).toThrow('contradict')
    }
  })

  it('throws violations only, whatever comes', () => {
    const piece = fc.record({
      offset: fc.oneof(fc.nat(300), fc.nat(SIGNAL_WINDOW_BYTES + 10), fc.maxSafeNat()),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), pieces => {
        const ear = new Ear()
        try {
          for (const { offset, bytes } of pieces) ear.at(offset, bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolViolation)
        }
      }),
      { seed: 4, numRuns: 3_000 },
    )
  })
})

describe('both', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('add' as const), length: fc.integer({ min: 1, max: 4_096 }) }),
    fc.record({ kind: fc.constant('fill' as const), room: fc.integer({ min: 4, max: 2_000 }) }),
    fc.record({
      kind: fc.constantFrom('arrive' as const, 'acknowledge' as const, 'lose' as const),
      which: fc.nat(),
    }),
  )

  it('bring a beginning of what was said, and in the end all of it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), steps => {
        const [sender, ear] = [new SignalSender(), new Ear()]
        const said: string[] = []
        // What ever left, for it may arrive late and twice; and what is neither acknowledged nor lost.
        const [sent, flying]: [Packet[], Packet[]] = [[], []]
        const arrived = new Set<Packet>()
        const arrive = (packet: Packet): void => {
          ear.take(packet)
          arrived.add(packet)
        }
        const leave = (packet: Packet): void => {
          if (packet.runs.length === 0) return
          sent.push(packet)
          flying.push(packet)
        }
        for (const each of steps) {
          if (each.kind === 'add') {
            const signal = signalOf(each.length, said.length)
            if (sender.add(signal)) said.push(toHex(signal))
          } else if (each.kind === 'fill') leave(packetOf(sender, each.room))
          else if (each.kind === 'arrive') {
            const packet = sent[each.which % sent.length]
            if (packet !== undefined) arrive(packet)
          } else {
            const at = each.which % flying.length
            const packet = flying[at]
            if (packet === undefined) continue
            const isAcked = each.kind === 'acknowledge'
            if (isAcked && !arrived.has(packet)) continue
            flying.splice(at, 1)
            if (isAcked) sender.acknowledged(packet.runs)
            else sender.lost(packet.runs)
          }
          expect(ear.heard).toEqual(said.slice(0, ear.heard.length))
        }
        for (const { runs } of flying) sender.lost(runs)
        for (let rounds = 0; sender.isDue; rounds++) {
          const packet = packetOf(sender)
          arrive(packet)
          sender.acknowledged(packet.runs)
          expect(rounds).toBeLessThan(5_000)
        }
        expect(ear.heard).toEqual(said)
        expect(sender.backlogBytes).toBe(0)
      }),
      { seed: 5, numRuns: 500 },
    )
  })
})
