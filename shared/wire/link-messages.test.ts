// The quartet for every hop message: golden hex, every strict prefix fails, one test per rule, whatever the
// bytes only DecodeError. Golden values were checked against the layout in link-messages.ts by hand.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import {
  GOODBYE_MAX_REASON_CHARS,
  HELLO_MAX_VERSIONS,
  RECORD_MAX_BYTES,
  WELCOME_MAX_SAMPLE,
} from './limits.ts'
import type { Challenge, Goodbye, Hello, Welcome } from './link-messages.ts'
import {
  decodeChallenge,
  decodeGoodbye,
  decodeHello,
  decodePing,
  decodePong,
  decodeProof,
  decodeWelcome,
  encodeChallenge,
  encodeGoodbye,
  encodeHello,
  encodePing,
  encodePong,
  encodeProof,
  encodeWelcome,
} from './link-messages.ts'

const bytes = (value: number, length = 32) => new Uint8Array(length).fill(value)
const hex32 = (digits: string) => digits.repeat(32)

const HELLO: Hello = {
  versions: [1, 300],
  net: bytes(1, 16),
  key: bytes(2),
  type: 'client',
  nonce: bytes(3),
  binding: bytes(4),
}
const CHALLENGE: Challenge = {
  version: 1,
  key: bytes(2),
  type: 'server',
  nonce: bytes(3),
  signature: bytes(6, 64),
}
const WELCOME: Welcome = {
  keepaliveMs: 10_000,
  timeMs: 1_767_225_600_000,
  limits: { maxMessageBytes: 65_536, relayBytesPerS: 8_388_608 },
  addressClass: 'public',
  record: bytes(7, 3),
  sample: [bytes(8, 2), bytes(9, 1)],
}
const STUN_WELCOME: Welcome = {
  keepaliveMs: 10_000,
  timeMs: 1_767_225_600_000,
  limits: { maxMessageBytes: 65_536 },
  addressClass: 'loopback',
  sample: [],
  stunPort: 3_478,
}
const GOODBYE: Goodbye = { code: 10, retryAfterMs: 5_000, reason: 'full' }

interface Case {
  readonly name: string
  readonly golden: string
  readonly encoded: Uint8Array
  readonly value: unknown
  readonly decode: (frame: Uint8Array) => unknown
}

const CASES: readonly Case[] = [
  {
    name: 'hello',
    golden: `01a6636b65795820${hex32('02')}636e657450${'01'.repeat(16)}647479706566636c69656e74656e6f6e63655820${hex32('03')}6762696e64696e675820${hex32('04')}6876657273696f6e73820119012c`,
    encoded: encodeHello(HELLO),
    value: HELLO,
    decode: decodeHello,
  },
  {
    name: 'hello with an expected key',
    golden: `01a7636b65795820${hex32('02')}636e657450${'01'.repeat(16)}647479706566636c69656e74656e6f6e63655820${hex32('03')}666578706563745820${hex32('05')}6762696e64696e675820${hex32('04')}6876657273696f6e73820119012c`,
    encoded: encodeHello({ ...HELLO, expect: bytes(5) }),
    value: { ...HELLO, expect: bytes(5) },
    decode: decodeHello,
  },
  {
    name: 'challenge',
    golden: `02a5636b65795820${hex32('02')}647479706566736572766572656e6f6e63655820${hex32('03')}6776657273696f6e01697369676e61747572655840${'06'.repeat(64)}`,
    encoded: encodeChallenge(CHALLENGE),
    value: CHALLENGE,
    decode: decodeChallenge,
  },
  {
    name: 'proof',
    golden: `03a1697369676e61747572655840${'06'.repeat(64)}`,
    encoded: encodeProof({ signature: bytes(6, 64) }),
    value: { signature: bytes(6, 64) },
    decode: decodeProof,
  },
  {
    name: 'welcome',
    golden:
      '04a66474696d651b0000019b76daa800666c696d697473a26572656c61791a00800000676d6573736167651a00010000667265636f7264430707076673616d706c658242080841096761646472657373667075626c6963696b656570616c697665192710',
    encoded: encodeWelcome(WELCOME),
    value: WELCOME,
    decode: decodeWelcome,
  },
  {
    name: 'welcome of a server that answers STUN',
    golden:
      '04a6647374756e190d966474696d651b0000019b76daa800666c696d697473a1676d6573736167651a000100006673616d706c65806761646472657373686c6f6f706261636b696b656570616c697665192710',
    encoded: encodeWelcome(STUN_WELCOME),
    value: STUN_WELCOME,
    decode: decodeWelcome,
  },
  {
    name: 'ping',
    golden: '0501020304',
    encoded: encodePing(0x01020304),
    value: 0x01020304,
    decode: decodePing,
  },
  {
    name: 'pong',
    golden: '06ffffffff',
    encoded: encodePong(0xffffffff),
    value: 0xffffffff,
    decode: decodePong,
  },
  {
    name: 'goodbye',
    golden: '07a364636f64650a66726561736f6e6466756c6c6a72657472794166746572191388',
    encoded: encodeGoodbye(GOODBYE),
    value: GOODBYE,
    decode: decodeGoodbye,
  },
  {
    name: 'bare goodbye',
    golden: '07a164636f646500',
    encoded: encodeGoodbye({ code: 0 }),
    value: { code: 0 },
    decode: decodeGoodbye,
  },
]

