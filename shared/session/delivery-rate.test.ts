// The rate over a line of a known width, in virtual time: bulk, little data, acks in heaps, losses, slow readers.

import { describe, expect, it } from 'vitest'
import type { RatedPacket } from './delivery-rate.ts'
import { DeliveryRate } from './delivery-rate.ts'

interface LineOptions {
  readonly bytesPerMs: number
  readonly rttMs: number
  /** What may be on its way. */
  readonly windowBytes?: number
  readonly packetBytes?: number
  /** Every so-manyth packet is lost. */
  readonly losesEvery?: number
}

interface Flying extends RatedPacket {
  readonly ackAtMs: number
  readonly isLost: boolean
}

/** A line that takes packets one after the other, and their acks. */
class Line {
  nowMs = 0
  bytesPerMs: number
  isShared = false
  isInUse = true
  readonly rate = new DeliveryRate()
  readonly #options: LineOptions
  #flying: Flying[] = []
  #freeAtMs = 0
  #acksFromMs = 0
  #counter = 0

  constructor(options: LineOptions) {
    this.#options = options
    this.bytesPerMs = options.bytesPerMs
  }

  get inFlightBytes(): number {
    return this.#flying.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  send(bytes: number, leavesMore = false): void {
    const { rttMs, losesEvery = Number.POSITIVE_INFINITY } = this.#options
    const counter = this.#counter++
    this.#freeAtMs = Math.max(this.nowMs, this.#freeAtMs) + bytes / this.bytesPerMs
    const ackAtMs = this.#freeAtMs + rttMs
    const mark = this.rate.sent(this.nowMs, counter, bytes, leavesMore, this.isShared)
    const isLost = counter % losesEvery === losesEvery - 1
    this.#flying.push({ counter, sentAt: this.nowMs, bytes, mark, ackAtMs, isLost })
  }

  /** No ack comes for so long. */
  holdAcks(ms: number): void {
    this.#acksFromMs = this.nowMs + ms
  }

  /** Time passes without a thing to send. */
  wait(ms: number): void {
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) this.#tick()
  }

  /** As much as the window takes, all the time. */
  fill(ms: number): void {
    const { windowBytes = 2_097_152, packetBytes = 16_384 } = this.#options
    const refill = (): void => {
      while (this.inFlightBytes + packetBytes <= windowBytes) this.send(packetBytes, true)
    }
    refill()
    for (const untilMs = this.nowMs + ms; this.nowMs < untilMs; ) this.#tick(refill)
  }

  #tick(onAck = (): void => {}): void {
    this.nowMs += 1
    const isHeld = this.nowMs < this.#acksFromMs
    const due = isHeld ? [] : this.#flying.filter(({ ackAtMs }) => ackAtMs <= this.nowMs)
    for (const packet of due) {
      this.#flying.splice(this.#flying.indexOf(packet), 1)
      if (packet.isLost) this.rate.lost(packet.bytes)
      else this.rate.acked(packet)
      this.rate.took(this.nowMs, this.isInUse)
      onAck()
    }
  }
}

/** @returns what was told, in kilobytes per second */
function told(line: Line): number | undefined {
  const bytesPerS = line.rate.takeFresh()
  return bytesPerS && bytesPerS / 1_000
}

describe('a line that is kept full', () => {
  it.each([
    [50, 20],
    [200, 5],
    [200, 200],
    [1_000, 20],
    [10_000, 40],
  ])('of %i bytes per ms and a round trip of %i ms is measured as it is', (bytesPerMs, rttMs) => {
    const line = new Line({ bytesPerMs, rttMs })
    line.fill(2 * (rttMs + 2_097_152 / bytesPerMs))
    expect(told(line)).toBeGreaterThan(0.95 * bytesPerMs)
    line.fill(3_000)
    expect(told(line)).toBeLessThanOrEqual(1.02 * bytesPerMs)
  })

  it('is measured before its first window came back, and never as better than it is', () => {
    const line = new Line({ bytesPerMs: 100, rttMs: 100 })
    line.fill(1_200)
    expect(told(line)).toBeUndefined()
    line.fill(500)
    const first = told(line)
    expect(first).toBeGreaterThan(75)
    line.fill(10_000)
    expect(told(line)).toBeGreaterThan(first ?? 0)
    line.fill(20_000)
    expect(told(line)).toBeLessThanOrEqual(100.5)
  })

  it('of more than the window carries what the window lets it', () => {
    const line = new Line({
      bytesPerMs: 10_000,
      rttMs: 400,
      windowBytes: 524_288,
      packetBytes: 900,
    })
    line.fill(5_000)
    expect(told(line)).toBeGreaterThan(0.9 * (524_288 / 400))
    expect(told(line)).toBeUndefined()
  })

  it('is no faster for acks that were held up and come in a heap', () => {
    const line = new Line({ bytesPerMs: 300, rttMs: 20, windowBytes: 262_144 })
    for (let s = 0; s < 20; s++) {
      line.fill(5_000)
      line.holdAcks(600)
      line.fill(1_000)
      expect(told(line)).toBeLessThanOrEqual(320)
    }
  })

  it('counts what arrived, not what was lost', () => {
    const line = new Line({ bytesPerMs: 500, rttMs: 20, losesEvery: 5 })
    line.fill(10_000)
    const rate = told(line)
    expect(rate).toBeGreaterThan(380)
    expect(rate).toBeLessThan(425)
  })

  it('that grew narrow is known as such after the last seconds passed', () => {
    const line = new Line({ bytesPerMs: 1_000, rttMs: 20 })
    line.fill(9_000)
    line.bytesPerMs = 200
    line.fill(3_000)
    expect(told(line)).toBeGreaterThan(900)
    // A window at the new rate, and the seconds that are remembered.
    line.fill(2_097_152 / 200 + 10_000)
    told(line)
    line.fill(1_000)
    expect(told(line)).toBeLessThan(210)
  })
})

