// Whole nodes that are killed and started again while they talk (docs/PROTOCOL.md 7.7). Every life of a node
// shares one guard of nonces, so a key and counter that two lives use makes a test fail.

import { describe, expect, it } from 'vitest'
import { MESSAGE_TIMEOUT_MS, SESSION_PATHLESS_MS, SESSION_SAVE_MS } from '../../wire/limits.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import { SESSION_PREFIX } from './restore.ts'

/** Alice has dialed Bob. Both keep their sessions. */
function pair(options: { readonly seed?: number } = {}) {
  const world = new MiniWorld(options.seed)
  const server = world.server('one')
  const alice = world.client('alice', [server], { keepsSessions: true })
  const bob = world.client('bob', [server], { keepsSessions: true })
  world.until(() => alice.isOnline && bob.isOnline)
  const request = alice.dial(bob)
  world.until(() => alice.answer(request) !== undefined)
  world.run(200)
  return { world, server, alice, bob }
}

function restart(world: MiniWorld, node: MiniNode, downMs = 50): void {
  node.kill()
  world.run(downMs)
  node.boot()
}

function kept(node: MiniNode): string[] {
  return [...node.disk.keys()].filter(name => name.startsWith(SESSION_PREFIX))
}

function upsAndDowns(node: MiniNode): string[] {
  return node.events.flatMap(({ kind }) => (kind === 'peerUp' || kind === 'peerDown' ? [kind] : []))
}

describe('a node that is restarted', () => {
  it('goes on with the sessions it made; the peer hears of a path that changed', () => {
    const { world, alice, bob } = pair()
    restart(world, alice)
    world.until(() => upsAndDowns(alice).length === 2)
    expect(alice.seen('peerUp').at(-1)).toMatchObject({ peer: bob.key, isIncoming: true })
    world.run(1_000)
    expect(upsAndDowns(bob)).toEqual(['peerUp'])
    expect(bob.seen('peerPath').length).toBeGreaterThan(1)
    const request = bob.send(alice, 'you were gone for a moment')
    world.until(() => bob.verdict(request) === 'delivered')
    expect(alice.texts).toEqual(['you were gone for a moment'])
  })

  it('is found again by the peer that made the session', () => {
    const { world, alice, bob } = pair()
    restart(world, bob)
    world.until(() => bob.seen('peerUp').length === 2)
    expect(upsAndDowns(alice)).toEqual(['peerUp'])
    const request = bob.send(alice, 'here again')
    world.until(() => bob.verdict(request) === 'delivered')
    expect(alice.texts).toEqual(['here again'])
  })

  it('delivers what it had not delivered, in order, ahead of what is new', () => {
    const { world, server, alice, bob } = pair()
    world.freeze(server, bob)
    for (const text of ['one', 'two', 'three']) alice.send(bob, text)
    world.run(SESSION_SAVE_MS + 1)
    world.cut(server, bob)
    alice.kill()
    alice.boot()
    const request = alice.send(bob, 'four')
    world.until(() => alice.verdict(request) !== undefined)
    expect(alice.verdict(request)).toBe('delivered')
    expect(bob.texts).toEqual(['one', 'two', 'three', 'four'])
    expect(kept(alice).filter(name => name.includes('/sent/'))).toEqual([])
  })

  it('loses what was younger than it takes to be saved, unless it was told to save', () => {
    for (const isTold of [false, true]) {
      const { world, server, alice, bob } = pair()
      world.freeze(server, bob)
      alice.send(bob, 'young')
      world.run(SESSION_SAVE_MS - 1)
      if (isTold) alice.driver.command({ kind: 'suspend' })
      world.cut(server, bob)
      restart(world, alice)
      world.run(10_000)
      expect(bob.texts).toEqual(isTold ? ['young'] : [])
    }
  })

  it('shows nothing again that the peer could not know to have arrived', () => {
    const { world, server, alice, bob } = pair()
    // Bob's receipts do not come through.
    world.tap = ({ from, bytes }) => (from === bob ? undefined : bytes)
    const request = alice.send(bob, 'only once')
    world.until(() => bob.texts.length === 1)
    world.tap = ({ bytes }) => bytes
    world.cut(server, bob)
    restart(world, bob)
    world.until(() => alice.verdict(request) === 'delivered')
    world.run(5_000)
    expect(bob.texts).toEqual(['only once'])
  })

  it('shows nothing again when both are restarted at once', () => {
    const { world, alice, bob } = pair()
    world.tap = ({ from, bytes }) => (from === bob ? undefined : bytes)
    for (const text of ['one', 'two']) alice.send(bob, text)
    world.until(() => bob.texts.length === 2)
    world.run(SESSION_SAVE_MS + 1)
    world.tap = ({ bytes }) => bytes
    alice.kill()
    bob.kill()
    world.run(3_000)
    alice.boot()
    bob.boot()
    world.until(() => alice.seen('peerUp').length === 2 && bob.seen('peerUp').length === 2)
    world.run(10_000)
    expect(bob.texts).toEqual(['one', 'two'])
    expect(kept(alice).filter(name => name.includes('/sent/'))).toEqual([])
  })

  it('waits for a peer that is being restarted, too', () => {
    const { world, alice, bob } = pair()
    bob.kill()
    restart(world, alice)
    world.run(20_000)
    bob.boot()
    world.until(() => bob.seen('peerUp').length === 2)
    expect(upsAndDowns(alice)).toEqual(['peerUp', 'peerUp'])
  })

  it('takes the answer to a message that is sent once more under its id', () => {
    const { world, server, alice, bob } = pair()
    world.freeze(server, bob)
    const id = world.random.bytes(16)
    const data = Uint8Array.of(104, 105)
    const send = () =>
      alice.ask(request => ({
        kind: 'send',
        request,
        peer: bob.key,
        id,
        data,
        timeoutMs: MESSAGE_TIMEOUT_MS,
      }))
    send()
    world.run(SESSION_SAVE_MS + 1)
    world.cut(server, bob)
    restart(world, alice)
    const again = send()
    world.until(() => alice.verdict(again) !== undefined)
    expect(alice.verdict(again)).toBe('delivered')
    world.run(5_000)
    expect(bob.texts).toEqual(['hi'])
  })

  it('is copied with its store and both copies run: nothing is shown twice, no nonce is used twice', () => {
    const { world, server, alice, bob } = pair()
    world.freeze(server, bob)
    for (const text of ['one', 'two']) alice.send(bob, text)
    world.run(SESSION_SAVE_MS + 1)
    world.cut(server, bob)
    alice.kill()
    const copy = world.client('copy', [server], { keepsSessions: true, seed: alice.seed })
    copy.kill()
    for (const [name, value] of alice.disk) copy.disk.set(name, value)
    alice.boot()
    copy.boot()
    world.run(20_000)
    expect(bob.texts).toEqual(['one', 'two'])
  })
})

