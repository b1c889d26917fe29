// A session against forged, replayed and malformed packets, and against a peer that has the keys and means
// harm (docs/THREATS.md 6, 8, 13).

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { createIdentity } from '../identity/identity.ts'
import {
  MESSAGE_MAX_BYTES,
  MESSAGE_MAX_PIECES,
  MESSAGE_OVERHEAD_BYTES,
  MESSAGE_WINDOW_BYTES,
  MESSAGES_IN_FLIGHT,
  SIGNAL_MAX_BYTES,
  SIGNAL_MAX_GAPS,
  SIGNAL_WINDOW_BYTES,
} from '../wire/limits.ts'
import {
  writeAck,
  writeCredit,
  writeDelivered,
  writeMessage,
  writePing,
  writeRekey,
  writeSignal,
  writeSkip,
} from '../wire/session-frame-writers.ts'
import type { SessionEffect } from './effects.ts'
import { EPOCH_LIMITS } from './epoch.ts'
import { Epochs } from './epochs.ts'
import type { SessionSecrets } from './handshake.ts'
import type { PathId } from './path.ts'
import { SeenIds } from './seen-ids.ts'
import { Session } from './session.ts'
import type { Side } from './testing/pair.ts'
import { Pair } from './testing/pair.ts'
import { handshakeSecrets } from './testing/secrets.ts'
import { seeded } from './testing/seeded.ts'

const TIME = { now: 0, unixMs: 1_800_000_000_000 }
const PATH = 1 as PathId
const ID = new Uint8Array(16).fill(7)

const RANDOM = seeded(5)
const PEER = createIdentity(nobleSuite, new Uint8Array(32).fill(1))
const OWN = createIdentity(nobleSuite, new Uint8Array(32).fill(2))
const SECRETS = handshakeSecrets(nobleSuite, RANDOM, PEER, OWN)

/** A session wipes its keys, and the handshake is dear: each target gets a copy of one. */
function copyOf(secrets: SessionSecrets): SessionSecrets {
  const { sendKey, receiveKey } = secrets
  return { ...secrets, sendKey: sendKey.slice(), receiveKey: receiveKey.slice() }
}

/** A session, and a peer with the right keys that says whatever the test wants. */
class Target {
  readonly session: Session
  readonly #peer: Epochs
  readonly effects: SessionEffect[] = []

  constructor() {
    this.#peer = new Epochs(nobleSuite, copyOf(SECRETS.caller), EPOCH_LIMITS, 0)
    const config = { suite: nobleSuite, random: RANDOM.bytes, identity: OWN, seen: new SeenIds() }
    this.session = new Session(config, copyOf(SECRETS.callee), TIME)
    this.session.handle(TIME, { kind: 'pathUp', path: PATH, smallBytes: 932, largeBytes: 0 })
  }

  says(...frames: ((out: Uint8Array, at: number) => number)[]): SessionEffect[] {
    const out = new Uint8Array(70_000)
    let at = 0
    for (const frame of frames) at = frame(out, at)
    return this.saysBytes(out.subarray(0, at))
  }

  saysBytes(plaintext: Uint8Array): SessionEffect[] {
    const bytes = this.#peer.seal(plaintext)
    this.session.handle(TIME, { kind: 'packet', path: PATH, bytes })
    for (let effect = this.session.poll(); effect; effect = this.session.poll()) {
      this.effects.push(effect)
    }
    return this.effects
  }

  get closeReason(): string | undefined {
    const effect = this.effects.at(-1)
    return effect?.kind === 'closed' && effect.code === 'PROTOCOL' ? effect.reason : undefined
  }
}

type FrameWriter = (out: Uint8Array, at: number) => number

function message(seq: number, total: number, from: number, length: number, fill = 0): FrameWriter {
  const data = new Uint8Array(total).fill(fill)
  return (out, at) => writeMessage(out, at, seq, ID, data, from, length)
}

function bytes(...values: number[]): FrameWriter {
  return (out, at) => {
    out.set(values, at)
    return at + values.length
  }
}

function signal(offset: number, ...values: number[]): FrameWriter {
  return (out, at) => writeSignal(out, at, offset, Uint8Array.from(values))
}

