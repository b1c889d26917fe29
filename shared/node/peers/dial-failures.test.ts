// Each way in which a dial fails, with its code; and that it fails no later than it may.

import { describe, expect, it } from 'vitest'
import { FRAME, isCell } from '../../wire/frame-type.ts'
import { LINK_AUTH_TIMEOUT_MS, SETUPS_BURST } from '../../wire/limits.ts'
import type { Answer, MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

function failureOf(
  node: MiniNode,
  request: number,
): Extract<Answer, { kind: 'failed' }>['failure'] {
  const answer = node.answer(request)
  if (answer?.kind !== 'failed') throw new Error(`not failed: ${answer?.kind}`)
  return answer.failure
}

/** One server, and both clients attached to it. */
function trio(world: MiniWorld, options: Parameters<MiniWorld['client']>[2] = {}) {
  const server = world.server('one')
  const alice = world.client('alice', [server])
  const bob = world.client('bob', [server], options)
  world.until(() => alice.isOnline && bob.isOnline)
  return { server, alice, bob }
}

/** Dials and runs until the answer. @returns the failure and after how long it came */
function dialed(world: MiniWorld, from: MiniNode, to: MiniNode, timeoutMs = 10_000) {
  const at = world.now
  const request = from.dial(to, timeoutMs)
  world.until(() => from.answer(request) !== undefined, timeoutMs)
  return { ...failureOf(from, request), afterMs: world.now - at }
}

describe('a dial fails with', () => {
  it('NOT_FOUND for a key that no server knows', () => {
    const world = new MiniWorld()
    const { server, alice } = trio(world)
    const nobody = world.client('nobody', [])
    expect(dialed(world, alice, nobody)).toMatchObject({ code: 'NOT_FOUND', afterMs: 10 })
    expect(server.core.load.circuits).toBe(0)
  })

  it('OFFLINE for a peer that was here and left', () => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world)
    bob.kill()
    world.run(100)
    expect(dialed(world, alice, bob)).toMatchObject({ code: 'OFFLINE', afterMs: 20 })
    expect(alice.core.load).toMatchObject({ peers: 0, circuits: 0 })
  })

  it('NO_PATH for a peer at another server', () => {
    const world = new MiniWorld()
    const [one, two] = [world.server('one'), world.server('two')]
    const bob = world.client('bob', [two])
    world.until(() => bob.isOnline)
    // The first server knows the record all the same.
    one.kill()
    for (const [key, value] of two.disk) one.disk.set(key, value)
    one.boot()
    const alice = world.client('alice', [one])
    world.until(() => alice.isOnline)
    expect(dialed(world, alice, bob)).toMatchObject({ code: 'NO_PATH' })
  })

  it('REFUSED when the firewall of the peer says no', () => {
    const world = new MiniWorld()
    const asked: Uint8Array[] = []
    const { alice, bob } = trio(world, {
      acceptPeer: key => {
        asked.push(key)
        return false
      },
    })
    expect(dialed(world, alice, bob)).toMatchObject({ code: 'REFUSED', afterMs: 30 })
    expect(asked).toEqual([alice.publicKey])
    expect(bob.seen('peerUp')).toEqual([])
    world.run(100)
    expect(bob.core.load).toMatchObject({ peers: 0, circuits: 0 })
  })

  it('UNREACHABLE when no server can be reached', () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const alice = world.client('alice', [server])
    server.kill(true)
    const bob = world.client('bob', [])
    const failure = dialed(world, alice, bob, 5_000)
    expect(failure).toMatchObject({ code: 'UNREACHABLE', afterMs: 5_000 })
    expect(failure.message).toContain('ws://one')
  })

  it('UNREACHABLE when it was given no server', () => {
    const world = new MiniWorld()
    const alice = world.client('alice', [])
    const bob = world.client('bob', [])
    expect(dialed(world, alice, bob, 700)).toMatchObject({ code: 'UNREACHABLE', afterMs: 700 })
  })

  it('TIMEOUT when the peer is silent', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    world.freeze(bob, server)
    const failure = dialed(world, alice, bob)
    expect(failure.code).toBe('TIMEOUT')
    expect(failure.message).toContain('peer')
  })

  it('TIMEOUT when the servers are silent', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    world.freeze(alice, server)
    const failure = dialed(world, alice, bob, 8_000)
    expect(failure).toMatchObject({ code: 'TIMEOUT', afterMs: 8_000 })
    expect(failure.message).toContain('servers')
  })

  it('ABORTED when it is cancelled, in every state of the dial', () => {
    for (let afterMs = 0; afterMs < 40; afterMs += 5) {
      const world = new MiniWorld()
      const { server, alice, bob } = trio(world)
      const request = alice.dial(bob)
      world.run(afterMs)
      if (alice.answer(request) !== undefined) continue
      alice.cancel(request)
      alice.cancel(request)
      expect(alice.verdict(request)).toBe('ABORTED')
      world.run(12_000)
      expect(alice.seen('peerUp')).toEqual([])
      for (const node of [alice, bob, server]) {
        expect(node.core.load).toMatchObject({ peers: 0, circuits: 0 })
      }
    }
  })

  it('CLOSED when the node is closed meanwhile, and afterwards', () => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world)
    const requests = [alice.dial(bob), alice.lookup(bob.key), alice.send(bob, 'x'), alice.ping(bob)]
    alice.shutdown()
    requests.push(alice.dial(bob), alice.lookup(bob.key))
    for (const request of requests) expect(alice.verdict(request)).toBe('CLOSED')
    expect(alice.events.filter(({ kind }) => kind === 'stopped')).toHaveLength(1)
  })

  it('CLOSED when the application hangs up meanwhile', () => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world)
    const request = alice.dial(bob)
    alice.hangUp(bob)
    expect(alice.verdict(request)).toBe('CLOSED')
  })

  it('QUOTA, with the limit and the time, when there were too many', () => {
    const world = new MiniWorld()
    const refusing = { acceptPeer: () => false }
    const { server, alice, bob } = trio(world, refusing)
    // Many peers: toward each of them alone, a relay carries far fewer.
    const peers = Array.from({ length: SETUPS_BURST / 5 }, (_, i) =>
      world.client(`peer${i}`, [server], refusing),
    )
    const peerAt = (i: number): MiniNode => peers[i % peers.length] ?? bob
    world.until(() => peers.every(peer => peer.isOnline))
    const codes: (string | undefined)[] = []
    for (let i = 0; i < SETUPS_BURST; i++) {
      const request = alice.dial(peerAt(i))
      world.run(30)
      codes.push(alice.verdict(request))
    }
    expect(new Set(codes)).toEqual(new Set(['REFUSED']))
    let failure = dialed(world, alice, peerAt(0))
    for (let i = 1; i < 50 && failure.code === 'REFUSED'; i++) {
      failure = dialed(world, alice, peerAt(i))
    }
    expect(failure.code).toBe('QUOTA')
    expect(failure.message).toMatch(/limit setupsPerS is reached; it is free again in 1 s/)
    world.run(2_000)
    expect(dialed(world, alice, bob).code).toBe('REFUSED')
  })

  it('INCOMPATIBLE or WRONG_NETWORK when that is why no server takes us', () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const alice = world.client('alice', [server], { net: new Uint8Array(16).fill(1) })
    const bob = world.client('bob', [server])
    expect(dialed(world, alice, bob, 3_000)).toMatchObject({ code: 'WRONG_NETWORK' })
    expect(alice.attachments).toMatchObject([
      { state: 'waiting', failure: { code: 'WRONG_NETWORK' } },
    ])
  })

  it('UNAUTHENTICATED when the server is not the one in its address', () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const bob = world.client('bob', [server])
    const alice = world.node('alice', { servers: [{ ...server.url, key: bob.publicKey }] })
    expect(dialed(world, alice, bob, 3_000)).toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  it('PROTOCOL for our own key', () => {
    const world = new MiniWorld()
    const { alice } = trio(world)
    expect(dialed(world, alice, alice).code).toBe('PROTOCOL')
  })
})