/** The frame with one field set, or taken away when `undefined`. */
function withField(frame: Uint8Array, name: string, value: CborValue | undefined): Uint8Array {
  const map = new Map(asMap(decodeCbor(frame.subarray(1))))
  if (value === undefined) map.delete(name)
  else map.set(name, value)
  return concat(frame.subarray(0, 1), encodeCbor(map))
}

describe.each(CASES)('$name', ({ golden, encoded, value, decode }) => {
  it('has the golden encoding, byte for byte, and decodes from it', () => {
    expect(toHex(encoded)).toBe(golden)
    expect(encoded.length).toBe(golden.length / 2)
    expect(decode(fromHex(golden))).toEqual(value)
  })

  it('fails for every strict prefix and for a trailing byte', () => {
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decode(encoded.subarray(0, length))).toThrow(DecodeError)
    }
    expect(() => decode(concat(encoded, Uint8Array.of(0)))).toThrow(DecodeError)
  })

  it('fails for another type byte', () => {
    const other = encoded.slice()
    other[0] = 0x20
    expect(() => decode(other)).toThrow(DecodeError)
  })

  it('throws nothing but DecodeError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), noise => {
        onlyDecodeError(() => decode(concat(encoded.subarray(0, 1), noise)))
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  it('throws nothing but DecodeError for one changed byte', () => {
    for (let i = 0; i < encoded.length; i++) {
      for (const flip of [0x01, 0x20, 0x80, 0xff]) {
        const mutated = encoded.slice()
        mutated[i] = (mutated[i] as number) ^ flip
        onlyDecodeError(() => decode(mutated))
      }
    }
  })
})

