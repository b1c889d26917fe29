// The bodies of requests, answers and pushes, of both families: dht-bodies.ts and registry-bodies.ts.

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import {
  findNodeAnswer,
  findNodeBody,
  findRecordAnswer,
  findRecordBody,
  findServicesAnswer,
  findServicesBody,
  isContactUrl,
  readFindNodeAnswer,
  readFindNodeBody,
  readFindRecordAnswer,
  readFindRecordBody,
  readFindServicesAnswer,
  readFindServicesBody,
  readStoreRecordBody,
  readStoreServiceBody,
  storeRecordBody,
  storeServiceBody,
} from './dht-bodies.ts'
import {
  CONTACT_MAX_URL_CHARS,
  DHT_ANSWER_MAX_BYTES,
  DHT_ANSWER_MAX_NODES,
  RECORD_MAX_BYTES,
  RECORD_MAX_SERVERS,
  SERVICE_MAX_BYTES,
  SERVICES_ANSWER_MAX_BYTES,
  SERVICES_PER_ANSWER,
} from './limits.ts'
import {
  findAnswer,
  findBody,
  presenceBody,
  quotaBody,
  readFindAnswer,
  readFindBody,
  readIsFullFind,
  readPresenceBody,
  readQuotaBody,
  readRecordBody,
  readRevokeBody,
  readServersAnswer,
  recordBody,
  revokeBody,
  serversAnswer,
  watchBody,
} from './registry-bodies.ts'
import { filled } from './testing/record-fixtures.ts'

interface BodyVector {
  readonly of: string
  readonly hex: string
  readonly says: Readonly<Record<string, unknown>>
}

const { bodies } = JSON.parse(
  readFileSync(new URL('./vectors/request-bodies.json', import.meta.url), 'utf8'),
) as { bodies: BodyVector[] }

/** Reads a body and writes what it understood: what comes out is what went in. */
const ROUND_TRIPS: Readonly<Record<string, (body: CborMap) => CborMap>> = {
  findNode: body => findNodeBody(readFindNodeBody(body)),
  'findNode answer': body => findNodeAnswer(readFindNodeAnswer(body)),
  findRecord: body => {
    const { key, isRepair } = readFindRecordBody(body)
    return findRecordBody(key, isRepair)
  },
  'findRecord answer': body => {
    const { nodes, value } = readFindRecordAnswer(body)
    return findRecordAnswer(nodes, value)
  },
  storeRecord: body => storeRecordBody(readStoreRecordBody(body)),
  findServices: body => findServicesBody(readFindServicesBody(body)),
  'findServices answer': body => {
    const { nodes, ads } = readFindServicesAnswer(body)
    return findServicesAnswer(nodes, ads)
  },
  storeService: body => storeServiceBody(readStoreServiceBody(body)),
  publish: body => recordBody(readRecordBody(body)),
  revoke: body => revokeBody(readRevokeBody(body)),
  find: body => findBody(readFindBody(body), readIsFullFind(body)),
  'find answer': body => findAnswer(readFindAnswer(body)),
  watch: body => watchBody(readFindBody(body)),
  'servers answer': body => serversAnswer(readServersAnswer(body)),
  presence: body => presenceBody(readPresenceBody(body)),
  quota: body => quotaBody(readQuotaBody(body)),
}

/** What a body says, as the vectors write it. */
function plainOf(value: CborValue): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, plainOf(item)]))
  }
  return Array.isArray(value) ? value.map(plainOf) : value
}

const decode = (hex: string): CborMap => asMap(decodeCbor(fromHex(hex)))

describe('request body vectors', () => {
  it('cover every body', () => {
    expect(new Set(bodies.map(({ of }) => of))).toEqual(new Set(Object.keys(ROUND_TRIPS)))
  })

  it.each(bodies)('$of $says', ({ of, hex, says }) => {
    const body = decode(hex)
    expect(plainOf(body)).toEqual(says)
    const again = ROUND_TRIPS[of]?.(body) ?? new Map()
    expect(toHex(encodeCbor(again))).toBe(hex)
  })
})

