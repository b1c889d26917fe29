// The order of the ways to a peer.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { Surroundings } from './ways.ts'
import { foreignHomes, waysTo } from './ways.ts'

const BOB = 'bob' as KeyId

function around(fields: {
  entries?: string[]
  homes?: string[]
  hasDirectLink?: boolean
  isServer?: boolean
}): Surroundings {
  const { entries = [], homes = [], hasDirectLink = false, isServer = false } = fields
  return { entries: entries as KeyId[], homes: homes as KeyId[], hasDirectLink, isServer }
}

/** `-` for a direct link. */
function names(fields: Parameters<typeof around>[0]): string[] {
  return waysTo(BOB, around(fields)).map(relays => relays.join('>') || '-')
}

describe('ways to a peer', () => {
  it('are first direct, then over shared servers, then over two servers, our best first', () => {
    const fields = { entries: ['a', 'b', 'c'], homes: ['x', 'c', 'b'], hasDirectLink: true }
    expect(names(fields)).toEqual(['-', 'b', 'c', 'a>x', 'b>x', 'c>x'])
  })

  it('over two servers change both with each try, and leave no pair out', () => {
    expect(names({ entries: ['a', 'b'], homes: ['x', 'y', 'z'] })).toEqual([
      'a>x',
      'b>y',
      'a>y',
      'b>z',
      'a>z',
      'b>x',
    ])
    for (const [entries, homes] of [
      [1, 8],
      [3, 1],
      [3, 2],
      [3, 3],
      [2, 7],
    ] as const) {
      const ways = names({
        entries: Array.from({ length: entries }, (_, n) => `a${n}`),
        homes: Array.from({ length: homes }, (_, n) => `x${n}`),
      })
      expect(new Set(ways).size).toBe(entries * homes)
      expect(ways).toHaveLength(entries * homes)
    }
  })

  it('go over a server of the peer that is ours directly, never by way of another', () => {
    expect(names({ entries: ['a', 'b'], homes: ['a', 'b'] })).toEqual(['a', 'b'])
  })

  it('to a server go over any server of ours, which dials it', () => {
    expect(names({ entries: ['a', 'b'], isServer: true })).toEqual(['a', 'b'])
    const ours = { entries: ['bob', 'a'], isServer: true, hasDirectLink: true }
    expect(names(ours)).toEqual(['-', 'a'])
  })

  it('never go over the peer itself, nor over one server twice', () => {
    expect(names({ entries: ['a'], homes: ['bob', 'x', 'x'] })).toEqual(['a>x'])
    expect(names({ entries: ['bob'], homes: ['x'] })).toEqual([])
    expect(names({})).toEqual([])
  })
})

describe('servers of the peer that are not ours', () => {
  it('are named once and without the peer', () => {
    const fields = { entries: ['a'], homes: ['x', 'a', 'bob', 'y', 'x'] }
    expect(foreignHomes(BOB, around(fields))).toEqual(['x', 'y'])
  })
})
