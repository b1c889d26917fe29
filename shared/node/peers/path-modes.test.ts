// What a path may show to whom: modes of dials and of the node, changed while a session runs.

import { describe, expect, it } from 'vitest'
import type { PathMode } from '../../routes/route.ts'
import { SESSION_IN_USE_MS } from '../../wire/limits.ts'
import type { Failure } from '../mesh-error.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

const LAN = ['192.168.7.1', '192.168.7.2'] as const

interface Country {
  readonly world: MiniWorld
  readonly servers: MiniNode[]
  readonly alice: MiniNode
  readonly bob: MiniNode
}

/** Servers that know one another; Alice is at the first two, Bob at the last two. */
function country(serverCount: number, mode?: PathMode): Country {
  const world = new MiniWorld()
  const first = world.server('s0', { allowsPlainDials: true })
  const rest = Array.from({ length: serverCount - 1 }, (_, at) =>
    world.server(`s${at + 1}`, { allowsPlainDials: true, join: [first.url] }),
  )
  const servers = [first, ...rest]
  world.run(20_000)
  const alice = world.client('alice', servers.slice(0, 2), mode === undefined ? {} : { mode })
  const bob = world.client('bob', servers.slice(-2))
  world.until(() => [alice, bob].every(isAttached))
  world.run(1_000)
  return { world, servers, alice, bob }
}

function isAttached(node: MiniNode): boolean {
  return node.attachments.every(({ state }) => state === 'online')
}

function dial({ world, alice, bob }: Country, mode?: PathMode): number {
  const request = alice.ask(number => ({
    kind: 'dial',
    request: number,
    peer: bob.key,
    timeoutMs: 10_000,
    ...(mode !== undefined && { mode }),
  }))
  world.until(() => alice.answer(request) !== undefined)
  return request
}

function deliver({ world, alice, bob }: Country, text: string): void {
  const request = alice.send(bob, text)
  world.until(() => alice.answer(request) !== undefined)
  expect(alice.verdict(request)).toBe('delivered')
}

function path({ world, alice }: Country): string[] | undefined {
  const { path: shown } = alice.seen('peerPath').at(-1) ?? {}
  return shown?.hops.map(key => world.nodes.find(node => node.key === key)?.name ?? '?')
}

function failureOf(node: MiniNode, request: number): Failure | undefined {
  const answer = node.answer(request)
  return answer?.kind === 'failed' ? answer.failure : undefined
}

