// Random and mutated messages in every phase of a link: it goes on or closes with a code, and never throws
// (architecture D1). Seeds are fixed.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLOSE_CODE } from '../wire/close-code.ts'
import { FRAME } from '../wire/frame-type.ts'
import { encodeGoodbye, encodePing, encodePong } from '../wire/link-messages.ts'
import type { TestLink } from './testing/link-world.ts'
import { LinkWorld, testConfig } from './testing/link-world.ts'
import { seededRandom } from './testing/seeded-random.ts'

/** How many login frames have crossed when the fuzzing begins, and which side is fuzzed. */
const PHASES = [
  { name: 'initiator without a transport', crossed: -1, side: 'initiator' },
  { name: 'initiator awaits CHALLENGE', crossed: 1, side: 'initiator' },
  { name: 'initiator awaits WELCOME', crossed: 3, side: 'initiator' },
  { name: 'responder awaits HELLO', crossed: 0, side: 'responder' },
  { name: 'responder awaits PROOF', crossed: 2, side: 'responder' },
  { name: 'open initiator', crossed: 4, side: 'initiator' },
  { name: 'open responder', crossed: 4, side: 'responder' },
] as const

// Of another login, with other nonces: a PROOF in here proves nothing where it is used.
const elsewhere = new LinkWorld({
  initiator: testConfig('alice', { random: seededRandom(77) }),
  responder: testConfig('bob', { random: seededRandom(78) }),
})

const VALID = [
  ...elsewhere.login().crossed.map(frame => frame.bytes),
  encodePing(1),
  encodePong(1),
  encodeGoodbye({ code: 10, retryAfterMs: 5, reason: 'why' }),
  Uint8Array.of(FRAME.request, 0xa0),
  new Uint8Array(1024).fill(FRAME.cellForward),
]

function inPhase(crossed: number): LinkWorld {
  const world = new LinkWorld()
  if (crossed < 0) return world
  world.responder.feed({ kind: 'opened' })
  world.initiator.feed({ kind: 'opened' })
  for (let i = 0; i < crossed; i++) {
    const [sender, receiver] =
      i % 2 === 0 ? [world.initiator, world.responder] : [world.responder, world.initiator]
    receiver.message(sender.outgoing.shift() ?? new Uint8Array())
  }
  return world
}

const frameLike = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  // Most random type bytes are illegal at once; these get further.
  fc
    .tuple(fc.constantFrom(...Object.values(FRAME)), fc.uint8Array({ maxLength: 200 }))
    .map(([type, rest]) => Uint8Array.of(type, ...rest)),
  fc
    .tuple(fc.constantFrom(...VALID), fc.nat(), fc.integer({ min: 0, max: 255 }))
    .map(([valid, position, value]) => {
      const mutated = valid.slice()
      mutated[position % mutated.length] = value
      return mutated
    }),
  fc
    .tuple(fc.constantFrom(...VALID), fc.nat())
    .map(([valid, length]) => valid.slice(0, length % (valid.length + 1))),
)

describe.each(PHASES)('$name', ({ crossed, side }) => {
  it('goes on or closes with a code, and never throws', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(frameLike, { minLength: 1, maxLength: 4 }), frames => {
        const link: TestLink = inPhase(crossed)[side]
        const openedBefore = link.of('open').length
        for (const frame of frames) link.message(frame)
        // Only a WELCOME needs no proof: the responder gave its own before.
        if (crossed !== 3) expect(link.of('open')).toHaveLength(openedBefore)
        if (link.closed === undefined) {
          expect(link.link.nextTimeout()).toBeGreaterThan(0)
          return
        }
        expect(CLOSE_CODE[link.closed.reason]).toBeTypeOf('number')
        expect(link.effects.at(-1)).toBe(link.closed)
        expect(link.of('closed')).toHaveLength(1)
        expect(link.link.nextTimeout()).toBeUndefined()
        expect(link.link.canSend).toBe(false)
      }),
      { seed: 20 + crossed, numRuns: 150 },
    )
  })
})
