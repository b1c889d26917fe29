// What a hostile neighbour may try on a login (docs/THREATS.md 7, 8): relaying it, changing it, replaying
// or reflecting it, naming keys that are none. In every case nothing opens.

import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../crypto/noble-suite.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { Hello } from '../wire/link-messages.ts'
import { decodeHello, encodeHello } from '../wire/link-messages.ts'
import { rtcBinding, wsBinding } from './binding.ts'
import { responderSteps } from './responder-handshake.ts'
import {
  BINDING,
  LinkWorld,
  TestClock,
  TestLink,
  testConfig,
  testIdentity,
} from './testing/link-world.ts'

const REPLAYS = 1_000
const bobSide = {
  role: 'responder',
  steps: responderSteps,
  bindings: [BINDING],
  addressClass: 'public',
} as const

/** A responder that awaits a HELLO, as a server makes one for each incoming channel. */
function freshResponder(): TestLink {
  const responder = new TestLink(new TestClock(), testConfig('bob'), bobSide)
  responder.feed({ kind: 'opened' })
  return responder
}

function next(link: TestLink): Uint8Array {
  const bytes = link.outgoing.shift()
  if (bytes === undefined) throw new Error('nothing to transmit')
  return bytes
}

/** Runs a login in which `tamper` sees and may replace each frame. */
function loginThrough(
  world: LinkWorld,
  tamper: (frame: Uint8Array, from: 'initiator' | 'responder') => Uint8Array,
): LinkWorld {
  world.responder.feed({ kind: 'opened' })
  world.initiator.feed({ kind: 'opened' })
  while (world.initiator.outgoing.length + world.responder.outgoing.length > 0) {
    const isInitiator = world.initiator.outgoing.length > 0
    const [sender, receiver] = isInitiator
      ? [world.initiator, world.responder]
      : [world.responder, world.initiator]
    receiver.message(tamper(next(sender).slice(), isInitiator ? 'initiator' : 'responder'))
  }
  return world
}

function expectNothingOpen(world: LinkWorld): void {
  expect(world.initiator.of('open')).toEqual([])
  expect(world.responder.of('open')).toEqual([])
  expect(world.initiator.closed).toBeDefined()
  expect(world.responder.closed).toBeDefined()
}

