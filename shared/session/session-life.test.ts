// Credit, rekey and close of a session.

import { describe, expect, it } from 'vitest'
import { mapKey } from '../bytes/map-key.ts'
import { MESSAGE_OVERHEAD_BYTES, MESSAGE_WINDOW_BYTES, MESSAGES_IN_FLIGHT } from '../wire/limits.ts'
import { Session } from './session.ts'
import { Pair } from './testing/pair.ts'
import { BAD, closed, deliveredIds, failures, shownIds } from './testing/said.ts'
import { handshakeSecrets } from './testing/secrets.ts'

describe('credit', () => {
  const size = 65_536
  const fits = Math.floor(MESSAGE_WINDOW_BYTES / (size + MESSAGE_OVERHEAD_BYTES))

  it('stalls a sender whose messages nobody takes, and resumes', () => {
    const pair = new Pair({ consumes: false })
    pair.openPath()
    for (let i = 0; i < 40; i++) pair.send(pair.alice, new Uint8Array(size))
    pair.run(20_000)
    expect(pair.bob.messages).toHaveLength(fits)
    expect(fits).toBeLessThan(40)
    pair.handle(pair.bob, { kind: 'consumed', bytes: fits * size })
    pair.run(29_000)
    expect(pair.bob.messages).toHaveLength(40)
    expect(failures(pair.alice)).toEqual([])
  })

  it('lets no flood of empty messages through either', () => {
    const pair = new Pair({ consumes: false })
    pair.openPath()
    const room = Math.floor(MESSAGE_WINDOW_BYTES / MESSAGE_OVERHEAD_BYTES)
    for (let i = 0; i < room + 10; i++) {
      const id = Uint8Array.from({ length: 16 }, (_, at) => (i >> (8 * at)) & 0xff)
      pair.alice.session.handle(pair.time, { kind: 'send', id, data: new Uint8Array(0) })
    }
    pair.drain(pair.alice)
    expect(pair.bob.messages.length).toBeLessThanOrEqual(MESSAGES_IN_FLIGHT)
    pair.run(20_000)
    expect(pair.bob.messages).toHaveLength(room)
    pair.handle(pair.bob, { kind: 'consumed', bytes: 0 })
    pair.run(29_000)
    expect(pair.bob.messages).toHaveLength(room + 10)
  })
})

describe('rekey', () => {
  const epochLimits = { ageMs: 3_000, packets: 2 ** 20, bytes: 2 ** 30 }

  it.each([1, 2, 3])('goes on under traffic and losses, seed %i', seed => {
    const pair = new Pair({ seed, ...BAD, epochLimits: { ...epochLimits, ageMs: 20_000 } })
    pair.openPath()
    const tags = new Set<string>()
    pair.isRecording = true
    for (let i = 0; i < 900; i++) {
      pair.send(pair.alice, pair.random.bytes(50))
      pair.send(pair.bob, pair.random.bytes(50))
      pair.run(pair.now + 100)
    }
    pair.runUntil(
      () => deliveredIds(pair.alice).length === 900 && deliveredIds(pair.bob).length === 900,
    )
    for (const { bytes } of pair.recorded) tags.add(mapKey(bytes.slice(0, 4)))
    expect(tags.size).toBeGreaterThanOrEqual(4)
    expect(shownIds(pair.bob)).toEqual(deliveredIds(pair.alice))
    expect(shownIds(pair.alice)).toEqual(deliveredIds(pair.bob))
    expect(closed(pair.alice) ?? closed(pair.bob)).toBeUndefined()
  })

  it('follows the packet limit', () => {
    const pair = new Pair({
      network: { delayMs: 1 },
      epochLimits: { ageMs: 1e9, packets: 500, bytes: 2 ** 30 },
    })
    pair.isRecording = true
    pair.openPath()
    for (let i = 0; i < 400; i++) {
      pair.send(pair.alice, new Uint8Array(10))
      pair.run(pair.now + 10)
    }
    const tags = new Set(pair.recorded.map(({ bytes }) => mapKey(bytes.slice(0, 4))))
    expect(tags.size).toBe(2)
    expect(deliveredIds(pair.alice)).toHaveLength(400)
  })

  it('survives both sides beginning at once, on one handshake', () => {
    const pair = new Pair({ epochLimits })
    pair.isRecording = true
    pair.openPath()
    pair.run(2_000)
    // Past both sides' ages in one step: each begins before it hears of the other.
    pair.now = 3_400
    for (const end of [pair.alice, pair.bob]) pair.handle(end, { kind: 'timeout' })
    pair.run(3_900)
    const tags = new Set(pair.recorded.map(({ bytes }) => mapKey(bytes.slice(0, 4))))
    expect(tags.size).toBe(2)
    pair.send(pair.alice, new Uint8Array(10))
    pair.send(pair.bob, new Uint8Array(10))
    pair.run(4_500)
    expect(deliveredIds(pair.alice)).toHaveLength(1)
    expect(deliveredIds(pair.bob)).toHaveLength(1)
  })

  it('closes as expired when the keys are past twice their limit, as after a sleep', () => {
    const pair = new Pair({ epochLimits, replacesPaths: false })
    pair.openPath()
    pair.run(2_000)
    pair.now = 6_000
    pair.send(pair.alice, new Uint8Array(10))
    expect(closed(pair.alice)).toMatchObject({ code: 'EXPIRED', side: 'local' })
    expect(pair.alice.session.unfinished()).toHaveLength(1)
  })
})

