// What peers can make an application hold that takes nothing: over sessions, keys and all together.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import {
  MAX_REMEMBERED_INITIATORS,
  MAX_SESSIONS,
  MEMORY_BUDGET_BYTES,
  MESSAGE_MAX_BYTES,
  MESSAGE_OVERHEAD_BYTES,
  MESSAGE_WINDOW_BYTES,
} from '../../wire/limits.ts'
import { encodeAnswer } from '../../wire/session-setup.ts'
import { FakeCircuits, SERVER } from '../testing/fake-circuits.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import { identityOf } from '../testing/records.ts'
import { HeldMessages } from './held-messages.ts'

const ANN = 'ann' as KeyId
const [alice, bob] = [identityOf(1), identityOf(2)]
const LARGE = 1_000_000

/** Bob's application takes nothing. */
function pair() {
  const world = new MiniWorld()
  const server = world.server('one')
  const alice = world.client('alice', [server])
  const bob = world.client('bob', [server])
  bob.isConsuming = false
  world.until(() => alice.isOnline && bob.isOnline)
  return { world, alice, bob }
}

function dialed(world: MiniWorld, from: MiniNode, to: MiniNode): string | undefined {
  const request = from.dial(to)
  world.until(() => from.answer(request) !== undefined)
  return from.verdict(request)
}

function hangUp(world: MiniWorld, from: MiniNode, to: MiniNode): void {
  from.hangUp(to)
  world.until(() => to.core.load.peers === 0)
}

function bytesSeen(node: MiniNode): number {
  return node.seen('message').reduce((sum, { data }) => sum + data.length, 0)
}

function consume(node: MiniNode, peer: MiniNode, bytes: number): void {
  node.driver.command({ kind: 'consumed', peer: peer.key, bytes })
}

describe('a peer whose messages nobody takes', () => {
  it('is busied when it comes back with more, until they are taken', () => {
    const { world, alice, bob } = pair()
    const verdicts: (string | undefined)[] = []
    for (let i = 0; i < 6; i++) {
      verdicts.push(dialed(world, alice, bob))
      if (verdicts.at(-1) !== 'dialed') continue
      alice.send(bob, 'x'.repeat(LARGE))
      alice.send(bob, 'x'.repeat(LARGE))
      world.run(1_000)
      hangUp(world, alice, bob)
    }
    expect(verdicts).toEqual(['dialed', 'dialed', 'QUOTA', 'QUOTA', 'QUOTA', 'QUOTA'])
    expect(bytesSeen(bob)).toBe(4 * LARGE)
    consume(bob, alice, 4 * LARGE)
    expect(dialed(world, alice, bob)).toBe('dialed')
  })

  it('gets no credit in a session for what an earlier one brought', () => {
    const { world, alice, bob } = pair()
    dialed(world, alice, bob)
    alice.send(bob, 'x'.repeat(LARGE))
    world.run(1_000)
    hangUp(world, alice, bob)
    dialed(world, alice, bob)
    for (let i = 0; i < 3; i++) alice.send(bob, 'y'.repeat(LARGE))
    world.run(1_000)
    expect(bytesSeen(bob)).toBe(3 * LARGE)
    consume(bob, alice, LARGE)
    world.run(1_000)
    expect(bytesSeen(bob)).toBe(3 * LARGE)
    consume(bob, alice, LARGE)
    world.run(1_000)
    expect(bytesSeen(bob)).toBe(4 * LARGE)
  })

  it('can be dialed for one window longer', () => {
    const { world, alice, bob } = pair()
    const verdicts: (string | undefined)[] = []
    for (let i = 0; i < 5; i++) {
      verdicts.push(dialed(world, bob, alice))
      if (verdicts.at(-1) !== 'dialed') continue
      alice.send(bob, 'x'.repeat(LARGE))
      alice.send(bob, 'x'.repeat(LARGE))
      world.run(1_000)
      hangUp(world, bob, alice)
    }
    expect(verdicts).toEqual(['dialed', 'dialed', 'dialed', 'QUOTA', 'QUOTA'])
    expect(bob.core.load.peers).toBe(0)
    consume(bob, alice, 6 * LARGE)
    expect(dialed(world, bob, alice)).toBe('dialed')
  })
})