describe.each(Object.entries(ROUND_TRIPS))('a body of %s', (of, roundTrip) => {
  const vectors = bodies.filter(vector => vector.of === of)
  const attempt = (body: CborMap) => {
    try {
      roundTrip(body)
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError)
    }
  }

  it('needs its fields, in their types', () => {
    const optional = new Set(['repair', 'full', 'servers', 'online', 'record', 'revocation'])
    for (const { hex } of vectors) {
      for (const [field] of decode(hex)) {
        const body = new Map(decode(hex))
        body.delete(field)
        if (!optional.has(field)) expect(() => roundTrip(body)).toThrow(DecodeError)
        for (const wrong of [-1, [1], new Map(), filled(2000, 0)]) {
          expect(() => roundTrip(body.set(field, wrong))).toThrow(DecodeError)
        }
      }
    }
  })

  it('may hold fields of a newer peer', () => {
    for (const { hex } of vectors) {
      const again = roundTrip(new Map(decode(hex)).set('zone', 'eu'))
      expect(toHex(encodeCbor(again))).toBe(hex)
    }
  })

  it('throws nothing but DecodeError, whatever it holds', () => {
    const fields = [...new Set(vectors.flatMap(({ hex }) => [...decode(hex).keys()]))]
    const leaf = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.string(),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom<CborValue>(filled(32, 7), 'ws://a', filled(1025, 0), filled(513, 0)),
    )
    const value: fc.Arbitrary<CborValue> = fc.oneof(
      leaf,
      fc.array(fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), { maxLength: 4 }),
    )
    const entries = fc.array(fc.tuple(fc.constantFrom(...fields), value), { maxLength: 5 })
    fc.assert(
      fc.property(entries, list => attempt(new Map(list))),
      { seed: 6, numRuns: 500 },
    )
    const mutation = fc.tuple(fc.nat(200), fc.nat(255))
    fc.assert(
      fc.property(fc.constantFrom(...vectors), mutation, ({ hex }, [at, to]) => {
        const bytes = fromHex(hex)
        bytes[at % bytes.length] = to
        let body: CborMap
        try {
          body = asMap(decodeCbor(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
          return
        }
        attempt(body)
      }),
      { seed: 7, numRuns: 500 },
    )
  })
})

describe('contacts', () => {
  const key = filled(32, 1)

  it.each([
    'wss://a',
    'ws://192.0.2.1:80',
    'wss://[2001:db8::1]:8443',
    `ws://${'a'.repeat(CONTACT_MAX_URL_CHARS - 5)}`,
  ])('%s may be the address of one', url => {
    expect(isContactUrl(url)).toBe(true)
    expect(readFindNodeAnswer(findNodeAnswer([{ key, url }]))).toEqual([{ key, url }])
  })

  it.each([
    '',
    'ws://',
    'http://a',
    'javascript:alert(1)',
    'ws://a b',
    'ws://a\n',
    'ws://\u0430',
    ' ws://a',
    `ws://${'a'.repeat(CONTACT_MAX_URL_CHARS - 4)}`,
  ])('%j may not, and is not sent', url => {
    expect(isContactUrl(url)).toBe(false)
    expect(findNodeAnswer([{ key, url }]).get('nodes')).toEqual([])
    expect(() => readFindNodeAnswer(new Map([['nodes', [[key, url]]]]))).toThrow(DecodeError)
  })

  it.each<[string, CborValue]>([
    ['no pair', 'ws://a'],
    ['one thing', [key]],
    ['three things', [key, 'ws://a', null]],
    ['a short key', [filled(31, 1), 'ws://a']],
    ['a key of text', ['k'.repeat(32), 'ws://a']],
    ['an address of bytes', [key, filled(5, 0x61)]],
  ])('are not read from %s', (_, item) => {
    expect(() => readFindNodeAnswer(new Map([['nodes', [item]]]))).toThrow(DecodeError)
  })
})

