import { describe, expect, it } from 'vitest'
import type { Explanation } from '../client/node.ts'
import {
  ANN,
  explanationOf,
  ME,
  OTHER_SERVER,
  routeOf,
  SERVER,
} from '../client/testing/explanations.ts'
import { explanationText } from './explanation-text.ts'
import { shortKey } from './output.ts'
import { styleFor } from './style.ts'

const PLAIN = styleFor({}, {})
const NOW_MS = 61_000
const offline = { code: 'OFFLINE', message: 'The peer is away.' } as const

const NAMES = new Map([
  [SERVER, 'one.example'],
  [OTHER_SERVER, 'two.example'],
])
const ASKER = { key: ME, isNew: false }

const textOf = (change: Partial<Explanation>, { asker = ASKER, names = NAMES } = {}): string =>
  explanationText(explanationOf(change), { asker, names, nowMs: NOW_MS, style: PLAIN })

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
      `asked as      ${ME}`,
      'mode          fast: the best path, direct where that can be',
      'record        found, signed 60 s ago',
      `attached to   ${SERVER} one.example`,
      `              ${OTHER_SERVER} two.example`,
      'your servers  wss://one.example key_GyGKxMyg… online, 12 ms',
      'direct        not from here: this machine has no WebRTC',
      '',
      'Routes, by cost:',
      '   through      state   hops  latency  reliable  speed  cost',
      '1  one.example  failed     1   ~24 ms      90 %      –    39',
      '    cost 39 ms = 24 for latency + 10 for hops + 5 for reliability',
      '    The peer is away. (OFFLINE)',
      '~ not measured as a whole: the sum of what is known and assumed of its links',
      '',
      'Tried:',
      '   when  step                            took  outcome',
      '2 s ago  look up the record             12 ms  ✓',
      '1 s ago  open a path over one.example  310 ms  ✗ The peer is away. (OFFLINE)',
      '1 s ago  handshake directly              0 ms  ✓',
    ])
  })

  it.each<[Partial<Explanation>, string]>([
    [{ record: 'absent' }, 'record        none: no server knows this key'],
    [{ record: 'noAnswer' }, 'record        not known: no server has answered'],
    [{ record: 'revoked' }, 'record        revoked by its holder'],
    [{ homes: [] }, 'attached to   no server that is known'],
    [{ homes: [], type: 'server' }, 'attached to   nobody: it is a server itself'],
    [{ servers: [] }, 'your servers  none'],
    [{ direct: { state: 'open' } }, 'direct        connected'],
    [
      { direct: { state: 'waiting', reason: 'unreachable', retryAt: 66_000 } },
      'direct        no direct way was found between the two networks, again in 5 s',
    ],
    [{ direct: { state: 'idle', reason: 'unsupported' } }, 'direct        the peer has no WebRTC'],
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

  it("tells that it was asked under a key that is nobody's", () => {
    const text = textOf({}, { asker: { key: ME, isNew: true } })
    expect(text).toContain(`\nasked as      ${ME} (new)\n`)
  })

  it('says which route is in use', () => {
    expect(textOf({ routes: [routeOf({ state: 'active' })] })).toContain(
      '\nRoutes, the one in use first, then by cost:\n',
    )
  })

  it('names the keys of nodes that are neither ours nor of the key', () => {
    const text = textOf({ routes: [routeOf({ hops: [SERVER, OTHER_SERVER] })] })
    expect(text).toContain(`\non the way    ${OTHER_SERVER} two.example\n`)
    expect(text).not.toContain(`on the way    ${SERVER}`)
    expect(textOf({})).not.toContain('on the way')
  })

  it('in mode private tells who could stand where, and what is against the others', () => {
    const shared = '203.0.0.0/16'
    const text = textOf({
      mode: 'private',
      routes: [],
      privatePath: {
        missing: 'network',
        places: [
          {
            place: 'guard',
            candidates: 1,
            usable: 0,
            setAside: [{ key: SERVER, reason: 'network', shared, with: OTHER_SERVER }],
          },
          { place: 'middle', candidates: 0, usable: 0, setAside: [] },
          {
            place: 'last',
            candidates: 12,
            usable: 1,
            setAside: [{ key: ME, reason: 'operator', shared: 'a\tb', with: SERVER }],
          },
        ],
      },
    })
    expect(text.split('\n').slice(-8)).toEqual([
      'Nodes for a private path:',
      'place                    relays  usable',
      'first, one of yours           1       0',
      '    one.example is in 203.0.0.0/16, like two.example',
      'in between                    0       0',
      'last, one of the peer’s      12       1',
      `    ${shortKey(ME)} is run by “a\\tb”, like one.example`,
      '    and 10 more',
    ])
  })

  it('in mode private counts the relays where there are too few for three places', () => {
    const places = (['guard', 'middle', 'last'] as const).map(place => ({
      place,
      candidates: 1,
      usable: 0,
      setAside: [{ key: SERVER, reason: 'taken' }] as const,
    }))
    const text = textOf({
      mode: 'private',
      routes: [],
      privatePath: { missing: 'onlyOne', places },
    })
    expect(text.split('\n').slice(-5)).toEqual([
      'place                    relays  usable',
      'first, one of yours           1       0',
      'in between                    1       0',
      'last, one of the peer’s       1       0',
      'Only one relay can be used; three are needed, one for each place.',
    ])
  })

  it('without routes and steps has no empty tables', () => {
    expect(textOf({ routes: [] })).not.toMatch(/Routes|Tried/)
  })
})