describe('a peer with the keys that breaks the rules', () => {
  const cases: [string, FrameWriter[], string][] = [
    ['ack of what was never sent', [(out, at) => writeAck(out, at, [0, 0], 0)], 'never sent'],
    ['delivered of what was never sent', [(out, at) => writeDelivered(out, at, 1)], 'not sent'],
    [
      'credit beyond any window',
      [(out, at) => writeCredit(out, at, MESSAGE_WINDOW_BYTES + 1)],
      'credit',
    ],
    ['a message too far ahead', [message(MESSAGES_IN_FLIGHT, 1, 0, 1)], 'too far ahead'],
    [
      'more than its credit',
      [0, 1].map(seq => message(seq + 1, MESSAGE_MAX_BYTES, 0, 1)),
      'beyond the credit',
    ],
    ['another length', [message(1, 100, 0, 10), message(1, 101, 10, 10)], 'its length'],
    [
      'a skip of another length',
      [message(1, 9, 0, 2), (o, a) => writeSkip(o, a, 1, 8)],
      'its length',
    ],
    [
      'another id',
      [
        message(1, 9, 0, 2),
        (out, at) => writeMessage(out, at, 1, new Uint8Array(16), new Uint8Array(9), 0, 2),
      ],
      'its id',
    ],
    [
      'other bytes for the same place',
      [message(1, 100, 0, 50), message(1, 100, 40, 20, 1)],
      'contradict',
    ],
    ['a signal beyond the window', [signal(SIGNAL_WINDOW_BYTES, 1)], 'too far ahead'],
    [
      'a signal over the limit',
      [signal(0, (SIGNAL_MAX_BYTES + 1) >> 8, (SIGNAL_MAX_BYTES + 1) & 0xff)],
      'impossible length',
    ],
    ['an empty signal', [signal(0, 0, 0)], 'impossible length'],
    [
      'too many pieces of signals',
      Array.from({ length: SIGNAL_MAX_GAPS + 1 }, (_, i) => signal(2 * i + 1, 1)),
      'too many pieces',
    ],
    ['other bytes for the same place of signals', [signal(5, 1, 2), signal(6, 3)], 'contradict'],
    ['an empty piece of signals', [bytes(0x08, 0, 0)], 'empty piece'],
    ['an unknown frame', [bytes(0x09)], 'unknown session frame'],
    ['a reserved frame', [bytes(0x20)], 'unknown session frame'],
    [
      'a message over the limit',
      [(o, a) => writeSkip(o, a, 0, MESSAGE_MAX_BYTES + 1)],
      'too large',
    ],
    ['a fragment past its end', [bytes(0x11, 1, 10, 9, 2, 0, 0)], 'past its message'],
    ['an empty fragment', [bytes(0x11, 1, 10, 5, 0)], 'empty fragment'],
    ['a start without an id', [bytes(0x11, 1, 10, 0, 1, 0)], 'starts with its id'],
    ['an ack below zero', [bytes(0x02, 0, 0, 0, 1)], 'below zero'],
    ['an ack of too many ranges', [bytes(0x02, 0, 0, 32, 0)], 'too many ranges'],
    ['a length that is not there', [bytes(0x04, 1, 63)], 'too early'],
    ['a varint in a longer form', [bytes(0x05, 0x40, 0x01)], 'shortest form'],
    ['a third rekey step', [bytes(0x04, 3, 0)], 'rekey step'],
    ['too long a close reason', [bytes(0x03, 0, 0x40, 201)], 'too long'],
  ]

  it.each(cases)('%s: closed with PROTOCOL', (_, frames, reason) => {
    const target = new Target()
    target.says(...frames)
    expect(target.closeReason).toContain(reason)
    expect(target.session.nextTimeout()).toBeUndefined()
  })

  it('pieces at every second byte', () => {
    const target = new Target()
    const total = 4 * MESSAGE_MAX_PIECES
    for (let i = 0; i < MESSAGE_MAX_PIECES; i += 1) target.says(message(1, total, 2 * i + 1, 1))
    expect(target.closeReason).toBeUndefined()
    target.says(message(1, total, 2 * MESSAGE_MAX_PIECES + 1, 1))
    expect(target.closeReason).toContain('too many pieces')
  })

  it('takes signals up to the limits', () => {
    const target = new Target()
    const whole = [
      SIGNAL_MAX_BYTES >> 8,
      SIGNAL_MAX_BYTES & 0xff,
      ...new Uint8Array(SIGNAL_MAX_BYTES),
    ]
    for (let i = 1; i < SIGNAL_MAX_GAPS; i++) target.says(signal(10_000 + 2 * i, 0))
    target.says(signal(SIGNAL_WINDOW_BYTES - 1, 0))
    target.says(signal(0, ...whole), signal(whole.length, 0, 1, 7))
    expect(target.closeReason).toBeUndefined()
    expect(target.effects.slice(-2)).toEqual([
      { kind: 'signal', bytes: new Uint8Array(SIGNAL_MAX_BYTES) },
      { kind: 'signal', bytes: Uint8Array.of(7) },
    ])
  })

  it('takes everything up to the limits', () => {
    const target = new Target()
    target.says(message(MESSAGES_IN_FLIGHT - 1, 1, 0, 1))
    target.says((out, at) => writeCredit(out, at, MESSAGE_WINDOW_BYTES))
    const rest = MESSAGE_WINDOW_BYTES - 3 * MESSAGE_OVERHEAD_BYTES - 1 - MESSAGE_MAX_BYTES
    target.says(message(1, MESSAGE_MAX_BYTES, 0, 1))
    target.says(message(2, rest, 0, 1))
    expect(target.closeReason).toBeUndefined()
    target.says((out, at) => writeSkip(out, at, 3, 0))
    expect(target.closeReason).toContain('beyond the credit')
  })

  it('ignores rekey messages that do not fit, and survives them', () => {
    const target = new Target()
    for (const step of [1, 2] as const) {
      target.says((out, at) => writeRekey(out, at, step, new Uint8Array(0)))
      target.says((out, at) => writeRekey(out, at, step, new Uint8Array(156).fill(9)))
    }
    expect(target.effects).toEqual([{ kind: 'ready' }])
  })

  it('asks for the message that a skip leaves out no more', () => {
    const target = new Target()
    target.says(message(1, 3, 0, 3))
    expect(target.effects.some(effect => effect.kind === 'message')).toBe(false)
    target.says((out, at) => writeSkip(out, at, 0, 50))
    expect(target.effects.filter(effect => effect.kind === 'message')).toHaveLength(1)
    target.says(message(0, 50, 0, 50), (out, at) => writeSkip(out, at, 1, 3), writePing)
    expect(target.effects.filter(effect => effect.kind === 'message')).toHaveLength(1)
    expect(target.closeReason).toBeUndefined()
  })

  it('never throws, whatever the plaintext', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), plaintext => {
        const effects = new Target().saysBytes(plaintext)
        expect(effects.length).toBeGreaterThan(0)
      }),
      { seed: 1, numRuns: 2_000 },
    )
  })
})

