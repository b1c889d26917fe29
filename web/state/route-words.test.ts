import { describe, expect, it } from 'vitest'
import {
  ANN,
  explanationOf,
  OTHER_SERVER,
  routeOf,
  SERVER,
} from '../../client/testing/explanations.ts'
import type { Book } from './book.ts'
import { newConversation, withPetname } from './conversation.ts'
import { shortKey } from './key-link.ts'
import { agoText, costParts, nodeName, recordWords, routeFacts } from './route-words.ts'

describe('the facts of a route', () => {
  const metrics = { hops: 1, latencyMs: 24, isMeasured: false, reliability: 0.984 }
  it.each([
    [routeOf({ metrics }), 'about 24 ms · 98 % reliable'],
    [routeOf({ metrics: { ...metrics, isMeasured: true } }), '24 ms · 98 % reliable'],
    [routeOf({ metrics, rttMs: 3.2 }), '3 ms · 98 % reliable'],
    [
      routeOf({ metrics: { ...metrics, bytesPerS: 1.26e6 } }),
      'about 24 ms · 98 % reliable · 1.3 MB/s',
    ],
    [routeOf({ metrics: { ...metrics, bytesPerS: 20 } }), 'about 24 ms · 98 % reliable · 1 kB/s'],
  ])('%#', (route, text) => expect(routeFacts(route).join(' · ')).toBe(text))
})

describe('the cost of a route', () => {
  it.each([
    [
      { total: 49.2, latency: 24, hops: 20, reliability: 5.2, throughput: 0 },
      'Cost 49 ms = 24 for latency + 20 for hops + 5 for reliability',
    ],
    [
      { total: 8, latency: 0.2, hops: 0, reliability: 0, throughput: 7.8 },
      'Cost 8 ms = 8 for throughput',
    ],
    [{ total: 0, latency: 0, hops: 0, reliability: 0, throughput: 0 }, 'Cost 0 ms'],
  ])('%j', (score, text) => expect(costParts(score).join(' ')).toBe(text))
})

describe('the name of a node on the way', () => {
  const servers = new Map([[SERVER, 'one.example']])
  const nobody: Book = new Map()
  const friend: Book = new Map([[ANN, withPetname(newConversation(ANN, 'me', 0), 'Ann')]])

  it.each([
    ['a contact', ANN, friend, 'Ann'],
    ['a server of ours', SERVER, nobody, 'one.example'],
    ['anybody else', OTHER_SERVER, friend, shortKey(OTHER_SERVER)],
  ])('of %s', (_, key, book, name) => expect(nodeName(key, book, servers)).toBe(name))
})

describe('what is known of a key', () => {
  it.each([
    [explanationOf({ lastSeen: 0 }), /signed 5\u00a0min\u00a0ago/],
    [explanationOf({ record: 'absent' }), /No server has a record/],
    [explanationOf({ record: 'noAnswer' }), /No server has said/],
    [explanationOf({ record: 'noAnswer', servers: [] }), /No server is connected/],
    [explanationOf({ record: 'revoked' }), /has revoked/],
  ])('%#', (explanation, words) => expect(recordWords(explanation, 300_000)).toMatch(words))
})

describe('how long ago something was', () => {
  it.each([
    [-5_000, 'just now'],
    [1_400, 'just now'],
    [2_000, '2 s ago'],
    [119_000, '119 s ago'],
    [120_000, '2 min ago'],
    [7_200_000, '2 h ago'],
    [172_800_000, '2 days ago'],
  ])('%d ms', (ms, text) => expect(agoText(ms)).toBe(text.replaceAll(' ', '\u00a0')))
})
