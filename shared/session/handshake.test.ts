// The session handshake: who may open a session, what a replay, a reflection or a relay in the middle gets
// (docs/THREATS.md 6, 8, R23).

import { describe, expect, it } from 'vitest'
import { concat } from '../bytes/concat.ts'
import { mapKey } from '../bytes/map-key.ts'
import { utf8Encode } from '../bytes/utf8.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { HandshakeState } from '../crypto/noise/handshake-state.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import { createIdentity } from '../identity/identity.ts'
import { CLOCK_SLACK_MS } from '../wire/limits.ts'
import { HANDSHAKE_MESSAGE_1_BYTES, HANDSHAKE_MESSAGE_2_BYTES } from '../wire/session-setup.ts'
import { acceptCaller } from './accept-caller.ts'
import type { HandshakeContext, HandshakeOutcome } from './handshake.ts'
import { HandshakeInitiator, keepsInitiatorRole } from './handshake.ts'
import { encodeCaller } from './handshake-payload.ts'
import { InitiatorTimestamps } from './initiator-timestamps.ts'
import { seeded } from './testing/seeded.ts'

/** Public-key results by their input, so that a thousand replays of one message cost one handshake. */
const suite = ((): CryptoSuite => {
  const known = new Map<string, Uint8Array | undefined>()
  const once = (name: string, compute: () => Uint8Array | undefined): Uint8Array | undefined => {
    if (!known.has(name)) known.set(name, compute())
    return known.get(name)?.slice()
  }
  return {
    ...nobleSuite,
    dhPublic: key => once(mapKey(key), () => nobleSuite.dhPublic(key)) as Uint8Array,
    dh: (key, remote) => once(mapKey(concat(key, remote)), () => nobleSuite.dh(key, remote)),
  }
})()

const UNIX_MS = 1_800_000_000_000
const TIME = { now: 0, unixMs: UNIX_MS }
const random = seeded(3)
const [ALICE, BOB, CAROL] = [1, 2, 3].map(fill =>
  createIdentity(nobleSuite, new Uint8Array(32).fill(fill)),
) as [Identity, Identity, Identity]

function contextOf(identity: Identity): HandshakeContext {
  return { suite, random: random.bytes, identity }
}

function dial(from: Identity, to: Identity, unixMs = UNIX_MS): HandshakeInitiator {
  return new HandshakeInitiator(contextOf(from), to.publicKey, unixMs)
}

function accept(
  as: Identity,
  message: Uint8Array,
  timestamps = new InitiatorTimestamps(),
): HandshakeOutcome {
  return acceptCaller(contextOf(as), TIME, message, timestamps, () => undefined)
}

/** Message 1 with a payload of the test's choice, under ALICE's static key. */
function forge(payload: Uint8Array, prologue = 'keymesh-e2e:1'): Uint8Array {
  const noise = new HandshakeState({
    suite: nobleSuite,
    random: random.bytes,
    pattern: 'IK',
    initiator: true,
    prologue: concat(utf8Encode(prologue), BOB.publicKey),
    staticPrivate: ALICE.dhPrivate,
    remoteStatic: BOB.dhPublic,
  })
  return noise.writeMessage(payload)
}

function payload(change: Partial<Parameters<typeof encodeCaller>[0]> = {}): Uint8Array {
  const tag = new Uint8Array(16).fill(4)
  return encodeCaller({
    publicKey: ALICE.publicKey,
    unixMs: UNIX_MS,
    tag,
    versionBits: 1,
    ...change,
  })
}

