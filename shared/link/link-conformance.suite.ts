// What every transport must keep so that a Link can live on it (architecture D3): order, message bounds,
// back-pressure, both ways to end, and a login over it. For memory, `ws` on loopback and browsers. Needs no
// test runner: a page runs the cases as they are, vitest through testing/run-link-conformance.ts.

import { equalBytes } from '../bytes/equal.ts'
import { nobleSuite } from '../crypto/noble-suite.ts'
import { createIdentity } from '../identity/identity.ts'
import type { CloseReason } from '../wire/close-code.ts'
import { FRAME } from '../wire/frame-type.ts'
import type { LinkConfig } from './link.ts'
import { responderSteps } from './responder-handshake.ts'
import { LinkRunner } from './testing/link-runner.ts'
import { seededRandom } from './testing/seeded-random.ts'
import type { TransportEnd, TransportPair } from './testing/transport-pair.ts'
import { assert, Inbox } from './testing/transport-pair.ts'

export interface TransportCase {
  readonly name: string
  /** Rejects with a sentence when the transport fails. `pair` is fresh and disposed of by the caller. */
  run(pair: TransportPair): Promise<void>
}

const MESSAGES = 1_000
const BULK_FRAMES = 256
const REASONS: readonly CloseReason[] = ['normal', 'shutdown', 'busy', 'wrongNetwork', 'tooSlow']

/** Both directions of a pair, so that every rule is tried each way. */
function bothWays(pair: TransportPair): readonly (readonly [TransportEnd, TransportEnd])[] {
  return [
    [pair.initiator, pair.responder],
    [pair.responder, pair.initiator],
  ]
}

/** `length` bytes that tell positions apart. */
function pattern(length: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7 + seed) & 0xff
  return bytes
}

function numbered(n: number, length = 4): Uint8Array {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(length - 4, n)
  return bytes
}

function numberOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4)
}

const order: TransportCase = {
  name: 'delivers messages once and in order, both ways at the same time',
  async run(pair) {
    const inboxes = [new Inbox(pair.responder), new Inbox(pair.initiator)]
    for (let n = 0; n < MESSAGES; n++) {
      pair.initiator.send(numbered(n))
      pair.responder.send(numbered(n))
    }
    for (const inbox of inboxes) {
      for (let n = 0; n < MESSAGES; n++) {
        const message = await inbox.message()
        assert(message.length === 4 && numberOf(message) === n, `message ${n} is not the next one`)
      }
    }
  },
}

const sizes: TransportCase = {
  name: 'keeps the bounds and bytes of messages of every size up to the limit',
  async run(pair) {
    const limit = pair.maxMessageBytes
    const lengths = [1, 2, 125, 126, 1023, 1024, 1025, 16_383, 16_384, limit - 1, limit]
    const inboxes = new Map([pair.initiator, pair.responder].map(end => [end, new Inbox(end)]))
    for (const [sender, receiver] of bothWays(pair)) {
      for (const length of lengths) {
        sender.send(pattern(length, length))
        const message = await inboxes.get(receiver)?.message()
        assert(message?.length === length, `a message of ${length} bytes arrived as another length`)
        assert(equalBytes(message, pattern(length, length)), `${length} bytes arrived changed`)
      }
    }
  },
}

const empty: TransportCase = {
  name: 'delivers an empty message as one, or not at all',
  async run(pair) {
    const inbox = new Inbox(pair.responder)
    pair.initiator.send(new Uint8Array())
    pair.initiator.send(numbered(7))
    let message = await inbox.message()
    if (message.length === 0) message = await inbox.message()
    assert(numberOf(message) === 7, 'the message after an empty one is lost')
  },
}

const tooLarge: TransportCase = {
  name: 'never splits or cuts a message over the limit: whole, or the transport ends',
  async run(pair) {
    const inbox = new Inbox(pair.responder)
    const length = pair.maxMessageBytes + 1
    pair.initiator.send(pattern(length))
    const event = await inbox.next()
    const isWhole = event.kind === 'message' && event.bytes.length === length
    assert(isWhole || event.kind === 'lost', 'a part of a message was delivered')
  },
}

const backPressure: TransportCase = {
  name: 'says full, takes what it is given nevertheless, and says writable once drained',
  async run(pair) {
    const inboxes = new Map([pair.initiator, pair.responder].map(end => [end, new Inbox(end)]))
    for (const [sender, receiver] of bothWays(pair)) {
      const length = Math.min(16_384, pair.maxMessageBytes)
      let sent = 0
      while (sender.send(numbered(sent++, length)) === 'ok') {
        assert(sent * length <= pair.fullWithinBytes, 'it never says full')
      }
      sender.send(numbered(sent++, length))
      await inboxes.get(sender)?.writable()
      sender.send(numbered(sent++, length))
      for (let n = 0; n < sent; n++) {
        const message = await inboxes.get(receiver)?.message()
        assert(message !== undefined && numberOf(message) === n, `message ${n} was lost when full`)
      }
    }
  },
}