describe('close', () => {
  it('takes along what it still has to acknowledge', () => {
    const pair = new Pair()
    pair.openPath()
    pair.run()
    const [path] = pair.paths
    if (path === undefined) throw new Error('no path')
    const { alice, bob } = pair
    const carry = (from: typeof alice, to: typeof bob): void => {
      const bytes = from.session.pollPacket(pair.time, path) ?? new Uint8Array()
      pair.handle(to, { kind: 'packet', path, bytes })
    }
    alice.session.handle(pair.time, {
      kind: 'send',
      id: new Uint8Array(16),
      data: new Uint8Array(9),
    })
    const packet = alice.session.pollPacket(pair.time, path) ?? new Uint8Array()
    bob.session.handle(pair.time, { kind: 'packet', path, bytes: packet })
    // At once, before an ack was due.
    bob.session.handle(pair.time, { kind: 'close', code: 'NORMAL' })
    carry(bob, alice)
    expect(deliveredIds(alice)).toHaveLength(1)
    expect(failures(alice)).toEqual([])
  })

  it('tells the peer, and leaves nothing behind', () => {
    const pair = new Pair()
    pair.openPath()
    pair.send(pair.alice, new Uint8Array(100))
    pair.run()
    pair.handle(pair.alice, { kind: 'close', code: 'NORMAL', reason: 'bye' })
    pair.run()
    expect(closed(pair.alice)).toEqual({
      kind: 'closed',
      code: 'NORMAL',
      side: 'local',
      reason: 'bye',
    })
    expect(closed(pair.bob)).toEqual({
      kind: 'closed',
      code: 'NORMAL',
      side: 'remote',
      reason: 'bye',
    })
    for (const end of [pair.alice, pair.bob]) {
      expect(end.session.nextTimeout()).toBeUndefined()
      expect(end.session.isClosed).toBe(true)
      for (const path of pair.paths) expect(end.session.wantsToSend(path)).toBe(false)
    }
    pair.send(pair.alice, new Uint8Array(1))
    expect(failures(pair.alice)).toEqual(['CLOSED'])
  })

  it('wipes every key', () => {
    const pair = new Pair()
    const { suite, random, alice, bob } = pair
    const secrets = handshakeSecrets(suite, random, alice.identity, bob.identity).caller
    const config = { suite, random: random.bytes, identity: alice.identity, seen: alice.seen }
    const session = new Session(config, secrets, pair.time)
    session.handle(pair.time, { kind: 'close', code: 'NORMAL' })
    expect([...secrets.sendKey, ...secrets.receiveKey].every(byte => byte === 0)).toBe(true)
  })
})
