// Circuits of every length, small and large cells, over fast, slow and narrow links, and with relays that
// stall or die while traffic runs.

import { describe, expect, it } from 'vitest'
import * as faults from '../faults.ts'
import { Rng } from '../rng.ts'
import { uniformTopology } from '../topology.ts'
import type { CircuitsOptions, CircuitsReport } from './circuits.ts'
import { runCircuits } from './circuits.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
/** For traffic that costs a second or two of a machine's time per seed. */
const THREE_SEEDS = TEN_SEEDS.slice(0, 3)
const NOTHING_LEFT = { events: 0, timers: 0, channels: 0, links: 0 }

function expectAllOnceInOrder(report: CircuitsReport, messages: number): void {
  for (const flow of [report.forward, report.backward]) {
    expect(flow).toMatchObject({
      sent: messages,
      received: messages,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
      forged: 0,
    })
  }
  expect(report.closed).toEqual([])
  expect(report.misbehaved).toBe(0)
  expect(report.leftovers).toEqual(NOTHING_LEFT)
}

const narrow = (seed: string | number) =>
  uniformTopology(new Rng(seed), {
    minLatencyMs: 20,
    maxLatencyMs: 80,
    jitterMs: 20,
    bytesPerMs: 500,
    bufferBytes: 65_536,
  })

describe('circuits', () => {
  it.each([1, 2, 3, 4, 5])('of %i hops carry small messages both ways', hops => {
    for (const seed of TEN_SEEDS) {
      const report = runCircuits(`${hops}/${seed}`, { hops, messages: 100, messageBytes: 200 })
      expectAllOnceInOrder(report, 100)
      expect(report.openMs).toBeLessThan(hops * 120)
    }
  })

  it('carry more than a window through links narrower than the sender', () => {
    for (const seed of THREE_SEEDS) {
      const options = { hops: 3, messages: 1_200, messageBytes: 900, topology: narrow(seed) }
      const report = runCircuits(seed, options)
      expectAllOnceInOrder(report, 1_200)
    }
  })

  it('carry large cells', () => {
    for (const seed of THREE_SEEDS) {
      const options: CircuitsOptions = {
        hops: 3,
        messages: 300,
        messageBytes: 12_000,
        large: true,
        topology: narrow(seed),
      }
      expectAllOnceInOrder(runCircuits(seed, options), 300)
    }
  })

  it.each([200, 1_000, 2_000])('outlive a relay that stalls for %i ms', stallMs => {
    for (const seed of THREE_SEEDS) {
      const report = runCircuits(seed, {
        hops: 3,
        messages: 600,
        messageBytes: 900,
        fault: (world, chain) => {
          const relay = chain[2]?.node
          if (relay !== undefined) world.after(30, () => faults.freezeNode(relay, stallMs))
        },
      })
      expectAllOnceInOrder(report, 600)
    }
  })

  it('tell both ends when a relay dies', () => {
    for (const seed of TEN_SEEDS) {
      const report = runCircuits(seed, {
        hops: 4,
        messages: 2_000,
        messageBytes: 900,
        withinMs: 5_000,
        fault: (world, chain) => {
          const relay = chain[2]?.node
          if (relay !== undefined) world.after(100, () => faults.killNode(relay))
        },
      })
      expect(report.closed.map(line => line.split(' ')[0]).toSorted()).toEqual(['end', 'origin'])
      expect(report.forward).toMatchObject({ duplicates: 0, outOfOrder: 0, forged: 0 })
      expect(report.backward).toMatchObject({ duplicates: 0, outOfOrder: 0, forged: 0 })
      expect(report.leftovers).toEqual(NOTHING_LEFT)
    }
  })

  it('are the same twice for one seed', () => {
    const options = { hops: 5, messages: 50, messageBytes: 300 }
    const first = runCircuits('again', options)
    expect(runCircuits('again', options)).toEqual(first)
    expect(runCircuits('other', options).trace).not.toBe(first.trace)
  })
})
