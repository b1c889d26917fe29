import { describe, expect, it } from 'vitest'
import type { Path } from '../../client/api.ts'
import { connectedCount, formatRtt, pathBadge, presenceOf, remedyOf } from './reach.ts'

const score = { total: 27, latency: 12, hops: 10, reliability: 5, throughput: 0 }

function open(path: Path | undefined) {
  return pathBadge({ kind: 'open', path }, { status: 'online' })
}

describe('pathBadge', () => {
  it.each<[string, Omit<Path, 'since'>, RegExp]>([
    ['direct · 3 ms', { kind: 'direct', hops: [], rttMs: 3.2 }, /directly \(3 ms\)\.$/],
    [
      'relay · 1 hop · 12 ms',
      { kind: 'relay', hops: ['a'], rttMs: 11.6, score },
      /a server that cannot read your messages \(1 hop, 12 ms\)\.$/,
    ],
    ['relay · 1 hop · measuring…', { kind: 'relay', hops: ['a'], score }, /\(1 hop\)\.$/],
    ['direct · measuring…', { kind: 'direct', hops: [] }, /directly\.$/],
    [
      'relay · 2 hops · 250 ms',
      { kind: 'relay', hops: ['a', 'b'], rttMs: 250, score },
      /through servers/,
    ],
    [
      'mesh · 2 hops · < 1 ms',
      { kind: 'mesh', hops: ['a', 'b'], rttMs: 0.3, score },
      /through other peers/,
    ],
    [
      'private · 3 hops · 90 ms',
      { kind: 'private', mode: 'private', hops: ['a', 'b', 'c'], rttMs: 90, score },
      /none of which knows both ends \(3 hops, 90 ms\)\.$/,
    ],
    // How long it is only the peer knows.
    [
      'relay · peer’s path · 12 ms',
      { kind: 'relay', hops: ['a'], rttMs: 12 },
      /your peer opened, of which you know the last node only \(12 ms\)\.$/,
    ],
  ])('%s', (text, path, title) => {
    const badge = open({ ...path, since: 0 })
    expect(badge).toMatchObject({ text, tone: 'good' })
    expect(badge.title).toMatch(/^Connected .*\.$/)
    expect(badge.title).toMatch(title)
  })

  it('without a path, a session or luck', () => {
    expect(open(undefined)).toMatchObject({ tone: 'busy', text: 'finding a path…' })
    expect(pathBadge({ kind: 'dialing' })).toMatchObject({ tone: 'busy', text: 'connecting…' })
    expect(pathBadge(undefined)).toMatchObject({ tone: 'none', text: 'not connected' })
    expect(pathBadge({ kind: 'failed', problem: { sentence: 'No.' } }).text).toBe('not connected')
    const problem = { sentence: 'It is away.', label: 'peer is offline' }
    expect(pathBadge({ kind: 'failed', problem })).toMatchObject({
      tone: 'none',
      text: 'peer is offline',
    })
    expect(pathBadge({ kind: 'dialing', problem })).toMatchObject({
      tone: 'busy',
      text: 'peer is offline',
    })
  })

  it('says why there is no path, where that is known', () => {
    const problem = { kind: 'failed', label: 'no private path', sentence: 'No.' } as const
    const pathless = { kind: 'open', path: undefined } as const
    expect(pathBadge(pathless, { status: 'online', problem })).toMatchObject({
      tone: 'busy',
      text: 'no private path',
      title: expect.stringMatching(/messages wait/),
    })
    const offline = { tone: 'none', text: 'no server reached' }
    expect(pathBadge(pathless, { status: 'offline', problem })).toMatchObject(offline)
    expect(pathBadge(undefined, { status: 'offline' })).toMatchObject(offline)
    const again = { kind: 'dialing', problem: { sentence: 'No server is connected.' } } as const
    expect(pathBadge(again, { status: 'offline' })).toMatchObject(offline)
    const direct = { kind: 'direct', hops: [], rttMs: 1, since: 0 } as const
    expect(pathBadge({ kind: 'open', path: direct }, { status: 'offline' }).tone).toBe('good')
  })

  it('says that it is tried, without a server too: a peer may know a way', () => {
    const text = 'connecting…'
    expect(pathBadge({ kind: 'dialing' }, { status: 'online' })).toMatchObject({ text })
    expect(pathBadge({ kind: 'dialing' }, { status: 'offline' })).toMatchObject({ text })
  })

  it('rounds milliseconds', () => {
    expect([0, 0.99, 1, 1.5, 99.4].map(formatRtt)).toEqual([
      '< 1 ms',
      '< 1 ms',
      '1 ms',
      '2 ms',
      '99 ms',
    ])
  })
})

describe('remedyOf', () => {
  const sentence = 'It failed.'

  it.each([
    ['what may pass', {}, { kind: 'redial' }],
    ['a key with a successor', { revoked: { successor: 'key_b' } }, { kind: 'open', key: 'key_b' }],
    ['a key that is gone for good', { revoked: {} }, undefined],
  ])('for %s', (_name, fields, remedy) => {
    expect(remedyOf({ sentence, ...fields })).toEqual(remedy)
  })
})

describe('the dot in the list', () => {
  const path = { kind: 'direct', hops: [], since: 0 } as const

  it.each([
    [{ kind: 'open', path }, 'online', 'reached'],
    [{ kind: 'open', path: undefined }, 'online', 'searching'],
    [{ kind: 'open', path: undefined }, 'connecting', 'searching'],
    [{ kind: 'open', path }, 'offline', 'reached'],
    [{ kind: 'open', path: undefined }, 'offline', 'cut'],
    [{ kind: 'dialing' }, 'online', undefined],
    [undefined, 'offline', undefined],
  ] as const)('of %j while %s is %s', (reach, status, presence) => {
    expect(presenceOf(reach, status)).toBe(presence)
  })
})

it('those are connected that there is a path to', () => {
  const path = { kind: 'direct', hops: [], since: 0 } as const
  expect(connectedCount([])).toBe(0)
  expect(
    connectedCount([
      { kind: 'open', path },
      { kind: 'open', path: undefined },
      { kind: 'dialing' },
      { kind: 'failed', problem: { sentence: 'No.' } },
      { kind: 'open', path },
    ]),
  ).toBe(2)
})
