// The login of one hop through the whole Link: what opens, what is refused and with which code, told to
// both sides (docs/PROTOCOL.md 3.1, 3.2). Attacks are link-attacks.test.ts.

import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../crypto/noble-suite.ts'
import type { CloseReason } from '../wire/close-code.ts'
import { FRAME } from '../wire/frame-type.ts'
import { LINK_AUTH_TIMEOUT_MS, RETRY_AFTER_MAX_MS, WELCOME_MAX_SAMPLE } from '../wire/limits.ts'
import type { Welcome } from '../wire/link-messages.ts'
import { encodeGoodbye } from '../wire/link-messages.ts'
import { wsBinding } from './binding.ts'
import { LinkWorld, NET, testConfig, testIdentity } from './testing/link-world.ts'

const otherNet = new Uint8Array(16).fill(0xee)
const alice = testIdentity(1)
const bob = testIdentity(2)

describe('a good login', () => {
  it('opens both sides with the proven peer, in four messages', () => {
    const world = new LinkWorld().login()
    expect(world.crossed.map(frame => [frame.from, frame.bytes[0]])).toEqual([
      ['initiator', FRAME.hello],
      ['responder', FRAME.challenge],
      ['initiator', FRAME.proof],
      ['responder', FRAME.welcome],
    ])
    expect(world.initiator.of('open')[0]?.peer).toEqual({
      publicKey: bob.publicKey,
      keyId: bob.keyId,
      type: 'server',
      version: 1,
    })
    expect(world.responder.of('open')[0]).toEqual({
      kind: 'open',
      peer: { publicKey: alice.publicKey, keyId: alice.keyId, type: 'client', version: 1 },
      welcome: undefined,
    })
    expect(world.initiator.link.canSend).toBe(true)
    expect(world.responder.link.canSend).toBe(true)
  })

  it('tells the initiator the defaults when the responder has no welcome of its own', () => {
    const world = new LinkWorld().login()
    expect(world.initiator.of('open')[0]?.welcome).toEqual({
      keepaliveMs: 10_000,
      timeMs: world.clock.time.unixMs,
      limits: { maxMessageBytes: 65_536 },
      addressClass: 'public',
      sample: [],
    })
  })

  it('measures the round trip on both sides', () => {
    const world = new LinkWorld()
    world.responder.feed({ kind: 'opened' })
    world.initiator.feed({ kind: 'opened' })
    for (let leg = 0; leg < 4; leg++) {
      world.clock.advance(20)
      const [sender, receiver] =
        leg % 2 === 0 ? [world.initiator, world.responder] : [world.responder, world.initiator]
      receiver.message(sender.outgoing.shift() ?? new Uint8Array())
    }
    expect(world.initiator.of('rtt')).toEqual([{ kind: 'rtt', ms: 40 }])
    expect(world.responder.of('rtt')).toEqual([{ kind: 'rtt', ms: 40 }])
  })

  it('chooses the highest common version', () => {
    const world = new LinkWorld({
      initiator: testConfig('alice', { versions: [1, 2, 3, 9] }),
      responder: testConfig('bob', { versions: [2, 1, 3] }),
    }).login()
    expect(world.initiator.of('open')[0]?.peer.version).toBe(3)
    expect(world.responder.of('open')[0]?.peer.version).toBe(3)
  })

  it('accepts any of the bindings by which the responder knows itself', () => {
    const certificate = new Uint8Array(32).fill(9)
    const pinned = wsBinding(nobleSuite, 'wss://one.example', certificate)
    const world = new LinkWorld({
      binding: pinned,
      bindings: [wsBinding(nobleSuite, 'wss://one.example'), pinned],
    }).login()
    expect(world.initiator.isOpen && world.responder.isOpen).toBe(true)
  })

  it('fits the sample into one message, best first, with the side’s own address class', () => {
    const record = new Uint8Array(1024)
    const welcome = (): Welcome => ({
      keepaliveMs: 5_000,
      timeMs: 1,
      limits: { maxMessageBytes: 16_384 },
      addressClass: 'unknown',
      record,
      sample: Array.from({ length: 40 }, (_, i) => record.slice().fill(i)),
    })
    const responder = testConfig('bob', { welcome })
    const small = new LinkWorld({ responder, maxMessageBytes: 16_384 }).login()
    expect(small.initiator.of('open')[0]?.welcome?.addressClass).toBe('public')
    expect(small.initiator.of('open')[0]?.welcome?.sample.map(bytes => bytes[0])).toEqual(
      Array.from({ length: 14 }, (_, i) => i),
    )
    expect(small.frames('responder')[1]?.length).toBeLessThanOrEqual(16_384)
    const large = new LinkWorld({ responder }).login()
    expect(large.initiator.of('open')[0]?.welcome?.sample).toHaveLength(WELCOME_MAX_SAMPLE)
  })
})

