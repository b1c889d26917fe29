// The world with probes instead of keymesh: clocks, timers, dials, order, back-pressure, and that a
// seed decides everything. Faults have their own file.

import { describe, expect, it } from 'vitest'
import type { LinkId } from '../shared/link/link-id.ts'
import * as faults from './faults.ts'
import { CONNECT_TIMEOUT_MS } from './sim-host.ts'
import { connectedPair, message, PLAIN } from './testing/pair.ts'
import { bootProbe, probeProgram, SERVER_CHANNEL, SERVER_URL } from './testing/probe.ts'
import { World } from './world.ts'

describe('dialing', () => {
  it('opens after two round trips', () => {
    const { dialer, acceptor } = connectedPair()
    expect(acceptor().story).toEqual(['accepted 1@30'])
    expect(dialer().story).toEqual(['opened 1@40'])
  })

  it('fails fast without such a name, fast without a program, late without power', () => {
    const world = new World(1, { topology: () => PLAIN })
    const server = world.addNode('server', { listen: SERVER_CHANNEL })
    const dialer = bootProbe(world.addNode('client'))
    dialer().dial({ ...SERVER_URL, host: 'nowhere.test' })
    dialer().dial()
    world.runFor(100)
    expect(dialer().story).toEqual(['lost 1 unreachable@20', 'lost 2 unreachable@40'])
    faults.cutPower(server)
    dialer().dial()
    world.runFor(CONNECT_TIMEOUT_MS)
    expect(dialer().story.at(-1)).toBe(`lost 3 unreachable@${100 + CONNECT_TIMEOUT_MS}`)
  })

  it('tells nothing after a close during the dial', () => {
    const world = new World(1, { topology: () => PLAIN })
    const acceptor = bootProbe(world.addNode('server', { listen: SERVER_CHANNEL }))
    const dialer = bootProbe(world.addNode('client'))
    dialer().host.close(dialer().dial(), 'normal')
    const late = dialer().dial()
    world.after(35, () => dialer().host.close(late, 'normal'))
    world.runFor(1_000)
    expect(dialer().story).toEqual([])
    expect(acceptor().story).toEqual(['accepted 1@30', 'lost 1 normal@45'])
    expect(world.leftovers()).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
  })
})

describe('links', () => {
  it('keep the order under jitter, and give the reader its own copy', () => {
    const { world, dialer, acceptor, link } = connectedPair({ jitterMs: 50 })
    const bytes = message(0)
    for (let value = 0; value < 100; value += 1) {
      bytes[0] = value
      dialer().host.send(link, bytes)
    }
    world.runFor(1_000)
    expect(acceptor().messages.map(received => received[0])).toEqual(
      Array.from({ length: 100 }, (_, value) => value),
    )
  })

  it('take time by their bandwidth', () => {
    const { world, dialer, acceptor, link } = connectedPair({ bytesPerMs: 10 })
    dialer().host.send(link, message(1, 920))
    dialer().host.send(link, message(2, 920))
    world.runFor(1_000)
    expect(acceptor().story.slice(1)).toEqual(['message 1@210', 'message 1@310'])
  })

  it('say full above the buffer, and writable once half of it was read', () => {
    const { world, dialer, link } = connectedPair({ bytesPerMs: 10 })
    const size = 920
    const results = Array.from({ length: 11 }, () => dialer().host.send(link, message(1, size)))
    expect(results).toEqual([...Array.from({ length: 10 }, () => 'ok'), 'full'])
    world.runFor(2_000)
    expect(dialer().story.slice(1)).toEqual(['writable 1@720'])
  })

  it('deliver what was sent before a close, then the reason, and nothing to the closer', () => {
    const { world, dialer, acceptor, link } = connectedPair()
    dialer().host.send(link, message(1))
    dialer().host.close(link, 'shutdown')
    acceptor().host.send(1 as LinkId, message(2))
    world.runFor(1_000)
    expect(acceptor().story.slice(1)).toEqual(['message 1@110', 'lost 1 shutdown@110'])
    expect(dialer().story).toEqual(['opened 1@40'])
    expect(world.leftovers()).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
  })

  it('take a close by the server within its own linkAccepted', () => {
    const world = new World(1, { topology: () => PLAIN })
    const server = world.addNode('server', { listen: SERVER_CHANNEL })
    server.boot(
      probeProgram(server, {}, probe => {
        const accept = probe.linkAccepted.bind(probe)
        probe.linkAccepted = channel => {
          const id = accept(channel)
          probe.host.close(id, 'busy')
          return id
        }
      }),
    )
    const dialer = bootProbe(world.addNode('client'))
    dialer().dial()
    world.runFor(1_000)
    expect(dialer().story).toEqual(['opened 1@40', 'lost 1 busy@40'])
    expect(world.leftovers()).toEqual({ events: 0, timers: 0, channels: 0, links: 0 })
  })
})

describe('clocks and timers', () => {
  it('ring at or a little after their time, once', () => {
    const { world, dialer } = connectedPair()
    const { host } = dialer()
    host.wakeAt(host.now() + 500)
    host.wakeAt(host.now() + 200)
    world.runFor(199.9)
    expect(dialer().story).toHaveLength(1)
    world.runFor(1_000)
    expect(dialer().story.slice(1)).toEqual([expect.stringMatching(/^wake@30[01]$/)])
    host.wakeAt(host.now() - 5)
    host.wakeAt(undefined)
    world.runFor(1_000)
    expect(dialer().story).toHaveLength(2)
  })

  it('are skewed per node on the wall, never back on the monotonic side', () => {
    const { world, client, server, dialer, acceptor } = connectedPair()
    faults.skewClock(client, 600_000)
    expect(dialer().host.unixMs() - acceptor().host.unixMs()).toBe(600_000)
    const before = dialer().host.now()
    faults.skewClock(client, -600_000)
    world.runFor(10)
    expect(dialer().host.now()).toBe(before + 10)
    expect(server.isFrozen).toBe(false)
  })

  it('ring on a grid when throttled', () => {
    const { world, client, dialer } = connectedPair()
    faults.throttleTimers(client, 60_000)
    dialer().host.wakeAt(dialer().host.now() + 10)
    world.runFor(70_000)
    expect(dialer().story.slice(1)).toEqual(['wake@60000'])
  })
})

describe('a seed', () => {
  function run(seed: number): string {
    const world = new World(seed)
    const server = world.addNode('server', { listen: SERVER_CHANNEL })
    bootProbe(server, { answers: true })
    for (let number = 0; number < 10; number += 1) {
      const dialer = bootProbe(world.addNode(`client ${number}`))
      const link = dialer().dial()
      const speak = () => {
        dialer().host.send(link, dialer().host.randomBytes(20))
        if (world.nowMs < 5_000) world.after(100, speak)
      }
      world.after(500, speak)
    }
    world.after(1_000, () => faults.freezeNode(server, 700))
    world.after(3_000, () => {
      for (const placed of [...world.links].slice(0, 3)) faults.cutLink(placed)
    })
    world.runFor(10_000)
    return world.trace.digest()
  }

  it.each([1, 2, 3])('decides every event (seed %i)', seed => {
    expect(run(seed)).toBe(run(seed))
  })

  it('makes a different run of a different seed', () => {
    expect(run(1)).not.toBe(run(2))
  })
})

it('a program that never lets time pass is found out', () => {
  const world = new World(1)
  const again = () => world.after(0, again)
  again()
  expect(() => world.runFor(1)).toThrow('Livelock')
})
