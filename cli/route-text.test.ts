import { describe, expect, it } from 'vitest'
import { OTHER_SERVER, routeOf, SERVER } from '../client/testing/explanations.ts'
import { hopsText, routeLines, scoreText } from './route-text.ts'
import { styleFor } from './style.ts'

const PLAIN = styleFor({}, {})

const direct = routeOf({
  hops: [],
  metrics: { hops: 1, latencyMs: 9, isMeasured: true, reliability: 0.984, bytesPerS: 1.24e6 },
  score: { total: 9.4, latency: 9.1, hops: 0, reliability: 0.3, throughput: 0 },
  state: 'active',
  rttMs: 3.14,
})
const overTwo = routeOf({
  hops: [SERVER, OTHER_SERVER],
  metrics: { hops: 3, latencyMs: 1_260, isMeasured: false, reliability: 0.5 },
  score: { total: 1_334.6, latency: 1_260, hops: 40, reliability: 34.6, throughput: 0 },
  state: 'failed',
  error: { code: 'OFFLINE', message: 'Gone\u001b[2J.' },
})

describe('the table of routes', () => {
  it('tells each way, how good it is and what it costs, best first', () => {
    expect(routeLines([direct, overTwo], { hasParts: false }, PLAIN)).toEqual([
      '   through                        state   links  latency  reliable     speed  cost',
      '1  (direct)                       active      1   3.1 ms      98 %  1.2 MB/s     9',
      '2  key_GyGKxMyg… → key_EdmxWPmx…  failed      3   ~1.3 s      50 %         –  1335',
      '    Gone\\u001b[2J. (OFFLINE)',
      '~ not measured as a whole: the sum of what is known and assumed of its links',
    ])
  })

  it('tells what costs are made of, for those who ask why', () => {
    expect(routeLines([direct], { hasParts: true }, PLAIN)).toEqual([
      '   through   state   links  latency  reliable     speed  cost',
      '1  (direct)  active      1   3.1 ms      98 %  1.2 MB/s     9',
      '    cost 9 = 9 latency',
    ])
  })
})

describe('the parts of a cost', () => {
  it.each([
    [overTwo.score, 'cost 1335 = 1260 latency + 40 hops + 35 reliability'],
    [
      { total: 12, latency: 4, hops: 0, reliability: 0, throughput: 8 },
      'cost 12 = 4 latency + 8 throughput',
    ],
    [{ total: 0, latency: 0, hops: 0, reliability: 0, throughput: 0 }, 'cost 0'],
  ])('%j', (score, text) => expect(scoreText(score)).toBe(text))
})

describe('the way of a route', () => {
  it.each([
    [[], '(direct)'],
    [[SERVER], 'key_GyGKxMyg…'],
  ])('%j', (hops, text) => expect(hopsText(hops)).toBe(text))
})
