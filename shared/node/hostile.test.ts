// Frames of an authenticated neighbour that breaks the rules: nothing throws, the sender loses its link
// where the protocol says so, and nobody else notices.

import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CborMap } from '../bytes/cbor.ts'
import { encodeControlFrame } from '../wire/control-frame.ts'
import { FRAME } from '../wire/frame-type.ts'
import { RPC_BURST } from '../wire/limits.ts'
import { findBody, quotaBody, recordBody } from '../wire/registry-bodies.ts'
import { decodeResponse, encodePush, encodeRequest, encodeResponse } from '../wire/rpc-messages.ts'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

let world: MiniWorld
let server: MiniNode
let alice: MiniNode
let bob: MiniNode

beforeEach(() => {
  world = new MiniWorld()
  server = world.server('one')
  alice = world.client('alice', [server])
  bob = world.client('bob', [server])
  world.until(() => alice.isOnline && bob.isOnline)
})

const EMPTY: CborMap = new Map()

function links(): number {
  return server.core.load.links
}

/** What the server answers to a frame of alice. */
function answersTo(frame: Uint8Array): Uint8Array[] {
  const seen: Uint8Array[] = []
  world.tap = ({ from, to, bytes }) => {
    if (from === server && to === alice && bytes[0] === FRAME.response) seen.push(bytes)
    return bytes
  }
  world.inject(alice, server, frame)
  world.run(20)
  return seen
}

describe('a server', () => {
  it.each([
    ['garbage for a request', Uint8Array.of(FRAME.request, 0xff, 0x00)],
    ['an empty request', Uint8Array.of(FRAME.request)],
    ['a request without a body', encodeControlFrame(FRAME.request, { id: 1, method: 'find' })],
    ['garbage for a response', Uint8Array.of(FRAME.response, 0xa1)],
    ['garbage for a push', Uint8Array.of(FRAME.push, 0xa1)],
    ['a handshake frame', Uint8Array.of(FRAME.hello, 0xa0)],
    ['an unknown frame type', Uint8Array.of(0x7f, 1, 2, 3)],
    ['a cell that is too short', Uint8Array.of(FRAME.cellForward, 1)],
  ])('cuts who sends %s', (_name, frame) => {
    world.inject(alice, server, frame)
    world.run(20)
    expect(links()).toBe(1)
    expect(alice.isOnline).toBe(false)
    expect(bob.isOnline).toBe(true)
  })

  it.each([
    ['a response that nobody asked for', encodeResponse({ id: 77, body: EMPTY })],
    ['a push', encodePush({ method: 'record', body: recordBody(new Uint8Array(9)) })],
    ['a push of a newer version', encodePush({ method: 'future', body: EMPTY })],
  ])('ignores %s', (_name, frame) => {
    world.inject(alice, server, frame)
    world.run(20)
    expect(links()).toBe(2)
  })

  it.each([
    ['UNKNOWN_METHOD', encodeRequest({ id: 5, method: 'future' as 'find', body: EMPTY })],
    ['BAD_REQUEST', encodeRequest({ id: 5, method: 'find', body: EMPTY })],
    [
      'BAD_REQUEST',
      encodeRequest({ id: 5, method: 'publish', body: recordBody(new Uint8Array(4)) }),
    ],
  ])('answers %s to a request that it cannot do', (code, frame) => {
    const [response] = answersTo(frame).map(decodeResponse)
    expect(response).toMatchObject({ id: 5, error: code })
    expect(links()).toBe(2)
  })

  it('answers BUSY over the rate, and serves again after a while', () => {
    const frame = encodeRequest({ id: 9, method: 'find', body: findBody(bob.publicKey) })
    const answers: unknown[] = []
    world.tap = ({ to, bytes }) => {
      if (to === alice && bytes[0] === FRAME.response) answers.push(decodeResponse(bytes))
      return bytes
    }
    for (let i = 0; i < RPC_BURST + 10; i++) world.inject(alice, server, frame)
    world.run(20)
    const busy = answers.filter(answer => 'error' in (answer as object))
    expect(busy.length).toBeGreaterThan(0)
    expect(busy[0]).toMatchObject({ error: 'BUSY' })
    world.run(1_000)
    answers.length = 0
    world.inject(alice, server, frame)
    world.run(20)
    expect(answers).toMatchObject([{ id: 9 }])
    expect('error' in (answers[0] as object)).toBe(false)
  })
})