describe('mode private', () => {
  it('takes three relays: one of ours, a stranger, one of the peer', () => {
    const here = country(5)
    dial(here, 'private')
    const relays = path(here) ?? []
    expect(relays).toHaveLength(3)
    expect(new Set(relays).size).toBe(3)
    expect(['s0', 's1']).toContain(relays[0])
    expect(['s3', 's4']).toContain(relays[2])
    expect(here.alice.seen('peerPath').at(-1)?.path?.mode).toBe('private')
    deliver(here, 'hello')
  })

  it('keeps its first relay over restarts', () => {
    const here = country(5)
    const firsts = new Set<string | undefined>()
    for (let life = 0; life < 4; life++) {
      dial(here, 'private')
      firsts.add(path(here)?.[0])
      here.alice.kill()
      here.alice.boot()
      here.world.until(() => isAttached(here.alice))
      here.world.run(1_000)
    }
    expect(firsts.size).toBe(1)
    expect(here.alice.disk.has('routes/guards')).toBe(true)
  })

  it('has a spare path that is private, too, and loses nothing with the middle one', () => {
    const here = country(6)
    dial(here, 'private')
    deliver(here, 'hello')
    here.world.run(3_000)
    expect(here.alice.core.load.circuits).toBe(2)
    const [, middle] = path(here) ?? []
    here.servers.find(({ name }) => name === middle)?.kill()
    deliver(here, 'still there?')
    here.world.run(3_000)
    expect(path(here)).toHaveLength(3)
    expect(path(here)).not.toContain(middle)
    expect(here.bob.texts).toEqual(['hello', 'still there?'])
    expect(here.alice.seen('peerDown')).toEqual([])
  })

  it.each([
    [1, 'A private path takes three relays of different networks: only one can be used.'],
    [2, 'A private path takes three relays of different networks: only two can be used.'],
  ])('says how few relays can be used where there are %i', (count, message) => {
    const here = country(count)
    const request = dial(here, 'private')
    expect(failureOf(here.alice, request)).toMatchObject({
      code: 'NO_PATH',
      message,
      hint: expect.stringContaining('another mode'),
    })
  })

  it('drops what it opened in another mode, and goes on without an error', () => {
    const here = country(5)
    dial(here)
    deliver(here, 'hello')
    here.world.run(2_000)
    expect(path(here)?.length).toBeLessThan(3)
    dial(here, 'private')
    deliver(here, 'in private')
    expect(path(here)).toHaveLength(3)
    here.world.run(5_000)
    // Each circuit that is left goes over three relays.
    const { circuits } = here.alice.core.load
    const relayed = here.servers.reduce((sum, { core }) => sum + core.load.circuits, 0)
    expect([1, 2]).toContain(circuits)
    expect(here.bob.core.load.circuits).toBe(circuits)
    expect(relayed).toBe(3 * circuits)
    expect(here.alice.seen('peerDown')).toEqual([])
    expect(here.bob.seen('peerDown')).toEqual([])
  })

  it('stays until another mode is asked for', () => {
    const here = country(5)
    dial(here, 'private')
    dial(here)
    deliver(here, 'hello')
    here.alice.hangUp(here.bob)
    here.world.run(1_000)
    dial(here, 'private')
    expect(path(here)).toHaveLength(3)
    here.world.lagMs = (from, to) => (from.name[0] === 's' && to.name[0] === 's' ? 100 : 0)
    dial(here, 'fast')
    for (let i = 0; i < 60; i++) {
      deliver(here, 'go on')
      here.world.run(1_000)
    }
    expect(path(here)?.length).toBeLessThan(3)
  })

  it('can be the rule of a node', () => {
    const here = country(5, 'private')
    dial(here)
    expect(path(here)).toHaveLength(3)
  })

  it('sends nothing over a path that the peer opened while its own is gone', () => {
    const here = country(3)
    const { world, servers, alice, bob } = here
    dial(here, 'private')
    deliver(here, 'hello')
    servers[2]?.kill()
    world.run(3_000)
    bob.send(alice, 'are you there?')
    world.until(() => alice.texts.length === 1)
    const waiting = alice.send(bob, 'in private')
    world.run(10_000)
    expect(alice.answer(waiting)).toBeUndefined()
    expect(bob.texts).toEqual(['hello'])
    expect(path(here)).toBeUndefined()
    expect(alice.seen('peerDown')).toEqual([])
    dial(here, 'fast')
    world.until(() => alice.verdict(waiting) === 'delivered')
    expect(path(here)).toEqual(['s1'])
  })

  it('refuses a dial of a peer that is up when there is no private way to it', () => {
    const here = country(2)
    dial(here)
    const request = dial(here, 'private')
    expect(failureOf(here.alice, request)).toMatchObject({
      code: 'NO_PATH',
      message: expect.stringContaining('three relays'),
    })
    expect(here.alice.seen('peerDown')).toEqual([])
    dial(here, 'fast')
    deliver(here, 'openly')
  })

  it('of the side that was dialed sends over a path of its own', () => {
    const here = country(5)
    dial(here)
    deliver(here, 'hello')
    const reply = here.bob.ask(request => ({
      kind: 'send',
      request,
      peer: here.alice.key,
      id: here.world.random.bytes(16),
      data: new Uint8Array(1),
      timeoutMs: 10_000,
      mode: 'private',
    }))
    here.world.until(() => here.bob.answer(reply) !== undefined)
    here.world.run(2_000)
    const shown = here.bob.seen('peerPath').at(-1)?.path
    expect(shown?.hops).toHaveLength(3)
    expect(shown?.mode).toBe('private')
    expect(here.alice.seen('peerDown')).toEqual([])
  })
})

describe('mode relay', () => {
  function neighbours(): Country {
    const world = new MiniWorld()
    const servers = [world.server('s0'), world.server('s1')]
    const [alice, bob] = LAN.map((address, at) =>
      world.client(at === 0 ? 'alice' : 'bob', servers, { address }),
    ) as [MiniNode, MiniNode]
    world.until(() => [alice, bob].every(isAttached))
    world.run(10_000)
    return { world, servers, alice, bob }
  }

  it('never takes the link to the peer itself', () => {
    const here = neighbours()
    dial(here, 'relay')
    deliver(here, 'hello')
    here.world.run(5_000)
    expect(path(here)).toHaveLength(1)
    deliver(here, 'go on')
    expect(path(here)).toHaveLength(1)
  })

  it('leaves a direct path that was open before', () => {
    const here = neighbours()
    dial(here)
    deliver(here, 'hello')
    here.world.run(20_000)
    deliver(here, 'hello')
    expect(path(here)).toEqual([])
    dial(here, 'relay')
    deliver(here, 'go on')
    expect(path(here)).toHaveLength(1)
    expect(here.alice.seen('peerDown')).toEqual([])
  })

  it('lets go of everything when the session is idle, but one path', () => {
    const here = neighbours()
    dial(here, 'relay')
    deliver(here, 'hello')
    here.world.run(SESSION_IN_USE_MS + 20_000)
    expect(here.alice.core.load.circuits).toBe(1)
  })
})
