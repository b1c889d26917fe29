// A whole node in ordinary weather: attach, publish, look up, dial, accept, talk, hang up, close.

import { beforeEach, describe, expect, it } from 'vitest'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

let world: MiniWorld
let server: MiniNode
let alice: MiniNode
let bob: MiniNode

beforeEach(() => {
  world = new MiniWorld()
  server = world.server('one')
  alice = world.client('alice', [server])
  bob = world.client('bob', [server])
  world.until(() => alice.isOnline && bob.isOnline)
})

/** Runs until the request of `node` is answered. */
function settled(node: MiniNode, request: number): string | undefined {
  world.until(() => node.answer(request) !== undefined)
  return node.verdict(request)
}

describe('attaching', () => {
  it('is online once the server keeps the record', () => {
    expect(alice.attachments).toMatchObject([{ state: 'online', key: server.key, url: server.url }])
    // The server keeps its own record, too.
    expect(server.core.load).toEqual({
      links: 2,
      peers: 0,
      records: 3,
      circuits: 0,
      knownServers: 0,
    })
    expect([...server.disk.keys()].every(key => key.startsWith('record/'))).toBe(true)
    expect(server.disk.size).toBe(3)
  })

  it('tells the round trip', () => {
    expect(alice.attachments[0]?.rttMs).toBe(10)
  })
})

describe('a lookup', () => {
  it('gives the record, also when it was asked for before a server was there', () => {
    expect(settled(alice, alice.lookup(bob.key))).toBe('found')
    const carol = world.client('carol', [server])
    const request = carol.lookup(bob.key)
    expect(settled(carol, request)).toBe('found')
    expect(carol.answer(request)).toMatchObject({
      record: { record: { key: bob.publicKey, servers: [server.publicKey] } },
    })
    const nobody = world.client('nobody', [])
    expect(settled(alice, alice.lookup(nobody.key))).toBe('NOT_FOUND')
    expect(settled(nobody, nobody.lookup(bob.key, 500))).toBe('UNREACHABLE')
  })
})

describe('a conversation', () => {
  it('goes from dial to goodbye', () => {
    expect(settled(alice, alice.dial(bob))).toBe('dialed')
    world.run(50)
    expect(alice.seen('peerUp')).toEqual([{ kind: 'peerUp', peer: bob.key, isIncoming: false }])
    expect(bob.seen('peerUp')).toEqual([{ kind: 'peerUp', peer: alice.key, isIncoming: true }])
    expect(alice.seen('peerPath')[0]).toMatchObject({ path: { hops: [server.key] } })

    expect(settled(alice, alice.send(bob, 'hello'))).toBe('delivered')
    expect(settled(bob, bob.send(alice, 'hello yourself'))).toBe('delivered')
    expect(bob.texts).toEqual(['hello'])
    expect(alice.texts).toEqual(['hello yourself'])

    expect(alice.answer(alice.ping(bob))).toBeUndefined()
    world.run(100)
    alice.hangUp(bob)
    world.run(100)
    expect(alice.seen('peerDown')).toEqual([{ kind: 'peerDown', peer: bob.key }])
    expect(bob.seen('peerDown')).toEqual([{ kind: 'peerDown', peer: alice.key }])
    expect(alice.core.load).toMatchObject({ peers: 0, circuits: 0 })
    expect(bob.core.load).toMatchObject({ peers: 0, circuits: 0 })
    expect(server.core.load).toMatchObject({ circuits: 0 })
    expect(alice.open + bob.open).toBe(0)
  })
})