describe('what is kept', () => {
  it('is nothing any more when a session ends', () => {
    for (const end of ['hangUp', 'peer', 'shutdown'] as const) {
      const { world, alice, bob } = pair()
      for (let i = 0; i < 70; i++) bob.send(alice, `${i}`)
      world.until(() => alice.texts.length === 70)
      expect(kept(alice).length).toBeGreaterThan(2)
      if (end === 'hangUp') alice.hangUp(bob)
      else if (end === 'peer') bob.hangUp(alice)
      else alice.shutdown()
      world.run(1_000)
      expect(kept(alice)).toEqual([])
      expect(kept(bob)).toEqual([])
    }
  })

  it('is not used when the peer must have given up', () => {
    const { world, alice, bob } = pair()
    restart(world, alice, SESSION_PATHLESS_MS + 60_000)
    world.run(5_000)
    expect(upsAndDowns(alice)).toEqual(['peerUp'])
    expect(kept(alice)).toEqual([])
    expect(upsAndDowns(bob)).toEqual(['peerUp', 'peerDown'])
  })

  it('goes when nobody took the session up again', () => {
    const { world, alice, bob } = pair()
    alice.kill()
    restart(world, bob)
    expect(kept(bob)).toHaveLength(1)
    world.run(SESSION_PATHLESS_MS + 60_000)
    expect(kept(bob)).toEqual([])
    expect(bob.open).toBe(0)
  })

  it('says nothing to who has the store alone', () => {
    const { world, server, alice, bob } = pair()
    world.freeze(server, bob)
    alice.send(bob, 'a secret that waits')
    world.run(SESSION_SAVE_MS + 1)
    const all = [...alice.disk].map(([name, value]) => name + Buffer.from(value).toString('latin1'))
    const text = all.join('')
    expect(text).not.toContain('secret')
    expect(text).not.toContain(Buffer.from(bob.publicKey).toString('latin1'))
    expect(text).not.toContain(Buffer.from(bob.publicKey).toString('hex'))
  })
})