describe('says nothing of the line', () => {
  it.each([
    ['chat', 300, 700],
    ['a stream', 16_384, 33],
    ['a stream over a long line', 8_192, 20],
    ['much of that', 16_384, 20],
  ])('%s: what the application had', (_, bytes, everyMs) => {
    const line = new Line({ bytesPerMs: 5_000, rttMs: 200 })
    for (let i = 0; i < 200; i++) {
      line.send(bytes)
      line.wait(everyMs)
    }
    expect(told(line)).toBeUndefined()
  })

  it.each([6, 10])('files of %i packets, one after the other, that come late', packets => {
    const line = new Line({ bytesPerMs: 5_000, rttMs: 20 })
    line.send(300)
    line.wait(1_000)
    for (let file = 0; file < 20; file++) {
      line.holdAcks(1_500)
      for (let packet = 0; packet < packets; packet++) line.send(16_384, packet < packets - 1)
      line.wait(4_000)
    }
    expect(told(line)).toBeUndefined()
  })

  it.each([
    ['much at a time', 32, 1_000],
    ['bit by bit', 2, 60],
  ])('what a slow reader gives credit for, %s', (_, packets, everyMs) => {
    const line = new Line({ bytesPerMs: 5_000, rttMs: 200 })
    for (let step = 0; step < 50; step++) {
      for (let packet = 0; packet < packets; packet++) line.send(16_384, true)
      line.wait(everyMs)
    }
    expect(told(line)).toBeUndefined()
  })

  it('little data after much', () => {
    const line = new Line({ bytesPerMs: 10_000, rttMs: 200 })
    line.fill(10_000)
    for (let i = 0; i < 200; i++) {
      line.send(8_192)
      line.wait(20)
    }
    expect(told(line)).toBeGreaterThan(9_000)
    for (let i = 0; i < 600; i++) {
      line.send(8_192)
      line.wait(20)
    }
    expect(told(line)).toBeUndefined()
  })

  it('the pauses between bursts', () => {
    const line = new Line({ bytesPerMs: 50_000, rttMs: 20 })
    for (let burst = 0; burst < 20; burst++) {
      for (let packet = 0; packet < 128; packet++) line.send(16_384)
      line.wait(1_000)
    }
    expect(told(line)).toBeUndefined()
  })

  it('what goes beside the data of another path', () => {
    const line = new Line({ bytesPerMs: 500, rttMs: 20 })
    line.isShared = true
    line.fill(10_000)
    expect(told(line)).toBeUndefined()
    line.isShared = false
    line.fill(10_000)
    expect(told(line)).toBeGreaterThan(480)
  })

  it('what is still on its way over a path that data left', () => {
    const line = new Line({ bytesPerMs: 500, rttMs: 20 })
    line.fill(6_000)
    expect(told(line)).toBeGreaterThan(480)
    line.isInUse = false
    line.bytesPerMs = 50
    line.fill(6_000)
    expect(told(line)).toBeUndefined()
  })
})

describe('a line that is narrow is found out', () => {
  it('though credit is all that is waited for, while that waits for the line', () => {
    const line = new Line({ bytesPerMs: 150, rttMs: 20 })
    let ms = 0
    while (ms < 20_000) {
      if (line.inFlightBytes <= 1_572_864) {
        for (let packet = 0; packet < 32; packet++) line.send(16_384, true)
      }
      line.wait(10)
      ms += 10
    }
    expect(told(line)).toBeGreaterThan(145)
  })

  it('by an application that hands over one packet at a time', () => {
    const line = new Line({ bytesPerMs: 150, rttMs: 20 })
    for (let packet = 0; packet < 128; packet++) line.send(16_384)
    line.wait(2_500)
    expect(told(line)).toBeGreaterThan(140)
  })
})

describe('isQueueing', () => {
  it('is behind bulk that is on its way, and nothing else', () => {
    const line = new Line({ bytesPerMs: 1_000, rttMs: 100 })
    line.send(16_384)
    expect(line.rate.isQueueing).toBe(false)
    line.send(16_384)
    expect(line.rate.isQueueing).toBe(true)
    line.wait(200)
    expect(line.rate.isQueueing).toBe(false)
    for (let i = 0; i < 100; i++) {
      line.send(8_192)
      expect(line.rate.isQueueing).toBe(false)
      line.wait(10)
    }
  })
})
