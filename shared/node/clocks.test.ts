// Clocks that are wrong, and onion keys that rotate under attached clients.

import { describe, expect, it } from 'vitest'
import { decodeGuards, encodeGuards } from '../routes/guard-list.ts'
import { FRAME } from '../wire/frame-type.ts'
import {
  ONION_KEY_ROTATE_MS,
  RECORD_REPUBLISH_JITTER,
  RECORD_REPUBLISH_MS,
} from '../wire/limits.ts'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function trio(world: MiniWorld, options: Parameters<MiniWorld['client']>[2] = {}) {
  const server = world.server('one')
  const alice = world.client('alice', [server], options)
  const bob = world.client('bob', [server])
  world.until(() => alice.isOnline && bob.isOnline)
  return { server, alice, bob }
}

function dialed(world: MiniWorld, from: MiniNode, to: MiniNode): string | undefined {
  const request = from.dial(to)
  world.until(() => from.answer(request) !== undefined)
  return from.verdict(request)
}

describe('clocks', () => {
  it.each([
    ['10 minutes slow', -600_000],
    ['10 minutes fast', 600_000],
    ['a day slow', -DAY_MS],
    ['a day fast', DAY_MS],
    ['two days and a half slow', -2.5 * DAY_MS],
    ['at the beginning of time', -1_700_000_000_000],
  ])('a client that is %s dials and is dialed', (_name, skewMs) => {
    const world = new MiniWorld()
    const { alice, bob } = trio(world, { skewMs })
    expect(dialed(world, alice, bob)).toBe('dialed')
    alice.hangUp(bob)
    world.run(100)
    expect(dialed(world, bob, alice)).toBe('dialed')
    const [record] = [bob.lookup(alice.key)]
    world.run(50)
    const answer = bob.answer(record)
    const seen = answer?.kind === 'found' ? answer.record.record.seenMs : 0
    expect(Math.abs(seen - (world.now + 1_767_225_600_000))).toBeLessThan(5_000)
  })

  it('a lying server does not make the guards of private paths old', () => {
    const world = new MiniWorld()
    const liar = world.server('liar', { skewMs: 130 * DAY_MS })
    const honest = world.server('honest')
    const bob = world.client('bob', [honest])
    const alice = world.client('alice', [liar], { mode: 'private' })
    alice.kill()
    const pinnedMs = 1_767_225_600_000 - DAY_MS
    alice.disk.set('routes/guards', encodeGuards([{ key: honest.key, pinnedMs }]))
    alice.boot()
    world.until(() => alice.isOnline)
    alice.ask(request => ({ kind: 'routes', request, key: bob.key, timeoutMs: 2_000 }))
    world.run(3_000)
    const kept = decodeGuards(alice.disk.get('routes/guards') ?? new Uint8Array(0))
    expect(kept?.map(({ key }) => key)).toContain(honest.key)
  })

  it('one lying server of two does not move a client whose clock is right', () => {
    const world = new MiniWorld()
    const liar = world.server('liar', { skewMs: 50 * DAY_MS })
    const honest = world.server('honest')
    const alice = world.client('alice', [liar, honest])
    world.run(2_000)
    for (let i = 0; i < 6; i++) {
      world.cut(alice, liar)
      world.run(31_000)
    }
    const view = alice.attachments.find(({ url }) => url.host === 'honest')
    expect(view).toMatchObject({ state: 'online' })
    expect(view?.failure).toBeUndefined()
  })

  it('a lone lying server does not make a client sign records of the future', () => {
    const world = new MiniWorld()
    const liar = world.server('liar')
    const alice = world.client('alice', [liar])
    const bob = world.client('bob', [liar])
    world.until(() => alice.isOnline && bob.isOnline)
    const seqs: number[] = []
    for (let day = 1; day <= 6; day++) {
      liar.kill()
      liar.skewMs = day * DAY_MS
      liar.boot()
      world.run(40_000)
      const request = bob.lookup(alice.key)
      world.run(1_000)
      const answer = bob.answer(request)
      if (answer?.kind === 'found') seqs.push(answer.record.record.seq)
    }
    expect(seqs.length).toBeGreaterThan(0)
    const trueMs = world.now + 1_767_225_600_000
    expect(Math.max(...seqs)).toBeLessThan(trueMs + 3 * DAY_MS + HOUR_MS)
  })

  it('a server that claims an absurd time does no harm', () => {
    const world = new MiniWorld()
    const liar = world.server('liar')
    liar.kill()
    liar.skewMs = Number.MAX_SAFE_INTEGER - 2e12
    expect(() => liar.boot()).not.toThrow()
    const alice = world.client('alice', [liar])
    world.run(10_000)
    expect(alice.isUp).toBe(true)
  })
})

describe('onion keys', () => {
  it('are told to those attached when they change, or the record is renewed, and not more often', () => {
    const world = new MiniWorld()
    const { alice } = trio(world)
    let pushes = 0
    world.tap = ({ to, bytes }) => {
      if (to === alice && bytes[0] === FRAME.push) pushes += 1
      return bytes
    }
    const soonestMs = RECORD_REPUBLISH_MS * (1 - RECORD_REPUBLISH_JITTER)
    const latestMs = RECORD_REPUBLISH_MS * (1 + RECORD_REPUBLISH_JITTER)
    world.run(soonestMs - 60_000)
    expect(pushes).toBe(0)
    world.run(2 * DAY_MS)
    expect(pushes).toBeGreaterThanOrEqual(Math.floor((2 * DAY_MS) / latestMs))
    expect(pushes).toBeLessThanOrEqual(Math.ceil((2 * DAY_MS) / soonestMs))
  })

  it('rotate under an attached client, and dials work before, meanwhile and after', () => {
    const world = new MiniWorld()
    const { server, alice, bob } = trio(world)
    const talk = () => {
      expect(dialed(world, alice, bob)).toBe('dialed')
      alice.hangUp(bob)
      world.run(100)
      expect(dialed(world, bob, alice)).toBe('dialed')
      bob.hangUp(alice)
      world.run(100)
    }
    talk()
    world.run(ONION_KEY_ROTATE_MS - world.now - 1_100)
    for (let i = 0; i < 8; i++) {
      talk()
      world.run(100)
    }
    world.run(3 * HOUR_MS)
    talk()
    world.run(ONION_KEY_ROTATE_MS)
    talk()
    expect(server.core.load).toEqual({
      links: 2,
      peers: 0,
      records: 3,
      circuits: 0,
      knownServers: 0,
    })
    for (const node of [alice, bob]) {
      expect(node.attachments).toMatchObject([{ state: 'online' }])
    }
  })
})
