// Sessions that lose their path in every way there is, and go on over the next one.

import { describe, expect, it } from 'vitest'
import * as faults from '../faults.ts'
import { Rng } from '../rng.ts'
import { uniformTopology } from '../topology.ts'
import type { SessionPathsOptions, SessionPathsReport } from './session-paths.ts'
import { runSessionPaths } from './session-paths.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)

function expectAllOnceInOrder(report: SessionPathsReport, messages: number): void {
  for (const flow of [report.forward, report.backward]) {
    expect(flow).toMatchObject({
      sent: messages,
      received: messages,
      confirmed: messages,
      lost: 0,
      duplicates: 0,
      outOfOrder: 0,
      forged: 0,
    })
  }
  expect(report.failed).toBe(0)
  expect(report.closed).toEqual([])
  expect(report.leftovers).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
}

const CHAT: SessionPathsOptions = {
  relays: 2,
  messages: 100,
  maxMessageBytes: 1_500,
  spreadMs: 10_000,
}

describe('a session', () => {
  it('carries messages both ways over one path', () => {
    for (const seed of TEN_SEEDS) {
      const report = runSessionPaths(seed, CHAT)
      expectAllOnceInOrder(report, 100)
      expect(report.pathsOpened).toBe(1)
    }
  })

  it('carries bulk over narrow links', () => {
    for (const seed of TEN_SEEDS.slice(0, 4)) {
      const report = runSessionPaths(seed, {
        ...CHAT,
        maxMessageBytes: 60_000,
        spreadMs: 0,
        topology: uniformTopology(new Rng(seed), {
          minLatencyMs: 10,
          maxLatencyMs: 60,
          jitterMs: 10,
          bytesPerMs: 500,
          bufferBytes: 131_072,
        }),
      })
      expectAllOnceInOrder(report, 100)
    }
  })

  it('attaches another path when its relay dies, again and again', () => {
    for (const seed of TEN_SEEDS) {
      const report = runSessionPaths(seed, {
        ...CHAT,
        relays: 4,
        fault: (world, relays) => {
          relays.slice(0, 3).forEach(({ node }, number) => {
            world.after(2_000 * (number + 1), () => faults.killNode(node))
          })
        },
      })
      expectAllOnceInOrder(report, 100)
      expect(report.pathsOpened).toBe(4)
      expect(report.stallMs).toBeLessThan(2_000)
    }
  })

  it('leaves a path that fell silent without a word', () => {
    for (const seed of TEN_SEEDS) {
      const report = runSessionPaths(seed, {
        ...CHAT,
        fault: (world, [relay]) => {
          world.after(3_000, () => {
            for (const placed of relay === undefined ? [] : world.linksOf(relay.node)) {
              faults.silenceLink(world, placed)
            }
          })
        },
      })
      expectAllOnceInOrder(report, 100)
      expect(report.pathsOpened).toBeGreaterThan(1)
      expect(report.stallMs).toBeLessThan(10_000)
    }
  })

  it.each([200, 1_000, 2_000])('is whole after its caller stalled for %i ms', stallMs => {
    for (const seed of TEN_SEEDS) {
      const report = runSessionPaths(seed, {
        ...CHAT,
        fault: (world, _relays, caller) => {
          world.after(3_000, () => faults.freezeNode(caller.node, stallMs))
        },
      })
      expectAllOnceInOrder(report, 100)
    }
  })

  it('is the same twice for one seed', () => {
    const first = runSessionPaths('again', CHAT)
    expect(runSessionPaths('again', CHAT)).toEqual(first)
  })
})
