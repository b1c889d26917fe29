// A session's spare path: when there is one, what it saves, which of the two is used, and what idle sessions keep.

import { beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../session/testing/seeded.ts'
import { RERANK_INTERVAL_MS, SESSION_IN_USE_MS, SPARE_AFTER_MS } from '../../wire/limits.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

let world: MiniWorld
let servers: MiniNode[]
let alice: MiniNode
let bob: MiniNode

beforeEach(() => {
  world = new MiniWorld()
  servers = ['one', 'two', 'three'].map(name => world.server(name))
  alice = world.client('alice', servers)
  bob = world.client('bob', servers)
  world.until(() => [alice, bob].every(isAttached))
})

function isAttached(node: MiniNode): boolean {
  return node.attachments.every(({ state }) => state === 'online')
}

/** Names of the relays that carry Alice's data to Bob. */
function pathOf(node: MiniNode): string[] | undefined {
  const path = node.seen('peerPath').at(-1)?.path
  return path?.hops.map(key => world.nodes.find(one => one.key === key)?.name ?? '?')
}

function used(node: MiniNode): MiniNode {
  const [name] = pathOf(node) ?? []
  const found = servers.find(server => server.name === name)
  if (found === undefined) throw new Error('no relay')
  return found
}

function send(text: string): number {
  return alice.send(bob, text)
}

/** How often data took another path than before. */
function moves(): number {
  const paths = alice.seen('peerPath').map(({ path }) => path?.hops.join())
  return paths.filter((path, at) => path !== paths[at - 1]).length
}

/** @returns how long it took */
function delivered(request: number): number {
  const start = world.now
  world.until(() => alice.answer(request) !== undefined)
  expect(alice.verdict(request)).toBe('delivered')
  return world.now - start
}

/** Every `everyMs` a message, for `ms`. */
function talk(ms: number, everyMs = 200): void {
  for (let passed = 0; passed < ms; passed += everyMs) {
    send('go on')
    world.run(everyMs)
  }
}

describe('a session in use', () => {
  it('has a spare path after a moment, over another server', () => {
    delivered(send('hello'))
    expect(alice.core.load.circuits).toBe(1)
    world.run(SPARE_AFTER_MS + 500)
    expect(alice.core.load.circuits).toBe(2)
    expect(bob.core.load.circuits).toBe(2)
    const relaying = servers.filter(server => server.core.load.circuits > 0)
    expect(relaying).toHaveLength(2)
  })

  it('goes on over it at once when the server of the other dies, without any error', () => {
    delivered(send('hello'))
    world.run(SPARE_AFTER_MS + 500)
    used(alice).kill()
    const tookMs = delivered(send('still there?'))
    // To notice, there and back: no lookup, no handshake, no new circuit.
    expect(tookMs).toBeLessThan(6 * world.delayMs)
    expect(alice.seen('peerDown')).toEqual([])
    expect(bob.texts).toEqual(['hello', 'still there?'])
  })

  it('leaves a server that fell silent after a second, and finds another spare path', () => {
    delivered(send('hello'))
    world.run(SPARE_AFTER_MS + 500)
    const dead = used(alice)
    dead.kill(true)
    expect(delivered(send('still there?'))).toBeLessThan(1_500)
    talk(RERANK_INTERVAL_MS + 5_000)
    expect(pathOf(alice)).not.toContain(dead.name)
    expect(alice.core.load.circuits).toBe(2)
    expect(new Set(bob.texts).size).toBe(3)
  })

  it('leaves a path that has become slower for the nearer one', () => {
    let slow = ''
    world.lagMs = (from, to) => ([from, to].some(({ name }) => name === slow) ? 100 : 0)
    delivered(send('hello'))
    talk(5_000)
    slow = used(alice).name
    talk(15_000)
    expect(pathOf(alice)).not.toContain(slow)
  })

  it.each([1, 2, 3])('does not go back and forth between equals, jitter %i', seed => {
    // Round trips of 40 ms, up to 20 more or less over each server, other ones every second.
    const random = seeded(seed)
    let extraMs: number[] = []
    const vary = (): void => {
      extraMs = servers.map(() => (10 * (random.bytes(1)[0] ?? 0)) / 255)
    }
    world.lagMs = (from, to) => extraMs[servers.findIndex(one => one === from || one === to)] ?? 0
    vary()
    delivered(send('hello'))
    talk(SPARE_AFTER_MS + 500)
    const before = moves()
    for (let i = 0; i < 90; i++) {
      vary()
      talk(1_000, 100)
    }
    expect(moves()).toBe(before)
  })

  it('lets the spare path and all timers of it go when it is idle', () => {
    delivered(send('hello'))
    world.run(SPARE_AFTER_MS + 500)
    expect(alice.core.load.circuits).toBe(2)
    world.run(SESSION_IN_USE_MS + RERANK_INTERVAL_MS)
    expect(alice.core.load.circuits).toBe(1)
    expect(bob.core.load.circuits).toBe(1)
    send('again')
    world.run(SPARE_AFTER_MS + 500)
    expect(alice.core.load.circuits).toBe(2)
  })
})

describe('a session that is not in use', () => {
  it('has one path, and finds the next one when that is gone', () => {
    const dial = alice.dial(bob)
    world.until(() => alice.answer(dial) !== undefined)
    world.run(20_000)
    expect(alice.core.load.circuits).toBe(1)
    used(alice).kill()
    world.run(2_000)
    expect(alice.core.load.circuits).toBe(1)
    expect(delivered(send('hello'))).toBeLessThan(100)
  })
})

describe('with one server', () => {
  it('there is no spare path, and nobody looks for one again and again', () => {
    const only = world.server('only')
    const [carol, dave] = ['carol', 'dave'].map(name => world.client(name, [only])) as [
      MiniNode,
      MiniNode,
    ]
    world.until(() => [carol, dave].every(isAttached))
    const request = carol.send(dave, 'hello')
    world.until(() => carol.answer(request) !== undefined)
    world.run(3_000)
    let messages = 0
    world.tap = ({ bytes, from }) => {
      if (from === carol) messages++
      return bytes
    }
    for (let i = 0; i < 10; i++) {
      carol.send(dave, 'go on')
      world.run(5_000)
    }
    expect(carol.core.load.circuits).toBe(1)
    // Data, acks of what came back, keepalive: no lookups or setups.
    expect(messages).toBeLessThan(40)
  })
})
