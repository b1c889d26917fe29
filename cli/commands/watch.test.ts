import { describe, expect, it } from 'vitest'
import type { Presence, RecordView } from '../../client/node.ts'
import { styleFor } from '../style.ts'
import { presenceText } from './watch.ts'

const PLAIN = styleFor({}, {})
const key = 'key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9'
const other = 'key_9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu'

function record(servers: readonly string[], sequence = 1): RecordView {
  const base = { key, type: 'client', lastSeen: 0, endpoints: [], metadata: {} } as const
  return { ...base, servers, sequence }
}

function online(...servers: readonly string[]): Presence {
  return { key, state: 'online', record: record(servers) }
}

describe('the line of a change', () => {
  it.each<[string, Presence, Presence | undefined, string]>([
    ['the first news', online(other), undefined, 'online at key_9hSR6S7W…'],
    ['news without servers', online(), undefined, 'online'],
    ['coming back', online(other), { key, state: 'offline' }, 'online at key_9hSR6S7W…'],
    ['going away', { key, state: 'offline' }, online(other), 'offline'],
    ['moving', online(key, other), online(other), 'moved at key_AKnL4NNf…, key_9hSR6S7W…'],
    ['a new record', { ...online(other) }, online(other), 'has a new record'],
    ['a key nobody knows', { key, state: 'unknown' }, undefined, 'unknown'],
    [
      'a key nobody can tell of',
      { key, state: 'unknown', record: record([]) },
      undefined,
      'unknown: no server can say',
    ],
    ['a revocation', { key, state: 'revoked' }, online(other), 'revoked'],
    [
      'a revocation with its successor, whole',
      { key, state: 'revoked', successor: other },
      online(other),
      `revoked; its successor is ${other}`,
    ],
  ])('tells of %s', (_name, presence, before, text) => {
    expect(presenceText(presence, before, 0, PLAIN)).toBe(
      `1970-01-01T00:00:00.000Z key_AKnL4NNf… ${text}`,
    )
  })
})
