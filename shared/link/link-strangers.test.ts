// What an unauthenticated peer can make a responder compute and send (docs/THREATS.md 9, 30): comparisons
// before signatures, and never more than three bytes for one.

import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../crypto/noble-suite.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import { FRAME } from '../wire/frame-type.ts'
import { HANDSHAKE_MAX_BYTES, UNAUTHENTICATED_REPLY_FACTOR } from '../wire/limits.ts'
import { decodeHello, encodeHello, encodePing } from '../wire/link-messages.ts'
import { responderSteps } from './responder-handshake.ts'
import {
  BINDING,
  LinkWorld,
  TestClock,
  TestLink,
  testConfig,
  testIdentity,
} from './testing/link-world.ts'

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

describe('the price of a stranger', () => {
  function counting(): { suite: CryptoSuite; counts: { signed: number; verified: number } } {
    const counts = { signed: 0, verified: 0 }
    const suite: CryptoSuite = {
      ...nobleSuite,
      sign(seed, message) {
        counts.signed++
        return nobleSuite.sign(seed, message)
      },
      verify(publicKey, message, signature) {
        counts.verified++
        return nobleSuite.verify(publicKey, message, signature)
      },
    }
    return { suite, counts }
  }
  const good = decodeHello(new LinkWorld().login().frames('initiator')[0] as Uint8Array)

  it.each<[string, Uint8Array]>([
    ['an empty message', new Uint8Array()],
    ['a message that is too long', new Uint8Array(HANDSHAKE_MAX_BYTES + 1).fill(FRAME.hello)],
    ['a frame of another phase', encodePing(1)],
    ['a malformed HELLO', encodeHello(good).subarray(0, 100)],
    ['another network', encodeHello({ ...good, net: new Uint8Array(16) })],
    ['another version', encodeHello({ ...good, versions: [7] })],
    ['our own key', encodeHello({ ...good, key: testIdentity(2).publicKey })],
    ['another expected key', encodeHello({ ...good, expect: testIdentity(3).publicKey })],
    ['another address', encodeHello({ ...good, binding: new Uint8Array(32) })],
  ])('is no public-key operation for %s', (_, message) => {
    const { suite, counts } = counting()
    const responder = new TestLink(new TestClock(), testConfig('bob', { suite }), bobSide)
    responder.message(message)
    expect(responder.closed).toBeDefined()
    expect(counts).toEqual({ signed: 0, verified: 0 })
  })

  it('is one signature for a HELLO and one verification for a PROOF', () => {
    const { suite, counts } = counting()
    const responder = new TestLink(new TestClock(), testConfig('bob', { suite }), bobSide)
    responder.message(encodeHello(good))
    expect(counts).toEqual({ signed: 1, verified: 0 })
    responder.message(Uint8Array.of(FRAME.proof, 0xa0))
    expect(counts).toEqual({ signed: 1, verified: 0 })
  })

  it('is never an answer of more than three times the question', () => {
    const hellos = [
      good,
      { ...good, versions: [7] },
      { ...good, net: new Uint8Array(16) },
      { ...good, binding: new Uint8Array(32) },
      { ...good, expect: new Uint8Array(32) },
    ].map(encodeHello)
    const questions = [...hellos, ...lengths(0, 40).map(length => new Uint8Array(length).fill(1))]
    for (const question of questions) {
      for (const second of [undefined, new Uint8Array(1), Uint8Array.of(FRAME.proof), hellos[0]]) {
        const responder = freshResponder()
        responder.message(question)
        if (second !== undefined) responder.message(second)
        responder.feed({ kind: 'close', reason: 'busy', retryAfterMs: 60_000 })
        const asked = question.length + (second?.length ?? 0)
        const answered = responder.outgoing.reduce((sum, bytes) => sum + bytes.length, 0)
        expect(answered).toBeLessThanOrEqual(UNAUTHENTICATED_REPLY_FACTOR * asked)
      }
    }
  })

  it('is silence before it said anything, and a bare code when it said little', () => {
    const silent = freshResponder()
    silent.feed({ kind: 'close', reason: 'busy', retryAfterMs: 1 })
    expect(silent.outgoing).toEqual([])
    expect(silent.closed?.reason).toBe('busy')
    const terse = freshResponder()
    terse.message(Uint8Array.of(1, 2, 3))
    expect(terse.outgoing.map(bytes => bytes.length)).toEqual([8])
  })
})

function lengths(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