describe('a dial', () => {
  it('waits for a server that is being dialed, and goes through it', () => {
    const world = new MiniWorld()
    const one = world.server('one')
    const bob = world.client('bob', [one])
    world.until(() => bob.isOnline)
    const alice = world.client('alice', [one])
    const request = alice.dial(bob, 1_000)
    world.until(() => alice.answer(request) !== undefined, 1_000)
    expect(alice.verdict(request)).toBe('dialed')
  })

  it.each(['bob is known there', 'bob is unknown there'])(
    'waits for the server of the peer, while that is still being dialed (%s)',
    what => {
      const world = new MiniWorld()
      const [one, two] = [world.server('one'), world.server('two')]
      const bob = world.client('bob', [two])
      world.until(() => bob.isOnline)
      if (what === 'bob is known there') {
        one.kill()
        for (const [key, value] of two.disk) one.disk.set(key, value)
        one.boot()
      }
      const alice = world.client('alice', [one, two])
      world.lagMs = (from, to) => (from === alice && to === two ? 900 : 0)
      world.until(() => alice.isOnline)
      const request = alice.dial(bob)
      world.run(500)
      expect(alice.answer(request)).toBeUndefined()
      world.until(() => alice.answer(request) !== undefined)
      expect(alice.verdict(request)).toBe('dialed')
    },
  )

  it('waits no longer than until that server has failed', () => {
    const world = new MiniWorld()
    const [one, two] = [world.server('one'), world.server('two')]
    world.tap = ({ to, bytes }) => (to === two ? undefined : bytes)
    const alice = world.client('alice', [one, two])
    world.until(() => alice.isOnline)
    const nobody = world.client('nobody', [])
    const { code, afterMs } = dialed(world, alice, nobody, 60_000)
    expect(code).toBe('NOT_FOUND')
    expect(afterMs).toBeLessThanOrEqual(LINK_AUTH_TIMEOUT_MS)
  })

  it('does not wait for a server that was tried in vain', () => {
    const world = new MiniWorld()
    const [one, two] = [world.server('one'), world.server('two')]
    two.kill()
    const alice = world.client('alice', [one, two])
    world.until(() => alice.attachments.some(({ state }) => state === 'waiting') && alice.isOnline)
    const nobody = world.client('nobody', [])
    const request = alice.dial(nobody)
    world.until(() => alice.answer(request) !== undefined, 40)
    expect(alice.verdict(request)).toBe('NOT_FOUND')
  })

  it('is given at once while the session is up', () => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world)
    const first = alice.dial(bob)
    world.until(() => alice.answer(first) !== undefined)
    expect(alice.verdict(alice.dial(bob))).toBe('dialed')
  })

  it('finds a peer that has restarted, although its new record comes a moment after the question', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    bob.kill()
    bob.boot()
    let isHeldBack = false
    world.tap = ({ from, bytes }) => {
      if (from !== bob || bytes[0] !== FRAME.request || isHeldBack) return bytes
      isHeldBack = true
      world.at(world.now + 17, () => world.inject(bob, server, bytes))
      return undefined
    }
    world.until(() => isHeldBack)
    const request = alice.dial(bob)
    world.until(() => alice.answer(request) !== undefined)
    expect(alice.verdict(request)).toBe('dialed')
    // Those of both, and the server's own.
    expect(server.core.load.records).toBe(3)
  })

  it('leaves nothing of cells behind', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    let cells = 0
    world.tap = ({ bytes }) => {
      if (isCell(bytes[0] ?? 0)) cells += 1
      return bytes
    }
    const request = alice.dial(bob)
    world.until(() => alice.answer(request) !== undefined)
    alice.hangUp(bob)
    world.run(100)
    expect(cells).toBeGreaterThan(4)
    expect(server.core.load).toEqual({
      links: 2,
      peers: 0,
      records: 3,
      knownServers: 0,
      circuits: 0,
    })
  })
})