describe('an honest login that another server relays', () => {
  const evil = wsBinding(nobleSuite, 'wss://evil.example')

  it('is refused by the good server when relayed as it is', () => {
    const world = loginThrough(new LinkWorld({ binding: evil }), frame => frame)
    expectNothingOpen(world)
    expect(world.responder.closed?.reason).toBe('unauthenticated')
  })

  it('is refused by the initiator when the relay puts in the good server’s binding', () => {
    const world = loginThrough(new LinkWorld({ binding: evil }), frame =>
      frame[0] === FRAME.hello ? encodeHello({ ...decodeHello(frame), binding: BINDING }) : frame,
    )
    expectNothingOpen(world)
    expect(world.initiator.closed).toMatchObject({ reason: 'unauthenticated', side: 'local' })
  })

  it('is refused on both sides of a WebRTC link whose fingerprints were swapped', () => {
    const [ours, theirs, swapped] = [1, 2, 3].map(fill => new Uint8Array(32).fill(fill)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const asDialed = rtcBinding(nobleSuite, ours, swapped)
    const asAnswered = rtcBinding(nobleSuite, swapped, theirs)
    const relayed = loginThrough(
      new LinkWorld({ binding: asDialed, bindings: [asAnswered] }),
      frame => frame,
    )
    expectNothingOpen(relayed)
    const rewritten = loginThrough(
      new LinkWorld({ binding: asDialed, bindings: [asAnswered] }),
      frame =>
        frame[0] === FRAME.hello
          ? encodeHello({ ...decodeHello(frame), binding: asAnswered })
          : frame,
    )
    expectNothingOpen(rewritten)
  })
})

describe('a login changed on its way', () => {
  const changes: [string, (hello: Hello) => Hello][] = [
    ['fewer versions (downgrade)', hello => ({ ...hello, versions: [1] })],
    ['another node type', hello => ({ ...hello, type: 'server' })],
    ['another nonce', hello => ({ ...hello, nonce: new Uint8Array(32) })],
    ['another initiator', hello => ({ ...hello, key: testIdentity(3).publicKey })],
  ]
  it.each(changes)('is refused by the initiator: %s', (_, change) => {
    const both = { versions: [1, 2] }
    const world = loginThrough(
      new LinkWorld({
        initiator: testConfig('alice', both),
        responder: testConfig('bob', both),
      }),
      frame => (frame[0] === FRAME.hello ? encodeHello(change(decodeHello(frame))) : frame),
    )
    expectNothingOpen(world)
    expect(world.initiator.closed).toMatchObject({ reason: 'unauthenticated', side: 'local' })
  })

  it('never opens for any single changed byte of HELLO, CHALLENGE or PROOF', {
    timeout: 60_000,
  }, () => {
    const lengths = new LinkWorld()
      .login()
      .crossed.slice(0, 3)
      .map(frame => frame.bytes.length)
    for (const [index, length] of lengths.entries()) {
      for (let offset = 0; offset < length; offset++) {
        let seen = 0
        const world = loginThrough(new LinkWorld(), frame => {
          if (seen++ === index) frame[offset] = (frame[offset] as number) ^ (1 << (offset % 8))
          return frame
        })
        expect(world.responder.of('open')).toEqual([])
        expect(world.initiator.of('open')).toEqual([])
      }
    }
  })
})

describe('replay and reflection', () => {
  const recorded = new LinkWorld().login()
  const [hello, proof] = recorded.frames('initiator') as [Uint8Array, Uint8Array]
  const [challenge, welcome] = recorded.frames('responder') as [Uint8Array, Uint8Array]

  it(`opens nothing for ${REPLAYS} replays of HELLO and PROOF`, { timeout: 60_000 }, () => {
    const challenges = new Set<string>()
    for (let i = 0; i < REPLAYS; i++) {
      const config = testConfig('bob', {
        random: () => new Uint8Array(32).fill(i).fill(i >> 8, 16),
      })
      const responder = new TestLink(new TestClock(), config, bobSide)
      responder.message(hello.slice())
      challenges.add(next(responder).join())
      responder.message(proof.slice())
      expect(responder.of('open')).toEqual([])
      expect(responder.closed?.reason).toBe('unauthenticated')
      expect(responder.link.nextTimeout()).toBeUndefined()
    }
    expect(challenges.size).toBe(REPLAYS)
  })

  it('opens nothing for a replayed CHALLENGE and WELCOME', () => {
    for (const frames of [[challenge], [challenge, welcome], [welcome]]) {
      const initiator = new TestLink(
        new TestClock(),
        testConfig('alice', { random: length => new Uint8Array(length) }),
        {
          role: 'initiator',
          binding: BINDING,
        },
      )
      initiator.feed({ kind: 'opened' })
      for (const frame of frames) initiator.message(frame.slice())
      expect(initiator.of('open')).toEqual([])
      expect(initiator.closed).toBeDefined()
    }
  })

  it.each([
    ['HELLO', hello],
    ['CHALLENGE', challenge],
    ['PROOF', proof],
    ['WELCOME', welcome],
  ])('closes an open link to which %s is replayed, and leaves others alone', (_, frame) => {
    const world = new LinkWorld().login()
    const other = new LinkWorld().login()
    world.responder.message(frame.slice())
    world.initiator.message(frame.slice())
    expect(world.responder.closed?.reason).toBe('protocol')
    expect(world.initiator.closed?.reason).toBe('protocol')
    other.initiator.feed({ kind: 'send', bytes: Uint8Array.of(FRAME.push, 1) })
    expect(other.settle().responder.of('frame')).toHaveLength(1)
  })

  it('refuses our own login reflected to us, whatever the role', () => {
    const toResponder = freshResponder()
    const initiator = new TestLink(new TestClock(), testConfig('bob'), {
      role: 'initiator',
      binding: BINDING,
    })
    initiator.feed({ kind: 'opened' })
    toResponder.message(next(initiator))
    expect(toResponder.closed?.reason).toBe('selfDial')

    const world = new LinkWorld()
    world.initiator.feed({ kind: 'opened' })
    world.initiator.message(next(world.initiator))
    expect(world.initiator.closed?.reason).toBe('protocol')
  })

  it('does not take the responder’s signature for the initiator’s', () => {
    const responder = freshResponder()
    responder.message(hello.slice())
    const answer = next(responder)
    const signature = answer.slice(answer.length - 64)
    const reflected = proof.slice()
    reflected.set(signature, reflected.length - 64)
    responder.message(reflected)
    expect(responder.closed?.reason).toBe('unauthenticated')
  })
})

describe('keys that are no keys', () => {
  // The neutral element as key, with a signature that plain cofactored verification accepts for anything.
  const neutral = Uint8Array.of(1, ...new Uint8Array(31))
  const forged: CryptoSuite = {
    ...nobleSuite,
    sign: () => Uint8Array.of(...neutral, ...new Uint8Array(32)),
  }

  it.each(['alice', 'bob'] as const)('are refused when %s has one', who => {
    const identity = { ...testIdentity(1), publicKey: neutral }
    const config = testConfig(who, { identity, suite: forged })
    const world = new LinkWorld(who === 'alice' ? { initiator: config } : { responder: config })
    expectNothingOpen(world.login())
    const judge = who === 'alice' ? world.responder : world.initiator
    expect(judge.closed).toMatchObject({ reason: 'unauthenticated', side: 'local' })
  })
})
