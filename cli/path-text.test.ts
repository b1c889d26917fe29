import { describe, expect, it } from 'vitest'
import { OTHER_SERVER, routeOf, SERVER } from '../client/testing/explanations.ts'
import { isSamePath, pathText } from './path-text.ts'

const { score } = routeOf()

describe('the way to a peer', () => {
  it.each([
    ['direct', { kind: 'direct', hops: [], score }],
    [
      'direct by WebRTC (srflx to host, UDP)',
      {
        kind: 'direct',
        hops: [],
        score,
        candidates: { own: 'srflx', peer: 'host', protocol: 'udp' },
      },
    ],
    ['relay through key_GyGKxMyg…', { kind: 'relay', hops: [SERVER], score }],
    [
      'private through key_GyGKxMyg…, key_EdmxWPmx…, key_GyGKxMyg…',
      { kind: 'private', hops: [SERVER, OTHER_SERVER, SERVER], score },
    ],
    [
      'opened by the peer, of which only the last node is known: key_GyGKxMyg…',
      { kind: 'relay', hops: [SERVER] },
    ],
  ] as const)('%s', (text, path) => expect(pathText(path)).toBe(text))

  it.each([
    ['direct (LAN)', 'lan'],
    ['direct (WebRTC)', 'rtc'],
    ['direct (WebSocket)', 'server'],
  ] as const)('%s', (text, link) => {
    expect(pathText({ kind: 'direct', hops: [] }, link)).toBe(text)
  })

  it('is the same whatever its times are', () => {
    const path = { kind: 'relay', hops: [SERVER], since: 0 } as const
    expect(isSamePath(path, { ...path, rttMs: 5, since: 9 })).toBe(true)
    expect(isSamePath(path, { ...path, kind: 'mesh' })).toBe(false)
    expect(isSamePath(path, undefined)).toBe(false)
  })
})