describe('rules', () => {
  const hello = encodeHello(HELLO)
  const challenge = encodeChallenge(CHALLENGE)
  const welcome = encodeWelcome(WELCOME)
  const goodbye = encodeGoodbye(GOODBYE)
  const versions = (count: number) => Array.from({ length: count }, (_, i) => i)
  const records = (count: number) => Array.from({ length: count }, () => bytes(1, 1))

  const refused: [string, (frame: Uint8Array) => unknown, Uint8Array][] = [
    ['hello without versions', decodeHello, withField(hello, 'versions', undefined)],
    ['hello with no version', decodeHello, withField(hello, 'versions', [])],
    [
      'hello with too many',
      decodeHello,
      withField(hello, 'versions', versions(HELLO_MAX_VERSIONS + 1)),
    ],
    ['hello with a text version', decodeHello, withField(hello, 'versions', ['1'])],
    ['hello with a negative version', decodeHello, withField(hello, 'versions', [-1])],
    ['hello with a version over u16', decodeHello, withField(hello, 'versions', [65_536])],
    ['hello with a short net', decodeHello, withField(hello, 'net', bytes(1, 15))],
    ['hello with a long key', decodeHello, withField(hello, 'key', bytes(1, 33))],
    ['hello with a short nonce', decodeHello, withField(hello, 'nonce', bytes(1, 31))],
    ['hello without a binding', decodeHello, withField(hello, 'binding', undefined)],
    ['hello with a short expect', decodeHello, withField(hello, 'expect', bytes(1, 31))],
    ['hello with another node type', decodeHello, withField(hello, 'type', 'relay')],
    [
      'challenge with a short signature',
      decodeChallenge,
      withField(challenge, 'signature', bytes(1, 63)),
    ],
    ['challenge with a list of versions', decodeChallenge, withField(challenge, 'version', [1])],
    [
      'welcome with a long own record',
      decodeWelcome,
      withField(welcome, 'record', bytes(1, RECORD_MAX_BYTES + 1)),
    ],
    [
      'welcome with too large a sample',
      decodeWelcome,
      withField(welcome, 'sample', records(WELCOME_MAX_SAMPLE + 1)),
    ],
    [
      'welcome with a long record',
      decodeWelcome,
      withField(welcome, 'sample', [bytes(1, RECORD_MAX_BYTES + 1)]),
    ],
    ['welcome with a text record', decodeWelcome, withField(welcome, 'sample', ['x'])],
    ['welcome without limits', decodeWelcome, withField(welcome, 'limits', undefined)],
    ['welcome with a negative keepalive', decodeWelcome, withField(welcome, 'keepalive', -1)],
    ['welcome with STUN on port 0', decodeWelcome, withField(welcome, 'stun', 0)],
    ['welcome with STUN on no port', decodeWelcome, withField(welcome, 'stun', 65_536)],
    ['welcome with STUN under a name', decodeWelcome, withField(welcome, 'stun', 'stun:x:1')],
    ['goodbye without a code', decodeGoodbye, withField(goodbye, 'code', undefined)],
    ['goodbye with a text code', decodeGoodbye, withField(goodbye, 'code', 'busy')],
    [
      'goodbye with a long reason',
      decodeGoodbye,
      withField(goodbye, 'reason', 'x'.repeat(GOODBYE_MAX_REASON_CHARS + 1)),
    ],
    ['goodbye with a negative retry', decodeGoodbye, withField(goodbye, 'retryAfter', -1)],
    ['a body that is no map', decodeGoodbye, Uint8Array.of(0x07, 0x80)],
  ]
  it.each(refused)('refuses %s', (_, decode, frame) => {
    expect(() => decode(frame)).toThrow(DecodeError)
  })

  const accepted: [string, (frame: Uint8Array) => unknown, Uint8Array][] = [
    [
      'as many versions as allowed',
      decodeHello,
      withField(hello, 'versions', versions(HELLO_MAX_VERSIONS)),
    ],
    ['the highest version', decodeHello, withField(hello, 'versions', [65_535])],
    [
      'as large a sample as allowed',
      decodeWelcome,
      withField(welcome, 'sample', records(WELCOME_MAX_SAMPLE)),
    ],
    [
      'the longest record',
      decodeWelcome,
      withField(welcome, 'sample', [bytes(1, RECORD_MAX_BYTES)]),
    ],
    [
      'the longest reason',
      decodeGoodbye,
      withField(goodbye, 'reason', 'x'.repeat(GOODBYE_MAX_REASON_CHARS)),
    ],
    ['a code of a newer peer', decodeGoodbye, withField(goodbye, 'code', 99)],
    ['fields of a newer peer', decodeHello, withField(hello, 'zzz', ['later'])],
  ]
  it.each(accepted)('accepts %s', (_, decode, frame) => {
    expect(() => decode(frame)).not.toThrow()
  })

  it('reads an address class of a newer responder as unknown', () => {
    expect(decodeWelcome(withField(welcome, 'address', 'orbital')).addressClass).toBe('unknown')
  })

  it('keeps nothing of the memory that a message came in', () => {
    const shared = encodeHello(HELLO)
    const decoded = decodeHello(shared)
    shared.fill(0xff)
    expect(decoded).toEqual(HELLO)
    const pooled = Buffer.from(encodeHello(HELLO))
    expect(decodeHello(pooled).key.buffer.byteLength).toBe(32)
  })
})

function onlyDecodeError(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError)
  }
}
