// The bodies of request `routes`: bytes written by hand, every prefix, each rule, the lengths.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from '../bytes/cbor.ts'
import { decodeCbor, encodeCbor } from '../bytes/cbor.ts'
import { asMap } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import {
  MAX_HOPS,
  RECORD_MAX_BYTES,
  ROUTES_ANSWER_MAX_BYTES,
  ROUTES_MAX_LATENCY_MS,
  ROUTES_MAX_RECORDS,
  ROUTES_MAX_RELAYS,
  ROUTES_MAX_TTL,
  ROUTES_PER_ANSWER,
} from './limits.ts'
import type { RoutesAnswer } from './route-bodies.ts'
import { readRoutesAnswer, readRoutesBody, routesAnswer, routesBody } from './route-bodies.ts'
import { filled } from './testing/record-fixtures.ts'

const question = { id: filled(8, 0x0a), key: filled(32, 1), ttl: 2 }
const QUESTION_HEX = [
  'a3', // a map of three
  '626964', // "id"
  '48', // 8 bytes
  '0a'.repeat(8),
  '636b6579', // "key"
  '5820', // 32 bytes
  '01'.repeat(32),
  '6374746c', // "ttl"
  '02',
].join('')

const answer: RoutesAnswer = {
  routes: [{ relays: [] }, { relays: [filled(32, 2), filled(32, 3)], latencyMs: 300 }],
  records: [filled(2, 0xee)],
}
const ANSWER_HEX = [
  'a2', // a map of two
  '66726f75746573', // "routes"
  '82', // two of them
  'a1', // only relays
  '6168', // "h"
  '80', // none: the answerer alone
  'a2', // relays and latency
  '6168',
  '82',
  `5820${'02'.repeat(32)}`,
  `5820${'03'.repeat(32)}`,
  '616c', // "l"
  '19012c', // 300
  '677265636f726473', // "records"
  '81',
  '42eeee',
].join('')

const decode = (hex: string): CborMap => asMap(decodeCbor(fromHex(hex)))
const relays = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => filled(32, i))
const bodyOf = (routes: CborValue, records?: CborValue): CborMap =>
  new Map<string, CborValue>([
    ['routes', routes],
    ...(records === undefined ? [] : [['records', records] as const]),
  ])
const routeOf = (h: CborValue, l?: CborValue): CborMap =>
  new Map<string, CborValue>([['h', h], ...(l === undefined ? [] : [['l', l] as const])])

describe.each([
  ['question', QUESTION_HEX, routesBody(question), readRoutesBody, question],
  ['answer', ANSWER_HEX, routesAnswer(answer), readRoutesAnswer, answer],
] as const)('the bytes of a %s', (_, hex, body, read, says) => {
  it('are these, both ways', () => {
    expect(toHex(encodeCbor(body))).toBe(hex)
    expect(read(decode(hex))).toEqual(says)
  })

  it('are needed to the last one', () => {
    const bytes = fromHex(hex)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeCbor(bytes.subarray(0, length))).toThrow(DecodeError)
    }
  })

  it('may hold fields of a newer peer', () => {
    expect(read(new Map(decode(hex)).set('zone', 'eu'))).toEqual(says)
  })
})

describe('a question', () => {
  it.each(['id', 'key', 'ttl'])('needs its %s', field => {
    const body = new Map(routesBody(question))
    body.delete(field)
    expect(() => readRoutesBody(body)).toThrow(DecodeError)
  })

  it.each([
    ['id', filled(7, 1)],
    ['id', filled(9, 1)],
    ['id', 8],
    ['key', filled(31, 1)],
    ['key', filled(33, 1)],
    ['key', 'k'.repeat(32)],
    ['ttl', -1],
    ['ttl', ROUTES_MAX_TTL + 1],
    ['ttl', null],
  ])('is not read with the %s %s', (field, value) => {
    expect(() => readRoutesBody(new Map(routesBody(question)).set(field, value))).toThrow(
      DecodeError,
    )
  })

  it.each([0, ROUTES_MAX_TTL - 1, ROUTES_MAX_TTL])('may be passed on %i times', ttl => {
    expect(readRoutesBody(routesBody({ ...question, ttl })).ttl).toBe(ttl)
  })

  it('goes as far as a circuit: the answerer, its relays and the peer are its hops', () => {
    expect(1 + ROUTES_MAX_RELAYS + 1).toBe(MAX_HOPS)
    expect(ROUTES_MAX_TTL).toBe(ROUTES_MAX_RELAYS)
  })
})

