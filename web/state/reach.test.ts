import { describe, expect, it } from 'vitest'
import type { Path } from '../../client/api.ts'
import { formatRtt, pathBadge, remedyOf } from './reach.ts'

function open(path: Path | undefined) {
  return pathBadge({ kind: 'open', path })
}

describe('pathBadge', () => {
  it.each<[string, Path]>([
    ['direct · 3 ms', { kind: 'direct', hops: [], rttMs: 3.2, since: 0 }],
    ['relay · 1 hop · 12 ms', { kind: 'relay', hops: ['key_a'], rttMs: 11.6, since: 0 }],
    ['relay · 1 hop', { kind: 'relay', hops: ['key_a'], since: 0 }],
    ['mesh · 2 hops · < 1 ms', { kind: 'mesh', hops: ['key_a', 'key_b'], rttMs: 0.3, since: 0 }],
    [
      'private · 3 hops · 90 ms',
      { kind: 'onion', mode: 'private', hops: ['a', 'b', 'c'], rttMs: 90, since: 0 },
    ],
    [
      'relay · 1 hop · 12 ms',
      { kind: 'relay', mode: 'relay', hops: ['key_a'], rttMs: 12, since: 0 },
    ],
    ['onion · 3 hops · 250 ms', { kind: 'onion', hops: ['a', 'b', 'c'], rttMs: 250, since: 0 }],
  ])('%s', (text, path) => {
    const badge = open(path)
    expect(badge.text).toBe(text)
    expect(badge.tone).toBe('good')
    expect(badge.title).toMatch(/^Connected .*\.$/)
  })

  it('without a path, a session or luck', () => {
    expect(open(undefined)).toMatchObject({ tone: 'busy', text: 'finding a path…' })
    expect(pathBadge({ kind: 'dialing' })).toMatchObject({ tone: 'busy', text: 'connecting…' })
    expect(pathBadge(undefined)).toMatchObject({ tone: 'none', text: 'not connected' })
    expect(pathBadge({ kind: 'failed', problem: { sentence: 'No.' } }).text).toBe('not connected')
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