describe('someone without the keys', () => {
  function recordedPair(): Pair {
    const pair = new Pair({ replacesPaths: false })
    pair.isRecording = true
    pair.openPath()
    for (let i = 0; i < 3; i++) {
      pair.send(pair.alice, pair.random.bytes(300))
      pair.send(pair.bob, pair.random.bytes(2_000))
    }
    pair.run()
    pair.isRecording = false
    return pair
  }

  function stateOf(pair: Pair, side: Side): unknown {
    const { session, messages, effects } = pair.end(side)
    return [session.nextTimeout(), session.queuedBytes, messages.length, effects.length]
  }

  it('replays each recorded packet 1,000 times: nothing changes', () => {
    const pair = recordedPair()
    const before = [stateOf(pair, 'alice'), stateOf(pair, 'bob'), pair.packets]
    expect(pair.recorded.length).toBeGreaterThan(5)
    for (const { to, bytes } of pair.recorded) {
      for (let i = 0; i < 1_000; i++) pair.deliver(to, bytes)
    }
    expect([stateOf(pair, 'alice'), stateOf(pair, 'bob'), pair.packets]).toEqual(before)
  })

  it('reflects each packet to its sender: nothing changes', () => {
    const pair = recordedPair()
    const before = [stateOf(pair, 'alice'), stateOf(pair, 'bob'), pair.packets]
    for (const { to, bytes } of pair.recorded) pair.deliver(to === 'alice' ? 'bob' : 'alice', bytes)
    expect([stateOf(pair, 'alice'), stateOf(pair, 'bob'), pair.packets]).toEqual(before)
  })

  it('flips each bit of a packet, cuts it anywhere: nothing changes, the true one still counts', () => {
    const pair = new Pair({ replacesPaths: false, network: { loss: 1 } })
    pair.isRecording = true
    pair.openPath()
    pair.send(pair.alice, pair.random.bytes(60))
    const before = stateOf(pair, 'bob')
    const { bytes } = pair.recorded.at(-1) as { bytes: Uint8Array }
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      pair.deliver('bob', flipped)
    }
    for (let length = 0; length < bytes.length; length++) {
      pair.deliver('bob', bytes.subarray(0, length))
    }
    expect(stateOf(pair, 'bob')).toEqual(before)
    pair.deliver('bob', bytes)
    expect(pair.bob.messages).toHaveLength(1)
  })
})
