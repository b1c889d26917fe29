import { describe, expect, it } from 'vitest'
import { OTHER_SERVER, routeOf, SERVER } from '../client/testing/explanations.ts'
import { hopsText, orderText, routeLines, scoreText } from './route-text.ts'
import { styleFor } from './style.ts'

const PLAIN = styleFor({}, {})
const NONE = new Map<string, string>()

const direct = routeOf({
  hops: [],
  metrics: { hops: 0, latencyMs: 9, isMeasured: true, reliability: 0.984, bytesPerS: 1.24e6 },
  score: { total: 9.4, latency: 9.1, hops: 0, reliability: 0.3, throughput: 0 },
  state: 'active',
  rttMs: 3.14,
})
const overTwo = routeOf({
  hops: [SERVER, OTHER_SERVER],
  metrics: { hops: 2, latencyMs: 1_260, isMeasured: false, reliability: 0.5 },
  score: { total: 1_314.6, latency: 1_260, hops: 20, reliability: 34.6, throughput: 0 },
  state: 'failed',
  error: { code: 'OFFLINE', message: 'Gone\u001b[2J.' },
})

describe('the table of routes', () => {
  it('tells each way, how good it is and what it costs', () => {
    expect(routeLines([direct, overTwo], { names: NONE, hasParts: false }, PLAIN)).toEqual([
      '   through                        state   hops  latency  reliable     speed  cost',
      '1  (direct)                       active     0   3.1 ms      98 %  1.2 MB/s     9',
      '2  key_GyGKxMyg… → key_EdmxWPmx…  failed     2   ~1.3 s      50 %         –  1315',
      '    Gone\\u001b[2J. (OFFLINE)',
      '~ not measured as a whole: the sum of what is known and assumed of its links',
    ])
  })

  it('tells which paths the peer opened', () => {
    const peers = { ...direct, state: 'spare', openedBy: 'peer' } as const
    expect(routeLines([direct, peers], { names: NONE, hasParts: false }, PLAIN)).toEqual([
      '   through   state          hops  latency  reliable     speed  cost',
      '1  (direct)  active            0   3.1 ms      98 %  1.2 MB/s     9',
      '2  (direct)  spare, peer’s     0   3.1 ms      98 %  1.2 MB/s     9',
    ])
  })

  it('tells what costs are made of, for those who ask why', () => {
    expect(routeLines([direct], { names: NONE, hasParts: true }, PLAIN)).toEqual([
      '   through   state   hops  latency  reliable     speed  cost',
      '1  (direct)  active     0   3.1 ms      98 %  1.2 MB/s     9',
      '    cost 9 ms = 9 for latency',
    ])
  })
})

describe('the order of routes', () => {
  it.each([
    [[direct, overTwo], 'the one in use first, then by cost'],
    [[overTwo], 'by cost'],
  ])('%#', (routes, text) => expect(orderText(routes)).toBe(text))
})

describe('the parts of a cost', () => {
  it.each([
    [overTwo.score, 'cost 1315 ms = 1260 for latency + 20 for hops + 35 for reliability'],
    [
      { total: 12, latency: 4, hops: 0, reliability: 0, throughput: 8 },
      'cost 12 ms = 4 for latency + 8 for throughput',
    ],
    [{ total: 0, latency: 0, hops: 0, reliability: 0, throughput: 0 }, 'cost 0 ms'],
  ])('%j', (score, text) => expect(scoreText(score)).toBe(text))
})

describe('the way of a route', () => {
  it.each([
    [[], '(direct)'],
    [[SERVER], 'key_GyGKxMyg…'],
    [[SERVER, OTHER_SERVER], 'key_GyGKxMyg… → two.example'],
  ])('%j', (hops, text) => {
    expect(hopsText(hops, new Map([[OTHER_SERVER, 'two.example']]))).toBe(text)
  })
})