describe('a client', () => {
  it('cuts a server that asks it something', () => {
    const frame = encodeRequest({ id: 1, method: 'find', body: findBody(bob.publicKey) })
    world.inject(server, alice, frame)
    expect(alice.attachments).toMatchObject([{ state: 'waiting', failure: { code: 'PROTOCOL' } }])
  })

  it.each([
    [
      'a record that is none',
      encodePush({ method: 'record', body: recordBody(new Uint8Array(4)) }),
    ],
    ['a quota without a limit', encodePush({ method: 'quota', body: EMPTY })],
  ])('cuts a server that pushes %s', (_name, frame) => {
    world.inject(server, alice, frame)
    expect(alice.isOnline).toBe(false)
  })

  it('keeps the true record of its server when that of another key is pushed', () => {
    for (const record of server.disk.values()) {
      world.inject(server, alice, encodePush({ method: 'record', body: recordBody(record) }))
    }
    const request = alice.dial(bob)
    world.until(() => alice.answer(request) !== undefined)
    expect(alice.verdict(request)).toBe('dialed')
  })

  it('shows no control characters of a server', () => {
    const limit = 'set\u001b[2Jups\u202e'
    world.inject(
      server,
      alice,
      encodePush({ method: 'quota', body: quotaBody({ limit, retryAfterMs: 5_000 }) }),
    )
    world.tap = ({ from, to, bytes }) =>
      from === alice && to === server && bytes[0] === FRAME.cellSetup ? undefined : bytes
    const request = alice.dial(bob, 300)
    world.run(400)
    const answer = alice.answer(request)
    const message = answer?.kind === 'failed' ? answer.failure.message : ''
    expect(message).not.toMatch(/\p{Cc}|\p{Cf}/u)
  })
})

it('never throws, whatever a neighbour sends, and the others go on', () => {
  const types = fc.constantFrom(...Object.values(FRAME), 0x00, 0x30, 0xff)
  fc.assert(
    fc.property(
      types,
      fc.uint8Array({ maxLength: 1_100 }),
      fc.boolean(),
      (type, body, isToServer) => {
        const frame = Uint8Array.of(type, ...body)
        if (world.wiresBetween(alice, server).length === 0) world.run(1_000)
        world.until(() => alice.isOnline, 60_000)
        if (isToServer) world.inject(alice, server, frame)
        else world.inject(server, alice, frame)
        world.run(10)
        expect(bob.isOnline).toBe(true)
      },
    ),
    { seed: 7, numRuns: 150 },
  )
})

it('survives every message changed, dropped or repeated on the way (20 seeds)', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const shaken = new MiniWorld(seed)
    const one = shaken.server('one')
    const carol = shaken.client('carol', [one])
    const dave = shaken.client('dave', [one])
    shaken.until(() => carol.isOnline && dave.isOnline)
    shaken.tap = ({ to, from, bytes }) => {
      const dice = shaken.random.next()
      if (dice < 0.02) return undefined
      if (dice < 0.04) {
        shaken.at(shaken.now, () => {
          if (shaken.wiresBetween(from, to).length > 0) shaken.inject(from, to, bytes)
        })
      }
      if (dice < 0.06) {
        const changed = bytes.slice()
        const at = Math.floor(shaken.random.next() * changed.length)
        changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(shaken.random.next() * 8))
        return changed
      }
      return bytes
    }
    for (let i = 0; i < 20; i++) {
      carol.send(dave, `${i}`)
      shaken.run(500)
    }
    shaken.tap = ({ bytes }) => bytes
    shaken.run(120_000)
    expect([seed, carol.open]).toEqual([seed, 0])
    const arrived = dave.texts.map(Number)
    expect([...new Set(arrived)].sort((a, b) => a - b)).toEqual(arrived)
  }
})
