import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { LAN_RELAY_LINKS, LAN_RELAY_RETRY_MS } from '../../wire/limits.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import type { Neighbour } from './neighbour.ts'
import { RelayLinks } from './relay-links.ts'

let links: RelayLinks
let linked: Set<KeyId>

beforeEach(() => {
  links = new RelayLinks()
  linked = new Set()
})

function neighbour(number: number, relay = 1, type: Neighbour['type'] = 'client'): Neighbour {
  const identity = identityOf(number)
  const { keyId: key, publicKey } = identity
  const url = { scheme: 'wss', host: `192.168.1.${number}`, port: 4_000, key: publicKey } as const
  return { key, type, url, record: recordOf(identity, { relay }) }
}

const relays = (count: number): Neighbour[] =>
  Array.from({ length: count }, (_, i) => neighbour(1 + i))

function due(now: number, neighbours: readonly Neighbour[]): Neighbour[] {
  return links.due(now, neighbours, key => linked.has(key))
}

describe('links to neighbours that relay', () => {
  it.each([
    [1, 1],
    [LAN_RELAY_LINKS, LAN_RELAY_LINKS],
    [LAN_RELAY_LINKS + 1, LAN_RELAY_LINKS],
  ])('of %i are wanted to %i', (count, wanted) => {
    expect(due(0, relays(count))).toEqual(relays(count).slice(0, wanted))
  })

  it('are wanted no more once there are enough, and again when one is gone', () => {
    const known = relays(LAN_RELAY_LINKS + 1)
    for (const { key } of known.slice(1)) linked.add(key)
    expect(due(0, known)).toEqual([])
    linked.delete(known[1]?.key as KeyId)
    links.lost(0, known[1]?.key as KeyId)
    expect(due(0, known)).toEqual([known[0]])
  })

  it('are wanted of no server, of no client that does not relay, and of none without a record', () => {
    const silent: Neighbour = { ...neighbour(3), record: undefined }
    expect(due(0, [neighbour(1, 0), neighbour(2, 1, 'server'), silent])).toEqual([])
    expect(links.nextTimeout()).toBeUndefined()
  })

  it('that failed are tried again after a while', () => {
    const [one] = relays(1) as [Neighbour]
    links.lost(500, one.key)
    expect(due(500 + LAN_RELAY_RETRY_MS - 1, [one])).toEqual([])
    expect(links.nextTimeout()).toBe(500 + LAN_RELAY_RETRY_MS)
    expect(due(500 + LAN_RELAY_RETRY_MS, [one])).toEqual([one])
    expect(links.nextTimeout()).toBeUndefined()
  })

  it('that failed make way for others', () => {
    const known = relays(LAN_RELAY_LINKS + 2)
    for (const { key } of known.slice(0, LAN_RELAY_LINKS)) links.lost(0, key)
    expect(due(1, known)).toEqual(known.slice(LAN_RELAY_LINKS))
    for (const { key } of known.slice(LAN_RELAY_LINKS)) linked.add(key)
    expect(due(1, known)).toEqual([])
    expect(links.nextTimeout()).toBeUndefined()
  })

  it('are not waited for after the end', () => {
    const [one] = relays(1) as [Neighbour]
    links.lost(0, one.key)
    due(1, [one])
    links.stop()
    expect(links.nextTimeout()).toBeUndefined()
  })
})
