// Whole clients at whole servers that know one another: finding, watching and revoking keys across them.

import { beforeEach, describe, expect, it } from 'vitest'
import { encodeKey } from '../../identity/key-text.ts'
import { FIND_STRAGGLER_MS, RPC_BURST, RPC_PER_S } from '../../wire/limits.ts'
import type { PresenceView } from '../effects.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import { identityOf } from '../testing/records.ts'

let world: MiniWorld
let one: MiniNode
let two: MiniNode
let alice: MiniNode
let bob: MiniNode

beforeEach(() => {
  world = new MiniWorld()
  one = world.server('one')
  two = world.server('two')
  alice = world.client('alice', [one, two])
  bob = world.client('bob', [one, two])
  world.until(() => [alice, bob].every(hasAllServers))
})

function hasAllServers(node: MiniNode): boolean {
  return node.attachments.every(({ state }) => state === 'online')
}

/** What Alice was told of Bob, as states. */
function told(): PresenceView['state'][] {
  return alice.seen('presence').map(({ presence }) => presence.state)
}

/** Bob's servers, as she was told last. */
function homesOfBob(): readonly Uint8Array[] {
  const news = alice.seen('presence').at(-1)?.presence
  return news?.state === 'online' ? (news.record?.record.servers ?? []) : []
}

function settled(node: MiniNode, request: number): string | undefined {
  world.until(() => node.answer(request) !== undefined)
  return node.verdict(request)
}

describe('a watched key', () => {
  it('is seen to go and to come back, and to be lost with our own servers', () => {
    alice.driver.command({ kind: 'watch', key: bob.key })
    world.until(() => told().length === 1)
    bob.kill()
    world.until(() => told().length === 2, 120_000)
    expect(told()).toEqual(['online', 'offline'])
    bob.boot()
    world.until(() => homesOfBob().length === 2)
    expect(new Set(told().slice(2))).toEqual(new Set(['online']))
    one.kill()
    // Bob is attached to one server less: his new record says so.
    world.until(() => homesOfBob().length === 1)
    expect(homesOfBob()).toEqual([two.publicKey])
    expect(told().at(-1)).toBe('online')
    two.kill()
    world.until(() => told().at(-1) === 'unknown')
  })

  it('is not heard of any more once it is not watched', () => {
    alice.driver.command({ kind: 'watch', key: bob.key })
    world.until(() => told().length === 1)
    alice.driver.command({ kind: 'unwatch', key: bob.key })
    bob.kill()
    world.run(120_000)
    expect(told()).toEqual(['online'])
  })
})

describe('a lookup', () => {
  beforeEach(() => {
    // Long silent, but not so long that its link counts as dead.
    world.lagMs = from => (from === two ? 6_000 : 0)
  })

  it('gives what it has found when its time is up', () => {
    const [found, absent] = [alice.lookup(bob.key, 1_000), alice.lookup(identityOf(9).keyId, 1_000)]
    world.run(999)
    expect(alice.open).toBe(2)
    world.run(1)
    expect([found, absent].map(request => alice.verdict(request))).toEqual(['found', 'TIMEOUT'])
  })

  it('does not wait long for a server that lags behind another', () => {
    const request = alice.lookup(bob.key)
    world.run(FIND_STRAGGLER_MS + 50)
    expect(alice.verdict(request)).toBe('found')
  })
})

describe('more lookups than servers allow in their time', () => {
  const lookups = (count: number, timeoutMs?: number) =>
    Array.from({ length: count }, (_, i) =>
      alice.lookup(i % 2 === 0 ? bob.key : identityOf(1_000 + i).keyId, timeoutMs),
    )
  const verdicts = (requests: readonly number[]) =>
    new Set(requests.map(request => settled(alice, request)))

  it('wait their turn, and are answered rightly', () => {
    expect(verdicts(lookups(RPC_BURST + 2 * RPC_PER_S))).toEqual(new Set(['found', 'NOT_FOUND']))
  })

  it('are too many where their time ends before: that is what they say', () => {
    const requests = lookups(4 * RPC_BURST, 1_000)
    expect(verdicts(requests)).toEqual(new Set(['found', 'NOT_FOUND', 'QUOTA']))
    const failure = alice.answer(requests.at(-1) ?? 0)
    expect(failure).toMatchObject({
      failure: { code: 'QUOTA', hint: expect.stringContaining('fewer') },
    })
  })
})

describe('a revoked key', () => {
  const revoke = (node: MiniNode, successor?: Uint8Array) =>
    node.ask(request => ({
      kind: 'revoke',
      request,
      timeoutMs: 10_000,
      ...(successor && { successor }),
    }))

  it('is told to those who watch it, look it up or dial it, with its successor', () => {
    const heir = world.client('heir', [one])
    alice.driver.command({ kind: 'watch', key: bob.key })
    world.until(() => told().length === 1)
    const request = revoke(bob, heir.seed.slice())
    expect(settled(bob, request)).toBe('revoked')
    expect(bob.answer(request)).toMatchObject({ servers: 2, successor: heir.publicKey })
    world.until(() => told().length === 2)
    const { presence } = alice.seen('presence').at(-1) ?? {}
    expect(presence).toMatchObject({ state: 'revoked', successor: heir.publicKey })
    for (const asked of [alice.lookup(bob.key), alice.dial(bob)]) {
      expect(settled(alice, asked)).toBe('REVOKED')
      const answer = alice.answer(asked)
      const failure = answer?.kind === 'failed' ? answer.failure : undefined
      expect(failure?.hint).toMatch(/successor is key_/)
      expect(failure?.successor).toBe(encodeKey(heir.publicKey))
    }
  })

  it('is taken by no server any more, and its node says so', () => {
    expect(settled(bob, revoke(bob))).toBe('revoked')
    bob.kill()
    bob.boot()
    world.until(() => bob.attachments.every(({ failure }) => failure?.code === 'REVOKED'))
    expect(bob.isOnline).toBe(false)
    expect(settled(bob, bob.lookup(alice.key, 500))).toBe('REVOKED')
  })

  it('waits for a server, within its time', () => {
    for (const server of [one, two]) server.kill()
    world.run(100)
    expect(settled(bob, revoke(bob))).toBe('UNREACHABLE')
    const late = revoke(bob)
    one.boot()
    expect(settled(bob, late)).toBe('revoked')
    expect(bob.answer(late)).toMatchObject({ servers: 1 })
  })

  it('is given up by its caller', () => {
    for (const server of [one, two]) server.kill()
    world.run(100)
    const request = revoke(bob)
    bob.cancel(request)
    expect(bob.verdict(request)).toBe('ABORTED')
    one.boot()
    world.run(60_000)
    expect(settled(alice, alice.lookup(bob.key))).toBe('found')
  })
})
