// Clients at one server under every fault that one server, its links and its clients' machines can have.
// KEYMESH_SIM=full, as `npm test` sets it, adds a thousand clients.

import { describe, expect, it } from 'vitest'
import { LINK_DEAD_MS } from '../../shared/wire/limits.ts'
import * as faults from '../faults.ts'
import { expectAllOnceInOrder } from '../testing/expect-delivery.ts'
import type { OneServer } from './one-server.ts'
import { runOneServer } from './one-server.ts'

const TEN_SEEDS = Array.from({ length: 10 }, (_, seed) => seed)
const CLIENTS = 10
const MESSAGES = 20
const QUICK = { clients: CLIENTS, messages: MESSAGES } as const

describe('one server', () => {
  it.each(TEN_SEEDS)('carries everything of ten clients (seed %i)', seed => {
    const report = runOneServer(seed, QUICK)
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
    expect(report.detachments).toBe(0)
    expect(report.dialMs.p95).toBeLessThan(600)
  })

  it.each(TEN_SEEDS)('two who dial each other at once get one session (seed %i)', seed => {
    const report = runOneServer(seed, { clients: 40, messages: 5, isMutual: true })
    expect(report).toMatchObject({ failures: {}, peersUp: 40, peersDown: 0 })
    expect(report.dialMs.count).toBe(40)
    expect(report.delivery).toMatchObject({ confirmed: 200, lost: 0, duplicates: 0, outOfOrder: 0 })
  })

  it('is the same twice for one seed', () => {
    const first = runOneServer('again', QUICK)
    expect(runOneServer('again', QUICK)).toEqual(first)
    expect(runOneServer('other', QUICK).trace).not.toBe(first.trace)
  })

  it('carries everything of 100 clients', () => {
    const report = runOneServer(1, { clients: 100, messages: 10 })
    expectAllOnceInOrder(report, 100, 10)
    expect(report.detachments).toBe(0)
  }, 60_000)

  it.runIf(process.env.KEYMESH_SIM === 'full')(
    'carries everything of 1,000 clients, the same twice for one seed',
    () => {
      const report = runOneServer(1, { clients: 1_000, messages: 10 })
      expectAllOnceInOrder(report, 1_000, 10)
      expect(report.detachments).toBe(0)
      expect(runOneServer(1, { clients: 1_000, messages: 10 }).trace).toBe(report.trace)
    },
    240_000,
  )
})

describe('faults at one server', () => {
  it.each(TEN_SEEDS)('killed and back: nothing is lost (seed %i)', seed => {
    const report = runOneServer(seed, {
      ...QUICK,
      sendEveryMs: 500,
      fault: run => run.world.after(3_000, () => run.restartServer(2_000)),
    })
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
    expect(report.detachments).toBe(CLIENTS)
  })

  it.each(TEN_SEEDS)('without power and back: nothing is lost (seed %i)', seed => {
    const report = runOneServer(seed, {
      ...QUICK,
      sendEveryMs: 500,
      fault: run => run.world.after(3_000, () => run.restartServer(2_000, { silent: true })),
    })
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
  })

  it.each(TEN_SEEDS)('half-open links are found within 20 s and healed (seed %i)', seed => {
    const silencedAtMs = 2_000
    let run: OneServer | undefined
    const report = runOneServer(seed, {
      ...QUICK,
      sendEveryMs: 2_000,
      withinMs: 120_000,
      fault: current => {
        run = current
        current.world.after(silencedAtMs, () => silenceAll(current, 4))
      },
    })
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
    for (const { detachedAtMs, attachedAtMs } of run?.clients.slice(0, 4) ?? []) {
      const [lostAtMs = Number.POSITIVE_INFINITY] = detachedAtMs
      expect(lostAtMs - (run?.faultBaseMs ?? 0) - silencedAtMs).toBeLessThan(LINK_DEAD_MS + 100)
      expect(attachedAtMs).toHaveLength(2)
    }
    expect(report.detachments).toBe(4)
  })

  it.each([200, 700, 1_300, 2_000])('a stall of %i ms is no death', stallMs => {
    for (const seed of TEN_SEEDS.slice(0, 3)) {
      const report = runOneServer(seed, {
        ...QUICK,
        sendEveryMs: 1_500,
        fault: run => stallAll(run, stallMs),
      })
      expectAllOnceInOrder(report, CLIENTS, MESSAGES)
      expect(report.detachments).toBe(0)
    }
  })

  it.each(TEN_SEEDS)('a client that slept for 25 s keeps its link (seed %i)', seed => {
    const report = runOneServer(seed, {
      ...QUICK,
      sendEveryMs: 2_000,
      withinMs: 120_000,
      fault: ({ world, clients }) => {
        const [sleeper] = clients
        world.after(5_000, () => sleeper && faults.freezeNode(sleeper.node, 25_000))
      },
    })
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
    expect(report.detachments).toBe(0)
  })

  it.each(TEN_SEEDS)('clocks wrong by up to ten minutes do not matter (seed %i)', seed => {
    expectAllOnceInOrder(runOneServer(seed, { ...QUICK, skewMs: 600_000 }), CLIENTS, MESSAGES)
  })

  it.each(TEN_SEEDS)('a partition of ten seconds loses nothing (seed %i)', seed => {
    const report = runOneServer(seed, {
      ...QUICK,
      sendEveryMs: 1_000,
      fault: ({ world, clients, server }) => {
        const cutOff = clients.slice(0, CLIENTS / 2).map(({ node }) => node)
        world.after(3_000, () => faults.partition(world, [cutOff, [server]]))
        world.after(13_000, () => faults.heal(world))
      },
    })
    expectAllOnceInOrder(report, CLIENTS, MESSAGES)
  })
})

function silenceAll({ world, clients }: OneServer, count: number): void {
  for (const { node } of clients.slice(0, count)) {
    for (const placed of world.linksOf(node)) faults.silenceLink(world, placed)
  }
}

/** The server stalls once, then each client, all within the traffic. */
function stallAll({ world, server, clients }: OneServer, stallMs: number): void {
  world.after(2_000, () => faults.freezeNode(server, stallMs))
  clients.forEach(({ node }, number) => {
    world.after(5_000 + number * 2_300, () => faults.freezeNode(node, stallMs))
  })
}