describe('an answer', () => {
  it(`has at most ${ROUTES_PER_ANSWER} routes, the first ones`, () => {
    const routes = Array.from({ length: ROUTES_PER_ANSWER + 1 }, (_, i) => ({
      relays: [filled(32, i)],
    }))
    const sent = routesAnswer({ routes, records: [] })
    expect(readRoutesAnswer(sent).routes).toEqual(routes.slice(0, ROUTES_PER_ANSWER))
    const items = routes.map(one => routeOf(one.relays))
    expect(() => readRoutesAnswer(bodyOf(items))).toThrow(DecodeError)
    expect(readRoutesAnswer(bodyOf(items.slice(1))).routes).toHaveLength(ROUTES_PER_ANSWER)
  })

  it.each([
    [ROUTES_MAX_RELAYS - 1, true],
    [ROUTES_MAX_RELAYS, true],
    [ROUTES_MAX_RELAYS + 1, false],
  ])('with a route over %i more relays is read and sent: %s', (count, isFine) => {
    const sent = routesAnswer({ routes: [{ relays: relays(count) }], records: [] })
    expect(readRoutesAnswer(sent).routes).toHaveLength(isFine ? 1 : 0)
    const received = (): unknown => readRoutesAnswer(bodyOf([routeOf(relays(count))]))
    if (isFine) expect(received()).toEqual({ routes: [{ relays: relays(count) }], records: [] })
    else expect(received).toThrow(DecodeError)
  })

  it.each([
    [-1, 0],
    [0.4, 0],
    [12.5, 13],
    [ROUTES_MAX_LATENCY_MS, ROUTES_MAX_LATENCY_MS],
    [ROUTES_MAX_LATENCY_MS + 1, ROUTES_MAX_LATENCY_MS],
  ])('tells %d ms as %i', (latencyMs, told) => {
    const sent = routesAnswer({ routes: [{ relays: relays(1), latencyMs }], records: [] })
    expect(readRoutesAnswer(sent).routes[0]?.latencyMs).toBe(told)
  })

  it.each<[string, CborMap]>([
    ['no routes', new Map()],
    ['routes that are none', bodyOf([filled(32, 1)])],
    ['a route without relays', bodyOf([new Map([['l', 1]])])],
    ['a relay of 31 bytes', bodyOf([routeOf([filled(31, 1)])])],
    ['a relay of text', bodyOf([routeOf(['k'.repeat(32)])])],
    ['a negative latency', bodyOf([routeOf([], -1)])],
    ['an absurd latency', bodyOf([routeOf([], ROUTES_MAX_LATENCY_MS + 1)])],
    ['records that are none', bodyOf([], [1])],
    ['a record that is too long', bodyOf([], [filled(RECORD_MAX_BYTES + 1, 1)])],
    ['too many records', bodyOf([], new Array(ROUTES_MAX_RECORDS + 1).fill(filled(1, 1)))],
    ['records that are no list', bodyOf([], filled(1, 1))],
  ])('is not read with %s', (_, body) => {
    expect(() => readRoutesAnswer(body)).toThrow(DecodeError)
  })

  it('has as many records from the front as fit, and never more bytes than it may', () => {
    const routes = Array.from({ length: ROUTES_PER_ANSWER }, () => ({
      relays: relays(ROUTES_MAX_RELAYS),
      latencyMs: ROUTES_MAX_LATENCY_MS,
    }))
    for (const [bytes, count] of [
      [1, ROUTES_MAX_RECORDS],
      [700, ROUTES_MAX_RECORDS],
      [RECORD_MAX_BYTES, 3],
    ] as const) {
      const records = Array.from({ length: ROUTES_MAX_RECORDS + 1 }, (_, i) => filled(bytes, i))
      const sent = routesAnswer({ routes, records })
      expect(encodeCbor(sent).length).toBeLessThanOrEqual(ROUTES_ANSWER_MAX_BYTES)
      expect(readRoutesAnswer(sent)).toEqual({ routes, records: records.slice(0, count) })
    }
  })
})

describe('hostile bytes', () => {
  it('throw nothing but DecodeError', () => {
    const readers = [readRoutesBody, readRoutesAnswer]
    const mutation = fc.tuple(fc.constantFrom(QUESTION_HEX, ANSWER_HEX), fc.nat(300), fc.nat(255))
    fc.assert(
      fc.property(mutation, fc.constantFrom(...readers), ([hex, at, to], read) => {
        const bytes = fromHex(hex)
        bytes[at % bytes.length] = to
        try {
          read(asMap(decodeCbor(bytes)))
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
      { seed: 11, numRuns: 2_000 },
    )
  })

  it('that are read come out as they went in', () => {
    const relay = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const route = fc.record(
      {
        relays: fc.array(relay, { maxLength: ROUTES_MAX_RELAYS }),
        latencyMs: fc.nat(ROUTES_MAX_LATENCY_MS),
      },
      { requiredKeys: ['relays'] },
    )
    const answers = fc.record({
      routes: fc.array(route, { maxLength: ROUTES_PER_ANSWER }),
      records: fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: ROUTES_MAX_RECORDS }),
    })
    fc.assert(
      fc.property(answers, told => {
        const body = asMap(decodeCbor(encodeCbor(routesAnswer(told))))
        expect(readRoutesAnswer(body)).toEqual(told)
      }),
      { seed: 12, numRuns: 200 },
    )
  })
})