describe('the handshake', () => {
  it('gives both sides the same tag, hash and keys, crosswise', () => {
    const initiator = dial(ALICE, BOB)
    expect(initiator.message).toHaveLength(HANDSHAKE_MESSAGE_1_BYTES)
    const outcome = accept(BOB, initiator.message)
    if (outcome.kind !== 'accepted') throw new Error(outcome.reason)
    expect(outcome.message).toHaveLength(HANDSHAKE_MESSAGE_2_BYTES)
    const secrets = initiator.finish(outcome.message)
    expect(secrets).toEqual({
      ...outcome.secrets,
      role: 'initiator',
      remotePublicKey: BOB.publicKey,
      sendKey: outcome.secrets.receiveKey,
      receiveKey: outcome.secrets.sendKey,
    })
    expect(outcome.secrets).toMatchObject({ role: 'responder', remotePublicKey: ALICE.publicKey })
    expect(outcome.secrets.sendKey).not.toEqual(outcome.secrets.receiveKey)
  })

  it('refuses every flipped byte of message 1 and 2; the true ones still fit', () => {
    const initiator = dial(ALICE, BOB)
    const timestamps = new InitiatorTimestamps()
    for (let at = 0; at < initiator.message.length; at++) {
      const outcome = accept(BOB, flipped(initiator.message, at), timestamps)
      expect(outcome).toEqual({ kind: 'refused', reason: 'malformed' })
    }
    expect(timestamps.size).toBe(0)
    const outcome = accept(BOB, initiator.message, timestamps)
    if (outcome.kind !== 'accepted') throw new Error(outcome.reason)
    for (let at = 0; at < outcome.message.length; at++) {
      expect(initiator.finish(flipped(outcome.message, at))).toBeUndefined()
    }
    expect(initiator.finish(outcome.message)).toBeDefined()
  })

  it('refuses every other length', () => {
    const { message } = dial(ALICE, BOB)
    for (const length of [0, 1, 155]) {
      expect(accept(BOB, message.subarray(0, length)).kind).toBe('refused')
    }
    expect(accept(BOB, concat(message, new Uint8Array(1))).kind).toBe('refused')
  })

  it('refuses a recorded message 1,000 times, state unchanged', () => {
    const timestamps = new InitiatorTimestamps()
    const { message } = dial(ALICE, BOB)
    expect(accept(BOB, message, timestamps).kind).toBe('accepted')
    for (let i = 0; i < 1_000; i++) {
      expect(accept(BOB, message, timestamps)).toEqual({ kind: 'refused', reason: 'clock' })
    }
    expect(timestamps.size).toBe(1)
    expect(accept(BOB, dial(ALICE, BOB, UNIX_MS + 1).message, timestamps).kind).toBe('accepted')
    expect(accept(BOB, dial(ALICE, BOB, UNIX_MS).message, timestamps).kind).toBe('refused')
  })

  it.each([
    [-CLOCK_SLACK_MS - 1, 'refused'],
    [-CLOCK_SLACK_MS, 'accepted'],
    [CLOCK_SLACK_MS, 'accepted'],
    [CLOCK_SLACK_MS + 1, 'refused'],
  ])('a clock off by %i ms is %s', (offMs, kind) => {
    expect(accept(BOB, dial(ALICE, BOB, UNIX_MS + offMs).message).kind).toBe(kind)
  })

  it('is of no use to another responder, nor to its own sender', () => {
    const { message } = dial(ALICE, BOB)
    expect(accept(CAROL, message).kind).toBe('refused')
    expect(accept(ALICE, message).kind).toBe('refused')
    expect(accept(ALICE, dial(ALICE, ALICE).message)).toEqual({
      kind: 'refused',
      reason: 'refused',
    })
  })

  it('refuses a caller who names a key that is not theirs', () => {
    expect(accept(BOB, forge(payload())).kind).toBe('accepted')
    expect(accept(BOB, forge(payload({ publicKey: CAROL.publicKey }))).kind).toBe('refused')
    // The other Ed25519 key with the same X25519 key: the sign bit of x is not in u.
    const twin = flipped(ALICE.publicKey, 31, 0x80)
    // Who holds one holds both, so the caller says which it means, and is that one to us.
    const outcome = accept(BOB, forge(payload({ publicKey: twin })))
    expect(outcome).toMatchObject({ kind: 'accepted', secrets: { remotePublicKey: twin } })
    expect(accept(BOB, forge(payload({ publicKey: new Uint8Array(32) }))).kind).toBe('refused')
  })

  it('refuses another prologue, another payload, and versions without one in common', () => {
    expect(accept(BOB, forge(payload(), 'keymesh-e2e:2')).kind).toBe('refused')
    expect(accept(BOB, forge(payload().subarray(1))).kind).toBe('refused')
    const reason = 'incompatible'
    expect(accept(BOB, forge(payload({ versionBits: 0b10 })))).toEqual({ kind: 'refused', reason })
    expect(accept(BOB, forge(payload({ versionBits: 0b11 }))).kind).toBe('accepted')
  })

  it('lets the owner refuse, and then remembers nothing', () => {
    const timestamps = new InitiatorTimestamps()
    const refuse = () => 'busy' as const
    const { message } = dial(ALICE, BOB)
    const outcome = acceptCaller(contextOf(BOB), TIME, message, timestamps, refuse)
    expect(outcome).toEqual({ kind: 'refused', reason: 'busy' })
    expect(timestamps.size).toBe(0)
    expect(accept(BOB, message, timestamps).kind).toBe('accepted')
  })

  it('binds a rekey to the epoch that it replaces', () => {
    const first = new Uint8Array(32).fill(1)
    const rekey = new HandshakeInitiator(contextOf(ALICE), BOB.publicKey, UNIX_MS, first)
    expect(accept(BOB, rekey.message).kind).toBe('refused')
  })

  it('lets exactly one of two simultaneous dials go on', () => {
    for (const [a, b] of [
      [ALICE, BOB],
      [BOB, CAROL],
      [CAROL, ALICE],
    ] as const) {
      expect(keepsInitiatorRole(a.publicKey, b.publicKey)).not.toBe(
        keepsInitiatorRole(b.publicKey, a.publicKey),
      )
    }
  })

  it('throws for a key that is none: the caller parses keys first', () => {
    const context = contextOf(ALICE)
    expect(() => new HandshakeInitiator(context, new Uint8Array(32), UNIX_MS)).toThrow(RangeError)
  })
})

function flipped(bytes: Uint8Array, at: number, mask = 1): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ mask
  return copy
}