describe('a node whose messages nobody takes', () => {
  /** Alice has a session with bob, who holds all that a node may. */
  function full() {
    const caller = new FakeCircuits(alice)
    const peer = new FakeCircuits(bob)
    caller.dial(bob.keyId, 1)
    caller.find(bob)
    const circuit = peer.newCircuit()
    peer.peers.incoming(peer.time, circuit, SERVER.keyId, caller.lastSetup)
    const answer = peer.answers.get(circuit)
    const opened = caller.opened[0]?.circuit
    if (answer === undefined || opened === undefined) throw new Error('no session')
    caller.peers.circuitOpened(caller.time, opened, encodeAnswer(answer))
    for (let i = 0; i * MESSAGE_MAX_BYTES < MEMORY_BUDGET_BYTES; i++) {
      peer.context.held.add(`key ${i}` as KeyId, MESSAGE_MAX_BYTES)
    }
    const say = (): void => {
      const id = new Uint8Array(16).fill(7)
      const data = new Uint8Array(10)
      caller.peers.withPeer(bob.keyId, one => one.send(caller.time, 2, id, data))
      caller.peers.timeout(caller.time)
      for (const bytes of caller.sent) peer.peers.circuitData(peer.time, circuit, bytes)
    }
    return { peer, say }
  }

  it('lets no caller in, and still dials', () => {
    const { peer } = full()
    const stranger = new FakeCircuits(identityOf(3))
    stranger.dial(bob.keyId, 1)
    stranger.find(bob)
    const circuit = peer.newCircuit()
    peer.peers.incoming(peer.time, circuit, SERVER.keyId, stranger.lastSetup)
    expect(peer.answers.get(circuit)).toEqual({ kind: 'refused', reason: 'busy' })
    expect(peer.dial(identityOf(4).keyId, 1)).toBe(true)
    expect(peer.codes).toEqual([])
  })

  it('keeps the sessions of peers with little in it', () => {
    const { peer, say } = full()
    say()
    expect(peer.events.map(({ kind }) => kind)).toEqual(['peerUp', 'peerPath', 'message'])
  })

  it('ends the session of a peer that adds to more than its share', () => {
    const { peer, say } = full()
    peer.context.held.add(alice.keyId, MEMORY_BUDGET_BYTES / MAX_SESSIONS)
    say()
    const kinds = peer.events.map(({ kind }) => kind)
    expect(kinds).toEqual(['peerUp', 'peerPath', 'message', 'peerDown'])
    expect(peer.peers.size).toBe(0)
  })
})

describe('held messages', () => {
  it.each([
    [MESSAGE_WINDOW_BYTES - 1, false, false],
    [MESSAGE_WINDOW_BYTES, true, false],
    [2 * MESSAGE_WINDOW_BYTES - 1, true, false],
    [2 * MESSAGE_WINDOW_BYTES, true, true],
  ])('of %d bytes keep callers out: %s, and dials back: %s', (cost, isCaller, isDial) => {
    const held = new HeldMessages()
    held.add(ANN, cost - MESSAGE_OVERHEAD_BYTES)
    expect(held.forbidsCaller(ANN)).toBe(isCaller)
    expect(held.forbidsDial(ANN)).toBe(isDial)
    expect(held.forbidsCaller('bea' as KeyId)).toBe(false)
  })

  it('cost something when they are empty', () => {
    const held = new HeldMessages()
    for (let i = 0; i < MESSAGE_WINDOW_BYTES / MESSAGE_OVERHEAD_BYTES; i++) held.add(ANN, 0)
    expect(held.forbidsCaller(ANN)).toBe(true)
    expect(held.consumed(ANN, 0)).toBe(0)
    expect(held.forbidsCaller(ANN)).toBe(false)
  })

  it('are taken in order: earlier sessions first, and only whole ones', () => {
    const held = new HeldMessages()
    held.add(ANN, 10)
    held.add(ANN, 20)
    held.beginSession(ANN)
    held.add(ANN, 5)
    held.add(ANN, 7)
    expect(held.consumed(ANN, 10)).toBeUndefined()
    expect(held.consumed(ANN, 19)).toBeUndefined()
    expect(held.consumed(ANN, 6)).toBe(5)
    expect(held.consumed(ANN, 6)).toBeUndefined()
    expect(held.consumed(ANN, 1)).toBe(7)
    expect(held.keys).toBe(0)
    expect(held.consumed(ANN, 1)).toBeUndefined()
  })

  it('run up nothing for messages to come when too much is said to be taken', () => {
    const held = new HeldMessages()
    held.add(ANN, 10)
    expect(held.consumed(ANN, 1_000)).toBe(10)
    held.add(ANN, 10)
    expect(held.consumed(ANN, 9)).toBeUndefined()
  })

  it(`are of ${MAX_REMEMBERED_INITIATORS} keys at most`, () => {
    const held = new HeldMessages()
    for (let i = 0; i < MAX_REMEMBERED_INITIATORS; i++) {
      expect(held.forbidsCaller(ANN)).toBe(false)
      held.add(`key ${i}` as KeyId, 0)
    }
    expect(held.forbidsCaller(ANN)).toBe(true)
    held.consumed('key 0' as KeyId, 0)
    expect(held.forbidsCaller(ANN)).toBe(false)
  })
})
