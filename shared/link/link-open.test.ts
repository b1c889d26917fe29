// An open link: frames both ways, and its end (docs/PROTOCOL.md 3.4).

import { describe, expect, it } from 'vitest'
import type { CloseReason } from '../wire/close-code.ts'
import { CLOSE_CODE } from '../wire/close-code.ts'
import { FRAME } from '../wire/frame-type.ts'
import { RTC_MAX_MESSAGE_BYTES, WS_MAX_MESSAGE_BYTES } from '../wire/limits.ts'
import { decodeGoodbye } from '../wire/link-messages.ts'
import { LinkWorld } from './testing/link-world.ts'

const APPLICATION = [
  FRAME.cellSetup,
  FRAME.cellAck,
  FRAME.cellForward,
  FRAME.cellBackward,
  FRAME.cellDestroy,
  FRAME.cellPad,
  FRAME.cellForwardLarge,
  FRAME.cellBackwardLarge,
  FRAME.request,
  FRAME.response,
  FRAME.push,
]

const frame = (type: number, length = 1024) => new Uint8Array(length).fill(type)
const open = () => new LinkWorld().login()

function typesFrom(world: LinkWorld, from: 'initiator' | 'responder'): number[] {
  return world.frames(from).map(bytes => bytes[0] as number)
}

describe('frames', () => {
  it.each(APPLICATION)('of type %d cross whole, both ways', type => {
    const world = open()
    world.initiator.feed({ kind: 'send', bytes: frame(type) })
    world.responder.feed({ kind: 'send', bytes: frame(type, 1) })
    world.settle()
    expect(world.responder.of('frame')).toEqual([{ kind: 'frame', type, bytes: frame(type) }])
    expect(world.initiator.of('frame')).toEqual([{ kind: 'frame', type, bytes: frame(type, 1) }])
  })

  it('of any other type are a caller’s mistake', () => {
    const world = open()
    for (let type = 0; type < 256; type++) {
      if (APPLICATION.some(known => known === type)) continue
      const send = () => world.initiator.feed({ kind: 'send', bytes: frame(type) })
      expect(send).toThrow(RangeError)
    }
    expect(() => world.initiator.feed({ kind: 'send', bytes: frame(0, 0) })).toThrow(RangeError)
    expect(world.initiator.isOpen).toBe(true)
  })

  it.each([WS_MAX_MESSAGE_BYTES, RTC_MAX_MESSAGE_BYTES])(
    'may have up to %d bytes',
    maxMessageBytes => {
      const world = new LinkWorld({ maxMessageBytes }).login()
      for (const length of [maxMessageBytes - 1, maxMessageBytes]) {
        world.initiator.feed({ kind: 'send', bytes: frame(FRAME.push, length) })
        expect(world.settle().responder.of('frame').at(-1)?.bytes.length).toBe(length)
      }
      const long = frame(FRAME.push, maxMessageBytes + 1)
      expect(() => world.initiator.feed({ kind: 'send', bytes: long })).toThrow(RangeError)
      world.responder.message(long)
      expect(world.settle().initiator.closed).toMatchObject({ reason: 'tooLarge', side: 'remote' })
    },
  )

  it('are ignored before the link is open and after its end', () => {
    const world = new LinkWorld()
    world.initiator.feed({ kind: 'send', bytes: frame(FRAME.push) })
    expect(world.initiator.link.canSend).toBe(false)
    world.login()
    expect(typesFrom(world, 'initiator')).toEqual([FRAME.hello, FRAME.proof])
    world.initiator.feed({ kind: 'close', reason: 'normal' })
    world.initiator.feed({ kind: 'send', bytes: frame(FRAME.push) })
    expect(typesFrom(world.settle(), 'initiator').at(-1)).toBe(FRAME.goodbye)
  })

  it.each([
    [frame(0, 0)],
    [frame(0x08)],
    [frame(0x30)],
    [frame(0xff)],
    [frame(FRAME.hello)],
    [frame(FRAME.ping)],
    [frame(FRAME.pong)],
    [frame(FRAME.goodbye)],
  ])('close the link when they are illegal or malformed', bytes => {
    const world = open()
    world.responder.message(bytes)
    expect(world.responder.closed).toMatchObject({ reason: 'protocol', side: 'local' })
    expect(world.settle().initiator.closed).toMatchObject({ reason: 'protocol', side: 'remote' })
  })
})

describe('the end', () => {
  it.each(Object.keys(CLOSE_CODE) as CloseReason[])('tells the other side: %s', reason => {
    const world = open()
    world.initiator.feed({ kind: 'close', reason, retryAfterMs: 7 })
    world.settle()
    expect(world.initiator.closed).toEqual({
      kind: 'closed',
      reason,
      side: 'local',
      retryAfterMs: 7,
    })
    expect(world.responder.closed).toEqual({
      kind: 'closed',
      reason,
      side: 'remote',
      retryAfterMs: 7,
    })
    expect(decodeGoodbye(world.frames('initiator').at(-1) as Uint8Array).code).toBe(
      CLOSE_CODE[reason],
    )
  })

  it('answers no goodbye with a goodbye', () => {
    const world = open()
    world.initiator.feed({ kind: 'close', reason: 'normal' })
    world.settle()
    expect(typesFrom(world, 'responder')).not.toContain(FRAME.goodbye)
  })

  it('says where a lost transport ended, and transmits nothing more', () => {
    const world = open()
    world.responder.feed({ kind: 'lost', reason: 'unreachable' })
    expect(world.responder.closed).toEqual({
      kind: 'closed',
      reason: 'unreachable',
      side: 'transport',
    })
    expect(world.responder.outgoing).toEqual([])
  })

  it('is the last effect, after everything that came before it', () => {
    const world = open()
    world.responder.link.handle(world.clock.time, { kind: 'message', bytes: frame(FRAME.push, 1) })
    world.responder.link.handle(world.clock.time, { kind: 'message', bytes: frame(0xff) })
    world.responder.feed({ kind: 'timeout' })
    expect(world.responder.effects.map(effect => effect.kind)).toEqual([
      'open',
      'rtt',
      'frame',
      'closed',
    ])
    expect(world.responder.link.nextTimeout()).toBeUndefined()
    expect(world.responder.link.canSend).toBe(false)
  })
})
