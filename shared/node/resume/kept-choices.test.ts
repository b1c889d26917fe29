// What a node keeps beside its sessions: the modes that were said of peers, and what its other parts keep, which nobody
// reads or changes who has the store alone.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import { decodeGuards } from '../../routes/guard-list.ts'
import { seeded } from '../../session/testing/seeded.ts'
import { MESSAGE_TIMEOUT_MS, SESSION_SAVE_MS } from '../../wire/limits.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import { SessionVault } from './session-vault.ts'

const UNIX_MS = 1_800_000_000_000
const at = (now: number): Time => ({ now, unixMs: UNIX_MS + now })

/** The store of one node, over several lives of it. */
function store() {
  const random = seeded(1)
  const seed = random.bytes(32)
  const saved = new Map<string, Uint8Array>()
  const boot = (time: Time): SessionVault =>
    new SessionVault({ suite: nodeSuite, random: random.bytes, seed, saved }, time)
  const write = (vault: SessionVault): void => {
    for (let save = vault.poll(); save !== undefined; save = vault.poll()) {
      if (save.value === undefined) saved.delete(save.key)
      else saved.set(save.key, save.value)
    }
  }
  return { random, saved, boot, write, peer: keyIdOf(random.bytes(32)) }
}

describe('a mode that was said of a peer', () => {
  it('before its session goes on is kept, and does not make the session any younger', () => {
    const { boot, write, peer } = store()
    const first = boot(at(0))
    first.peerUp(at(0), peer, true)
    write(first)
    const second = boot(at(20_000))
    const [before] = second.restored
    second.modeSaid(at(21_000), peer, 'private')
    write(second)
    const [after] = boot(at(20_000)).restored
    expect(after).toEqual({ ...before, mode: 'private' })
  })

  it('holds for all that waits for the peer, whether it was kept before or not', () => {
    const { random, saved, boot, write, peer } = store()
    const vault = boot(at(0))
    const send = (now: number): void => {
      const [id, data] = [random.bytes(16), random.bytes(4)]
      const timeoutMs = MESSAGE_TIMEOUT_MS
      vault.sent(at(now), { kind: 'send', request: now, peer, id, data, timeoutMs })
    }
    send(1)
    vault.timeout(at(1 + SESSION_SAVE_MS))
    send(200)
    write(vault)
    expect(saved.size).toBe(1)
    vault.modeSaid(at(201), peer, 'private')
    vault.suspend(at(202))
    write(vault)
    const [restored] = boot(at(300)).restored
    expect(restored?.messages.map(({ mode }) => mode)).toEqual(['private', 'private'])
    expect(restored).toMatchObject({ mode: 'private', remainingMs: 0 })
  })

  it('holds in the next life also where the peer comes by itself', () => {
    const world = new MiniWorld()
    const server = world.server('one')
    const alice = world.client('alice', [server])
    const bob = world.client('bob', [server], { keepsSessions: true })
    world.until(() => alice.isOnline && bob.isOnline)
    const dialed = alice.dial(bob)
    world.until(() => alice.answer(dialed) !== undefined)
    bob.ask(request => {
      return { kind: 'ping', request, peer: alice.key, timeoutMs: 10_000, mode: 'relay' }
    })
    world.run(1_000)
    bob.kill()
    bob.boot()
    world.until(() => bob.seen('peerUp').length === 2)
    const sent = bob.send(alice, 'hello')
    world.until(() => bob.verdict(sent) === 'delivered')
    expect(bob.seen('peerPath').at(-1)?.path?.mode).toBe('relay')
  })
})

describe('what other parts of a node keep', () => {
  it('is sealed, and read again as it was', () => {
    const { random, saved, boot, write } = store()
    const value = random.bytes(40)
    const vault = boot(at(0))
    vault.keep({ kind: 'save', key: 'routes/guards', value })
    vault.keep({ kind: 'save', key: 'else', value })
    vault.keep({ kind: 'save', key: 'else', value: undefined })
    write(vault)
    expect([...saved.keys()]).toEqual(['routes/guards'])
    const sealed = Buffer.from(saved.get('routes/guards') ?? value)
    expect(sealed.includes(Buffer.from(value.subarray(0, 8)))).toBe(false)
    expect([...boot(at(1)).others]).toEqual([['routes/guards', value]])
  })

  it('is lost when somebody has changed it, put it elsewhere or written it in the clear', () => {
    const { random, saved, boot, write } = store()
    const vault = boot(at(0))
    vault.keep({ kind: 'save', key: 'one', value: random.bytes(40) })
    write(vault)
    const sealed = saved.get('one') ?? new Uint8Array(0)
    saved.set('two', sealed)
    saved.set('three', random.bytes(100))
    saved.set('one', sealed.with(sealed.length - 1, (sealed.at(-1) ?? 0) ^ 1))
    expect(boot(at(1)).others.size).toBe(0)
  })

  it('are the guards of private paths, which stay over restarts', () => {
    const world = new MiniWorld()
    const first = world.server('s0', { allowsPlainDials: true })
    const servers = [first]
    for (let i = 1; i < 5; i++) {
      servers.push(world.server(`s${i}`, { allowsPlainDials: true, join: [first.url] }))
    }
    world.run(20_000)
    const alice = world.client('alice', servers.slice(0, 2), { keepsSessions: true })
    const bob = world.client('bob', servers.slice(-2))
    const guards = new Set<string | undefined>()
    for (let life = 1; life <= 4; life++) {
      world.until(() => isAttached(alice) && isAttached(bob))
      world.run(1_000)
      const request = alice.ask(number => {
        return { kind: 'dial', request: number, peer: bob.key, timeoutMs: 10_000, mode: 'private' }
      })
      world.until(() => alice.answer(request) !== undefined)
      guards.add(alice.seen('peerPath').at(-1)?.path?.hops[0])
      alice.kill()
      alice.boot()
    }
    expect([...guards].filter(guard => guard !== undefined)).toHaveLength(1)
    const kept = alice.disk.get('routes/guards') ?? new Uint8Array(0)
    expect(kept.length).toBeGreaterThan(0)
    expect(decodeGuards(kept)).toBeUndefined()
  })
})

function isAttached(node: MiniNode): boolean {
  return node.attachments.every(({ state }) => state === 'online')
}
