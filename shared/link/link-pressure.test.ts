// A link whose transport or peer is slower than its users (docs/PROTOCOL.md 13).

import { describe, expect, it } from 'vitest'
import { FRAME } from '../wire/frame-type.ts'
import {
  LINK_DEAD_MS,
  LINK_HARD_BUFFER_BYTES,
  LINK_SLOW_TIMEOUT_MS,
  LINK_SOFT_BUFFER_BYTES,
} from '../wire/limits.ts'
import { encodePing } from '../wire/link-messages.ts'
import { LinkWorld, testConfig } from './testing/link-world.ts'

const frame = (type: number, length = 1024) => new Uint8Array(length).fill(type)
const open = () => new LinkWorld().login()
const betweenServers = () =>
  new LinkWorld({ initiator: testConfig('alice', { type: 'server' }) }).login()

describe('back-pressure', () => {
  it('pauses over the soft mark, resumes when drained, and loses and reorders nothing', () => {
    const world = open()
    world.initiator.feed({ kind: 'full' })
    const count = LINK_SOFT_BUFFER_BYTES / 1024
    for (let i = 0; i < count; i++) {
      expect(world.initiator.link.canSend).toBe(true)
      const cell = frame(FRAME.cellForward)
      cell[9] = i
      world.initiator.feed({ kind: 'send', bytes: cell })
    }
    expect(world.initiator.link.canSend).toBe(false)
    expect(world.initiator.link.queuedBytes).toBe(LINK_SOFT_BUFFER_BYTES)
    expect(world.initiator.of('pause')).toHaveLength(1)
    world.clock.advance(1)
    world.initiator.feed({ kind: 'writable' })
    expect(world.initiator.of('resume')).toHaveLength(1)
    expect(world.initiator.link.canSend).toBe(true)
    const order = world
      .settle()
      .responder.of('frame')
      .map(effect => effect.bytes[9])
    expect(order).toEqual(Array.from({ length: count }, (_, i) => i % 256))
  })

  it('goes on by its timer after a burst', () => {
    const world = open()
    const length = 32_768
    const count = (2 * LINK_SOFT_BUFFER_BYTES) / length
    for (let i = 0; i < count; i++) {
      world.initiator.feed({ kind: 'send', bytes: frame(FRAME.cellForward, length) })
    }
    expect(world.settle().responder.of('frame').length).toBeLessThan(count)
    world.run(2, 1)
    expect(world.responder.of('frame')).toHaveLength(count)
  })

  it('remembers that the transport was full already during the login', () => {
    const world = new LinkWorld()
    world.initiator.feed({ kind: 'full' })
    world.login()
    world.initiator.feed({ kind: 'send', bytes: frame(FRAME.push) })
    expect(world.settle().responder.of('frame')).toHaveLength(0)
    world.initiator.feed({ kind: 'writable' })
    expect(world.settle().responder.of('frame')).toHaveLength(1)
  })

  it('closes a link whose queue goes over the hard mark, and drops the queue', () => {
    const world = open()
    world.responder.feed({ kind: 'full' })
    for (let i = 0; i < LINK_HARD_BUFFER_BYTES / 1024; i++) {
      world.responder.feed({ kind: 'send', bytes: frame(FRAME.cellForward) })
    }
    expect(world.responder.isOpen).toBe(true)
    world.responder.feed({ kind: 'send', bytes: frame(FRAME.push, 1) })
    expect(world.responder.closed).toMatchObject({ reason: 'tooSlow', side: 'local' })
    expect(world.responder.link.queuedBytes).toBe(0)
    expect(world.settle().initiator.of('frame')).toEqual([])
    expect(world.initiator.closed).toMatchObject({ reason: 'tooSlow', side: 'remote' })
  })

  it('closes a link whose transport takes nothing, though the peer talks', () => {
    const world = open()
    world.responder.feed({ kind: 'full' })
    world.responder.feed({ kind: 'send', bytes: frame(FRAME.push, 1) })
    for (let ms = 0; ms < LINK_SLOW_TIMEOUT_MS; ms += 1_000) {
      expect(world.responder.closed).toBeUndefined()
      world.responder.message(frame(FRAME.push, 1))
      world.clock.advance(1_000)
      world.responder.tick()
    }
    expect(world.responder.closed).toMatchObject({ reason: 'tooSlow', side: 'local' })
  })

  it('does not let a flood of pings grow the queue without an end', () => {
    const world = open()
    world.responder.feed({ kind: 'full' })
    for (let i = 0; i < 20_000; i++) world.responder.message(encodePing(i))
    expect(world.responder.closed).toMatchObject({ reason: 'tooSlow' })
  })

  it('takes a transport that becomes writable for a sign of life', () => {
    const world = betweenServers()
    world.initiator.feed({ kind: 'full' })
    world.isCut = true
    for (let i = 0; i < 10; i++) {
      world.run(5_000)
      world.initiator.feed({ kind: 'writable' })
      world.initiator.feed({ kind: 'full' })
    }
    expect(world.initiator.closed).toBeUndefined()
    world.run(LINK_DEAD_MS)
    expect(world.initiator.closed?.reason).toBe('timeout')
  })
})