describe('a refused login', () => {
  const cases: {
    name: string
    world: () => LinkWorld
    refuser: 'initiator' | 'responder'
    reason: CloseReason
  }[] = [
    {
      name: 'another network',
      world: () => new LinkWorld({ initiator: testConfig('alice', { net: otherNet }) }),
      refuser: 'responder',
      reason: 'wrongNetwork',
    },
    {
      name: 'no common version',
      world: () => new LinkWorld({ initiator: testConfig('alice', { versions: [2, 3] }) }),
      refuser: 'responder',
      reason: 'incompatible',
    },
    {
      name: 'another key than the dialed one',
      world: () => new LinkWorld({ expect: testIdentity(3).publicKey }),
      refuser: 'responder',
      reason: 'wrongKey',
    },
    {
      name: 'its own key',
      world: () => new LinkWorld({ responder: testConfig('bob', { identity: alice }) }),
      refuser: 'responder',
      reason: 'selfDial',
    },
    {
      name: 'an address by which the responder does not know itself',
      world: () => new LinkWorld({ binding: wsBinding(nobleSuite, 'wss://other.example') }),
      refuser: 'responder',
      reason: 'unauthenticated',
    },
    {
      name: 'a peer that the responder does not admit',
      world: () => new LinkWorld({ responder: testConfig('bob', { admit: () => 'refused' }) }),
      refuser: 'responder',
      reason: 'refused',
    },
    {
      name: 'a peer that the initiator does not admit',
      world: () => new LinkWorld({ initiator: testConfig('alice', { admit: () => 'quota' }) }),
      refuser: 'initiator',
      reason: 'quota',
    },
  ]

  it.each(cases)('$name: $reason on both sides', ({ world: makeWorld, refuser, reason }) => {
    const world = makeWorld().login()
    const other = refuser === 'initiator' ? 'responder' : 'initiator'
    expect(world[refuser].closed).toMatchObject({ reason, side: 'local' })
    expect(world[other].closed).toMatchObject({ reason, side: 'remote' })
    expect(world[other].closed?.hint).toBe(world[refuser].closed?.hint)
    expect(world[refuser].closed?.hint).toMatch(/\w/)
    expect(world.initiator.of('open')).toEqual([])
    expect(world.responder.of('open')).toEqual([])
  })

  it('asks for admission with the proven peer only', () => {
    const asked: string[] = []
    const admit = (peer: { keyId: string }) => {
      asked.push(peer.keyId)
      return undefined
    }
    const world = new LinkWorld({ responder: testConfig('bob', { admit }) })
    world.responder.feed({ kind: 'opened' })
    world.initiator.feed({ kind: 'opened' })
    world.responder.message(world.initiator.outgoing.shift() ?? new Uint8Array())
    expect(asked).toEqual([])
    world.settle()
    expect(asked).toEqual([alice.keyId])
  })

  it('hands on when to come back, up to the maximum', () => {
    const world = new LinkWorld()
    world.initiator.feed({ kind: 'opened' })
    world.responder.message(world.initiator.outgoing.shift() ?? new Uint8Array())
    world.responder.outgoing.length = 0
    world.responder.feed({ kind: 'close', reason: 'busy', retryAfterMs: 1234.5 })
    world.settle()
    expect(world.initiator.closed).toEqual({
      kind: 'closed',
      reason: 'busy',
      side: 'remote',
      retryAfterMs: 1235,
    })
    const late = new LinkWorld()
    late.initiator.feed({ kind: 'opened' })
    late.initiator.message(encodeGoodbye({ code: 10, retryAfterMs: RETRY_AFTER_MAX_MS + 1 }))
    expect(late.initiator.closed?.retryAfterMs).toBe(RETRY_AFTER_MAX_MS)
  })

  it('shows no control or bidi characters of the other side’s sentence', () => {
    const world = new LinkWorld()
    world.initiator.feed({ kind: 'opened' })
    world.initiator.message(encodeGoodbye({ code: 12, reason: 'a\u001b[31m\u202eb\nc\u2028d' }))
    expect(world.initiator.closed?.hint).toBe('a[31mbcd')
  })
})

describe('the deadline', () => {
  it('covers the transport and the login together', () => {
    const world = new LinkWorld()
    expect(world.initiator.link.nextTimeout()).toBe(1_000 + LINK_AUTH_TIMEOUT_MS)
    world.run(LINK_AUTH_TIMEOUT_MS - 100)
    world.initiator.feed({ kind: 'timeout' })
    expect(world.initiator.closed).toBeUndefined()
    world.run(100)
    expect(world.initiator.closed).toMatchObject({ reason: 'unreachable', side: 'local' })
    expect(world.initiator.outgoing).toEqual([])
    expect(world.responder.closed).toMatchObject({ reason: 'timeout', side: 'local' })
  })

  it('ends a login that stops in the middle', () => {
    const world = new LinkWorld()
    world.responder.feed({ kind: 'opened' })
    world.initiator.feed({ kind: 'opened' })
    world.isCut = true
    world.run(LINK_AUTH_TIMEOUT_MS)
    expect(world.initiator.closed).toMatchObject({ reason: 'timeout', side: 'local' })
    expect(world.responder.closed).toMatchObject({ reason: 'timeout', side: 'local' })
  })

  it('leaves nothing to wait for after the end', () => {
    const world = new LinkWorld({ initiator: testConfig('alice', { net: otherNet }) }).login()
    expect(world.initiator.link.nextTimeout()).toBeUndefined()
    expect(world.responder.link.nextTimeout()).toBeUndefined()
    world.initiator.feed({ kind: 'message', bytes: NET })
    world.initiator.feed({ kind: 'close', reason: 'normal' })
    world.initiator.feed({ kind: 'lost', reason: 'unreachable' })
    expect(world.initiator.of('closed')).toHaveLength(1)
  })
})