describe('an answer', () => {
  const longest = `wss://${'a'.repeat(CONTACT_MAX_URL_CHARS - 6)}`
  const contacts = (count: number, url = 'ws://a') =>
    Array.from({ length: count }, (_, i) => ({ key: filled(32, i), url }))

  it(`has at most ${DHT_ANSWER_MAX_NODES} contacts, the first ones`, () => {
    const nodes = readFindNodeAnswer(findNodeAnswer(contacts(DHT_ANSWER_MAX_NODES + 1)))
    expect(nodes).toEqual(contacts(DHT_ANSWER_MAX_NODES))
    const items = contacts(DHT_ANSWER_MAX_NODES + 1).map(({ key, url }) => [key, url])
    expect(() => readFindNodeAnswer(new Map([['nodes', items]]))).toThrow(DecodeError)
  })

  it.each([
    ['no value', undefined],
    ['the longest record', filled(RECORD_MAX_BYTES, 1)],
  ])(
    `of longest addresses with %s is at most ${DHT_ANSWER_MAX_BYTES} bytes and filled well`,
    (_, bytes) => {
      const value = bytes && ({ kind: 'record', bytes } as const)
      const answer = findRecordAnswer(contacts(DHT_ANSWER_MAX_NODES, longest), value)
      const { length } = encodeCbor(answer)
      const { nodes } = readFindRecordAnswer(answer)
      expect(length).toBeLessThanOrEqual(DHT_ANSWER_MAX_BYTES)
      const contactBytes = encodeCbor([filled(32, 0), longest]).length
      const hasRoom = length + contactBytes + 64 <= DHT_ANSWER_MAX_BYTES
      expect(nodes.length === DHT_ANSWER_MAX_NODES || !hasRoom).toBe(true)
    },
  )

  it('has as many advertisements from the front as fit', () => {
    const ads = (count: number, bytes: number) =>
      Array.from({ length: count }, (_, i) => filled(bytes, i))
    for (const [given, bytes] of [
      [SERVICES_PER_ANSWER + 1, 1],
      [SERVICES_PER_ANSWER, 253],
      [SERVICES_PER_ANSWER, 254],
      [SERVICES_PER_ANSWER, SERVICE_MAX_BYTES],
    ] as const) {
      const answer = findServicesAnswer(contacts(DHT_ANSWER_MAX_NODES, longest), ads(given, bytes))
      const read = readFindServicesAnswer(answer).ads
      const fitting = Math.floor(SERVICES_ANSWER_MAX_BYTES / (bytes + 3))
      expect(read).toEqual(ads(Math.min(SERVICES_PER_ANSWER, fitting), bytes))
      const most = DHT_ANSWER_MAX_BYTES + SERVICES_ANSWER_MAX_BYTES
      expect(encodeCbor(answer).length).toBeLessThanOrEqual(most)
    }
  })

  it('is refused with more, or longer, advertisements than one may have', () => {
    const body = (ads: CborValue[]) =>
      new Map<string, CborValue>([
        ['nodes', []],
        ['ads', ads],
      ])
    const one = filled(SERVICE_MAX_BYTES, 0)
    expect(readFindServicesAnswer(body([one])).ads).toEqual([one])
    expect(() => readFindServicesAnswer(body([filled(SERVICE_MAX_BYTES + 1, 0)]))).toThrow(
      DecodeError,
    )
    const many = new Array<Uint8Array>(SERVICES_PER_ANSWER + 1).fill(filled(1, 0))
    expect(() => readFindServicesAnswer(body(many))).toThrow(DecodeError)
  })
})

describe('an answer to a client', () => {
  const found = { value: undefined, isFinal: true, servers: [] }
  const servers = (count: number, bytes = 1) =>
    Array.from({ length: count }, (_, i) => filled(bytes, i))

  it(`names at most ${RECORD_MAX_SERVERS} servers`, () => {
    const sent = findAnswer({ ...found, servers: servers(RECORD_MAX_SERVERS + 1) })
    expect(readFindAnswer(sent).servers).toEqual(servers(RECORD_MAX_SERVERS))
    const body = new Map(sent).set('servers', servers(RECORD_MAX_SERVERS + 1))
    expect(() => readFindAnswer(body)).toThrow(DecodeError)
    const long = new Map(sent).set('servers', servers(1, RECORD_MAX_BYTES + 1))
    expect(() => readFindAnswer(long)).toThrow(DecodeError)
  })

  it('has one value at most, and says whether it is the last word', () => {
    const bytes = filled(3, 1)
    const body = new Map(findAnswer({ ...found, value: { kind: 'record', bytes } }))
    expect(() => readFindAnswer(new Map(body).set('revocation', bytes))).toThrow(DecodeError)
    body.delete('final')
    expect(() => readFindAnswer(body)).toThrow(DecodeError)
    expect(readFindAnswer(new Map([['final', true]])).value).toBeUndefined()
  })
})
