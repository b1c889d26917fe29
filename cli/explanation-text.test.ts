import { describe, expect, it } from 'vitest'
import type { Explanation } from '../client/node.ts'
import {
  ANN,
  explanationOf,
  OTHER_SERVER,
  routeOf,
  SERVER,
} from '../client/testing/explanations.ts'
import { explanationText } from './explanation-text.ts'
import { styleFor } from './style.ts'

const PLAIN = styleFor({}, {})
const NOW_MS = 61_000
const offline = { code: 'OFFLINE', message: 'The peer is away.' } as const

const textOf = (change: Partial<Explanation>): string =>
  explanationText(explanationOf(change), NOW_MS, PLAIN)

describe('an explanation', () => {
  it('tells of the key, the servers, the routes and what was tried', () => {
    const text = textOf({
      homes: [SERVER, OTHER_SERVER],
      routes: [routeOf({ state: 'failed', error: offline })],
      steps: [
        { step: 'lookup', hops: [], startedAt: 59_000, tookMs: 12.4 },
        { step: 'circuit', hops: [SERVER], startedAt: 60_000, tookMs: 310, error: offline },
        { step: 'handshake', hops: [], startedAt: 60_000, tookMs: 0 },
      ],
    })
    expect(text.split('\n')).toEqual([
      `key           ${ANN}`,
      'mode          fast: the best path, direct where that can be',
      'record        found, signed 60 s ago',
      `attached to   ${SERVER}`,
      `              ${OTHER_SERVER}`,
      'your servers  wss://one.example key_GyGKxMyg… online, 12 ms',
      '',
      'Routes, best first:',
      '   through        state   links  latency  reliable  speed  cost',
      '1  key_GyGKxMyg…  failed      2   ~24 ms      90 %      –    49',
      '    cost 49 = 24 latency + 20 hops + 5 reliability',
      '    The peer is away. (OFFLINE)',
      '~ not measured as a whole: the sum of what is known and assumed of its links',
      '',
      'Tried:',
      '   when  step                              took  outcome',
      '2 s ago  look up the record               12 ms  ✓',
      '1 s ago  open a path over key_GyGKxMyg…  310 ms  ✗ The peer is away. (OFFLINE)',
      '1 s ago  handshake directly                0 ms  ✓',
    ])
  })

  it.each<[Partial<Explanation>, string]>([
    [{ record: 'absent' }, 'record        none: no server knows this key'],
    [{ record: 'noAnswer' }, 'record        not known: no server has answered'],
    [{ record: 'revoked' }, 'record        revoked by its holder'],
    [{ homes: [] }, 'attached to   no server that is known'],
    [{ servers: [] }, 'your servers  none'],
    [{ mode: 'private' }, 'mode          private: three nodes or more in between'],
    [
      {
        servers: [
          {
            url: 'wss://one.example',
            state: 'waiting',
            rttMs: 5,
            error: { code: 'UNREACHABLE', message: 'No\tanswer.' },
          },
        ],
      },
      'your servers  wss://one.example waiting: No\\tanswer. (UNREACHABLE)',
    ],
  ])('of %j', (change, line) => expect(textOf(change).split('\n')).toContain(line))

  it('without routes and steps has no empty tables', () => {
    expect(textOf({ routes: [] })).not.toMatch(/Routes|Tried/)
  })
})
