import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { encodeCell } from './circuit-cells.ts'
import { CLOSE_CODE } from './close-code.ts'
import { FRAME } from './frame-type.ts'
import {
  encodeChallenge,
  encodeGoodbye,
  encodeHello,
  encodePing,
  encodePong,
  encodeProof,
  encodeWelcome,
} from './link-messages.ts'
import { encodePush, encodeRequest, encodeResponse } from './rpc-messages.ts'
import { summarize } from './summary.ts'

const SECRETISH = new Uint8Array(32).fill(0xc5)
const SIGNATURE = new Uint8Array(64).fill(0xc5)
const NET = new Uint8Array(16).fill(0xc5)

const LINES: [string, Uint8Array][] = [
  [
    'hello client versions=1,2 167 B',
    encodeHello({
      versions: [1, 2],
      net: NET,
      key: SECRETISH,
      type: 'client',
      nonce: SECRETISH,
      binding: SECRETISH,
    }),
  ],
  [
    'challenge server version=1 177 B',
    encodeChallenge({
      version: 1,
      key: SECRETISH,
      type: 'server',
      nonce: SECRETISH,
      signature: SIGNATURE,
    }),
  ],
  ['proof 78 B', encodeProof({ signature: SIGNATURE })],
  [
    'welcome keepaliveMs=10000 address=private sample=1 100 B',
    encodeWelcome({
      keepaliveMs: 10_000,
      timeMs: 0,
      limits: { maxMessageBytes: 65_536 },
      addressClass: 'private',
      sample: [SECRETISH],
    }),
  ],
  ['ping id=7 5 B', encodePing(7)],
  ['pong id=7 5 B', encodePong(7)],
  ['goodbye wrongNetwork 22 B', encodeGoodbye({ code: CLOSE_CODE.wrongNetwork, reason: 'secret' })],
  [
    'goodbye busy retryAfterMs=5000 22 B',
    encodeGoodbye({ code: CLOSE_CODE.busy, retryAfterMs: 5000 }),
  ],
  ['cellForward circuit=80000001 1024 B', encodeCell(FRAME.cellForward, 0x80000001, SECRETISH)],
  [
    'request id=3 find 62 B',
    encodeRequest({ id: 3, method: 'find', body: new Map([['key', SECRETISH]]) }),
  ],
  ['request id=3 odd-method 23 B', encodeRequest({ id: 3, method: 'a\nb', body: new Map() })],
  ['response id=3 ok 12 B', encodeResponse({ id: 3, body: new Map() })],
  ['response id=3 SEQ_TOO_LOW 24 B', encodeResponse({ id: 3, error: 'SEQ_TOO_LOW' })],
  ['push quota 21 B', encodePush({ method: 'quota', body: new Map() })],
  ['empty 0 B', new Uint8Array()],
  ['unknown type=48 2 B', Uint8Array.of(0x30, 1)],
  ['ping malformed 2 B', Uint8Array.of(FRAME.ping, 1)],
  ['cellForward malformed 2 B', Uint8Array.of(FRAME.cellForward, 1)],
]

describe('summarize', () => {
  it.each(LINES)('%s', (line, frame) => {
    expect(summarize(frame)).toBe(line)
  })

  it('shows no bytes of keys, signatures or contents', () => {
    for (const [, frame] of LINES) {
      expect(summarize(frame)).not.toContain(toHex(SECRETISH.subarray(0, 2)))
      expect(summarize(frame)).not.toContain('secret')
    }
  })

  it('has a name for every frame type and never throws', () => {
    for (const type of Object.values(FRAME)) {
      expect(summarize(Uint8Array.of(type))).not.toContain('unknown')
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), frame => {
        expect(summarize(frame)).toContain(`${frame.length} B`)
      }),
      { seed: 3, numRuns: 1000 },
    )
  })
})
