// Who pings, and when a peer is dead, under a virtual clock with stalls and sleep (docs/PROTOCOL.md 3.5).

import { describe, expect, it } from 'vitest'
import { FRAME } from '../wire/frame-type.ts'
import {
  LINK_DEAD_CLIENT_MS,
  LINK_DEAD_MS,
  PING_INTERVAL_MS,
  PING_JITTER_MS,
  WS_MAX_MESSAGE_BYTES,
} from '../wire/limits.ts'
import { encodePong } from '../wire/link-messages.ts'
import { LinkWorld, testConfig } from './testing/link-world.ts'
import { seededRandom } from './testing/seeded-random.ts'

const frame = (type: number, length = 1024) => new Uint8Array(length).fill(type)
const open = () => new LinkWorld().login()
const betweenServers = () =>
  new LinkWorld({ initiator: testConfig('alice', { type: 'server' }) }).login()

function typesFrom(world: LinkWorld, from: 'initiator' | 'responder'): number[] {
  return world.frames(from).map(bytes => bytes[0] as number)
}

describe('liveness', () => {
  it('costs a client’s idle link one ping and one pong per interval, and no ping by the server', () => {
    const world = open().run(60_000)
    const pings = typesFrom(world, 'initiator').filter(type => type === FRAME.ping).length
    expect(pings).toBeGreaterThanOrEqual(
      Math.floor(60_000 / (PING_INTERVAL_MS + PING_JITTER_MS + 100)),
    )
    expect(pings).toBeLessThanOrEqual(1 + 60_000 / PING_INTERVAL_MS)
    expect(typesFrom(world, 'responder')).not.toContain(FRAME.ping)
    expect(typesFrom(world, 'responder').filter(type => type === FRAME.pong)).toHaveLength(pings)
    expect(world.initiator.of('rtt')).toHaveLength(1 + pings)
  })

  it('pings while frames come to measure only, and only at the side that dialed', () => {
    const world = open()
    for (let i = 0; i < 30; i++) {
      world.run(5_000)
      world.responder.feed({ kind: 'send', bytes: frame(FRAME.push, 1) })
      world.settle()
    }
    const pings = typesFrom(world, 'initiator').filter(type => type === FRAME.ping).length
    expect(pings).toBeLessThanOrEqual(1 + (30 * 5_000) / (PING_INTERVAL_MS + PING_JITTER_MS))
    expect(world.initiator.of('rtt')).toHaveLength(1 + pings)
    expect(typesFrom(world, 'responder')).not.toContain(FRAME.ping)
    expect(world.initiator.isOpen && world.responder.isOpen).toBe(true)
  })

  it('does not let pings march in step', () => {
    const firstPings = Array.from({ length: 20 }, (_, seed) => {
      const initiator = testConfig('alice', { random: seededRandom(seed) })
      return new LinkWorld({ initiator }).login().initiator.link.nextTimeout()
    })
    expect(new Set(firstPings).size).toBe(20)
  })

  it('obeys a server that wants pings more often', () => {
    const welcome = () => ({
      keepaliveMs: 2_000,
      timeMs: 0,
      limits: { maxMessageBytes: WS_MAX_MESSAGE_BYTES },
      addressClass: 'unknown' as const,
      sample: [],
    })
    const world = new LinkWorld({ responder: testConfig('bob', { welcome }) }).login().run(40_000)
    expect(
      typesFrom(world, 'initiator').filter(type => type === FRAME.ping).length,
    ).toBeGreaterThanOrEqual(10)
  })

  it.each([
    // Once to measure.
    ['the initiator', open, 'initiator', LINK_DEAD_MS, 2],
    ['the responder towards a client', open, 'responder', LINK_DEAD_CLIENT_MS, 1],
    ['the responder towards a server', betweenServers, 'responder', LINK_DEAD_MS, 1],
  ] as const)(
    '%s declares death after the limit, having asked once',
    (_, makeWorld, side, deadMs, asked) => {
      const world = makeWorld()
      world.isCut = true
      const link = world[side]
      link.outgoing.length = 0
      const pings: number[] = []
      for (let ms = 0; ms < deadMs - 50; ms += 50) {
        world.clock.advance(50)
        link.tick()
        pings.push(...link.outgoing.splice(0).map(bytes => bytes[0] as number))
      }
      expect(link.closed).toBeUndefined()
      expect(pings).toEqual(Array.from({ length: asked }, () => FRAME.ping))
      world.clock.advance(50)
      link.tick()
      expect(link.closed).toMatchObject({ reason: 'timeout', side: 'local' })
    },
  )

  it('keeps a client whose timers run once a minute', () => {
    const world = open()
    for (let minute = 0; minute < 10; minute++) {
      for (let second = 0; second < 60; second++) {
        world.clock.advance(1_000)
        world.responder.tick()
        world.settle()
      }
      world.initiator.tick()
      world.settle()
    }
    expect(world.initiator.isOpen && world.responder.isOpen).toBe(true)
  })

  it.each([200, 500, 1_000, 2_000])(
    'survives stalls of %d ms anywhere, on either side',
    stallMs => {
      const world = betweenServers()
      for (let i = 0; i < 200; i++) {
        world.clock.advance(stallMs + 37 * (i % 11))
        // Node runs due timers before it reads what has arrived meanwhile.
        const [first, second] =
          i % 2 === 0 ? [world.initiator, world.responder] : [world.responder, world.initiator]
        first.tick()
        second.tick()
        world.settle()
      }
      expect(world.initiator.isOpen && world.responder.isOpen).toBe(true)
    },
  )

  it('survives an hour of sleep when the peer is still there, and notices soon when it is not', () => {
    const kept = betweenServers()
    kept.clock.advance(3_600_000)
    kept.initiator.tick()
    kept.responder.tick()
    expect(kept.settle().run(30_000).initiator.isOpen).toBe(true)
    const lost = betweenServers()
    lost.isCut = true
    lost.clock.advance(3_600_000)
    lost.initiator.tick()
    lost.run(LINK_DEAD_MS - PING_INTERVAL_MS)
    expect(lost.initiator.closed?.reason).toBe('timeout')
  })

  it('does not mind early timeouts and strange pongs', () => {
    const world = open()
    for (let i = 0; i < 50; i++) {
      world.initiator.feed({ kind: 'timeout' })
      world.initiator.message(encodePong(i))
    }
    expect(world.initiator.isOpen).toBe(true)
    expect(world.initiator.of('rtt')).toHaveLength(1)
    expect(world.initiator.outgoing).toEqual([])
  })
})