function closes(way: 0 | 1, reason: CloseReason): TransportCase {
  return {
    name: `${way === 0 ? 'initiator' : 'responder'} closes (${reason}): what was sent arrives, then the reason`,
    async run(pair) {
      const [closer, other] = bothWays(pair)[way] as readonly [TransportEnd, TransportEnd]
      const own = new Inbox(closer)
      const inbox = new Inbox(other)
      for (let n = 0; n < 10; n++) closer.send(numbered(n, 1_024))
      closer.close(reason)
      for (let n = 0; n < 10; n++) {
        assert(numberOf(await inbox.message()) === n, 'a message before the end was lost')
      }
      const told = await inbox.lost()
      assert(!pair.carriesReason || told === reason, `the other end was told ${told}`)
      assert(own.waiting.length === 0, 'the closing end had an event after its close')
    },
  }
}

const abruptLoss: TransportCase = {
  name: 'tells once when the other end vanishes',
  async run(pair) {
    const inbox = new Inbox(pair.initiator)
    pair.responder.listen(() => undefined)
    pair.responder.cut()
    await inbox.lost()
    pair.initiator.send(numbered(1))
    pair.initiator.close('normal')
    assert(inbox.waiting.length === 0, 'an event came after the end')
  },
}

const afterTheEnd: TransportCase = {
  name: 'does not mind sends and closes after the end, at either end',
  async run(pair) {
    const inbox = new Inbox(pair.responder)
    pair.initiator.listen(() => undefined)
    pair.initiator.close('normal')
    pair.initiator.send(numbered(1))
    pair.initiator.close('busy')
    await inbox.lost()
    pair.responder.send(numbered(1))
    pair.responder.close('normal')
    pair.responder.cut()
    assert(inbox.waiting.length === 0, 'a message sent after the close arrived')
  },
}

const login: TransportCase = {
  name: 'carries a login, frames both ways and the reason of the end',
  async run(pair) {
    const [initiator, responder] = linksOver(pair, pair.initiatorBinding)
    assert((await initiator.opened()) && (await responder.opened()), 'the login did not open')
    initiator.send(Uint8Array.of(FRAME.push, 1))
    responder.send(Uint8Array.of(FRAME.push, 2))
    assert((await responder.frame())?.at(1) === 1, 'the responder missed a frame')
    assert((await initiator.frame())?.at(1) === 2, 'the initiator missed a frame')
    responder.close('shutdown')
    const { reason, side } = await initiator.closed()
    assert(reason === 'shutdown' && side === 'remote', `the end was ${reason} by ${side}`)
  },
}

const wrongBinding: TransportCase = {
  name: 'refuses a login that is bound to another channel, on both sides',
  async run(pair) {
    const [initiator, responder] = linksOver(pair, new Uint8Array(32).fill(0xbd))
    const ends = [await initiator.closed(), await responder.closed()]
    assert(
      ends.every(end => end.reason === 'unauthenticated'),
      'a login of another channel was not refused as such',
    )
    assert(!(await initiator.opened()) && !(await responder.opened()), 'a side opened')
  },
}

const bulk: TransportCase = {
  name: 'carries large cells as fast as it can, in order, with links that pause',
  async run(pair) {
    const [initiator, responder] = linksOver(pair, pair.initiatorBinding)
    await initiator.opened()
    const pour = async (): Promise<void> => {
      for (let n = 0; n < BULK_FRAMES; n++) {
        const cell = numbered(n, 16_384)
        cell[0] = FRAME.cellForwardLarge
        await initiator.sendable()
        initiator.send(cell)
      }
    }
    const drink = async (): Promise<void> => {
      for (let n = 0; n < BULK_FRAMES; n++) {
        const cell = await responder.frame()
        assert(cell !== undefined && numberOf(cell) === n, `cell ${n} is not the next one`)
      }
    }
    await Promise.all([pour(), drink()])
  },
}

export const linkTransportCases: readonly TransportCase[] = [
  order,
  sizes,
  empty,
  tooLarge,
  backPressure,
  ...REASONS.flatMap(reason => [closes(0, reason), closes(1, reason)]),
  abruptLoss,
  afterTheEnd,
  login,
  wrongBinding,
  bulk,
]

function linksOver(
  pair: TransportPair,
  initiatorBinding: Uint8Array,
): readonly [LinkRunner, LinkRunner] {
  const { maxMessageBytes } = pair
  const responder = new LinkRunner(pair.responder, configOf(2), {
    role: 'responder',
    steps: responderSteps,
    bindings: pair.responderBindings,
    addressClass: 'loopback',
    maxMessageBytes,
  })
  const initiator = new LinkRunner(pair.initiator, configOf(1), {
    role: 'initiator',
    binding: initiatorBinding,
    maxMessageBytes,
  })
  return [initiator, responder]
}

function configOf(name: number): LinkConfig {
  return {
    suite: nobleSuite,
    random: seededRandom(name),
    identity: createIdentity(nobleSuite, new Uint8Array(32).fill(name)),
    type: name === 2 ? 'server' : 'client',
    net: new Uint8Array(16),
    versions: [1],
  }
}
