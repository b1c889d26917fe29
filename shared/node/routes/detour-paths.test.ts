// Paths around links that there are not: the servers of the two sides reach those in the middle, and not one another
// (docs/PROTOCOL.md 5.1). Which of several is used follows what becomes of them.

import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { DIAL_TIMEOUT_MS, RERANK_INTERVAL_MS, SPARE_AFTER_MS } from '../../wire/limits.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

let world: MiniWorld
let alice: MiniNode
let bob: MiniNode
let middles: MiniNode[]

/**
 * @param width servers of each side
 * @param isSilent whether the two sides dial each other, and hear nothing; else they know at once that they cannot
 */
function build(width: number, isSilent = false): void {
  world = new MiniWorld()
  const names = (side: string, count: number) => Array.from({ length: count }, (_, i) => side + i)
  const [near, far, between] = [names('near', width), names('far', width), names('middle', 2)]
  // Without TLS they go nowhere but to those that they were told of.
  const start = (name: string, others: readonly string[]): MiniNode =>
    world.server(name, {
      join: others.map(host => ({ scheme: 'ws', host, port: 80 })),
      allowsPlainDials: isSilent,
    })
  world.tap = ({ from, to, bytes }) => {
    const sides = [from, to].map(({ name }) => near.includes(name) || far.includes(name))
    const isAcross = sides.every(Boolean) && near.includes(from.name) !== near.includes(to.name)
    return isAcross ? undefined : bytes
  }
  const [ours, theirs] = [near, far].map(side => side.map(name => start(name, between)))
  middles = between.map(name => start(name, [...near, ...far]))
  // Until all were dialed again that were not there at first.
  world.run(60_000)
  alice = world.client('alice', ours ?? [])
  bob = world.client('bob', theirs ?? [])
  world.until(() => [alice, bob].every(({ attachments }) => attachments.every(isOnline)))
  world.run(1_000)
}

function isOnline({ state }: { readonly state: string }): boolean {
  return state === 'online'
}

function dialed(): string | undefined {
  const dial = alice.dial(bob)
  world.until(() => alice.answer(dial) !== undefined)
  return alice.verdict(dial)
}

function talk(ms: number): void {
  for (let passed = 0; passed < ms; passed += 200) {
    alice.send(bob, 'go on')
    world.run(200)
  }
}

/** Names of the relays of the path in use. */
function path(): string[] {
  const nameOf = (key: KeyId) => world.nodes.find(one => one.key === key)?.name ?? '?'
  return alice.seen('peerPath').at(-1)?.path?.hops.map(nameOf) ?? []
}

function inUse(): MiniNode {
  const found = middles.find(({ name }) => name === path()[1])
  if (found === undefined) throw new Error(`over ${path().join()}`)
  return found
}

describe('between one server here and one there', () => {
  beforeEach(() => {
    build(1)
    expect(dialed()).toBe('dialed')
    talk(2 * SPARE_AFTER_MS)
  })

  it('there is a spare path over the other one in the middle', () => {
    expect(alice.core.load.circuits).toBe(2)
    expect(middles.map(({ core }) => core.load.circuits)).toEqual([1, 1])
  })

  it('the path goes over the other one when the first becomes slow, and back when that dies', () => {
    const slow = inUse()
    world.lagMs = (from, to) => (from === slow || to === slow ? 80 : 0)
    talk(RERANK_INTERVAL_MS)
    const other = inUse()
    expect(other).not.toBe(slow)
    other.kill()
    talk(1_000)
    expect(inUse()).toBe(slow)
    expect(alice.seen('peerDown')).toEqual([])
  })
})

describe('between three servers here and three there', () => {
  it('a path is found by the first dial, and a spare one right after it', () => {
    build(3)
    // There are more links than one attempt may try.
    expect(dialed()).toBe('dialed')
    expect(path()).toHaveLength(3)
    talk(2 * SPARE_AFTER_MS)
    expect(alice.core.load.circuits).toBe(2)
    expect(middles.map(({ core }) => core.load.circuits)).toEqual([1, 1])
  })

  it('it is found within the time of a dial, too, where the links are silent', () => {
    build(3, true)
    const start = world.now
    expect(dialed()).toBe('dialed')
    expect(world.now - start).toBeLessThan(DIAL_TIMEOUT_MS / 2)
    expect(path()).toHaveLength(3)
  })
})
