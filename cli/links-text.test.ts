import { describe, expect, it } from 'vitest'
import type { LinkStats } from '../client/node.ts'
import { ANN, OTHER_SERVER, SERVER } from '../client/testing/explanations.ts'
import { candidatesText, linkLines } from './links-text.ts'
import { styleFor } from './style.ts'

const NAMES = new Map([[SERVER, 'one.example']])
const candidates = { own: 'host', peer: 'srflx', protocol: 'udp' } as const

const LINKS: readonly LinkStats[] = [
  {
    key: SERVER,
    kind: 'server',
    openedBy: 'us',
    since: 1_000,
    rttMs: 11.6,
    sentBytes: 4_711,
    receivedBytes: 3 * 2 ** 20,
  },
  {
    key: OTHER_SERVER,
    kind: 'lan',
    openedBy: 'peer',
    since: 6_000,
    sentBytes: 1,
    receivedBytes: 0,
  },
  {
    key: ANN,
    kind: 'rtc',
    openedBy: 'us',
    since: 4_500,
    sentBytes: 0,
    receivedBytes: 0,
    candidates,
  },
  { key: ANN, kind: 'rtc', openedBy: 'us', since: 5_001, sentBytes: 0, receivedBytes: 0 },
]

describe('links', () => {
  it('are told with their ends, their kind and what went over them', () => {
    const lines = linkLines(LINKS, { names: NAMES, nowMs: 5_000 }, styleFor({}, {}))
    expect(lines).toEqual([
      'to             by                           opened by  open for  round trip     sent  received',
      'one.example    WebSocket                    us              4 s       12 ms  4.6 KiB     3 MiB',
      'key_EdmxWPmx…  WebSocket (LAN)              peer           0 ms           –      1 B       0 B',
      'key_9hSR6S7W…  WebRTC (host to srflx, UDP)  us           500 ms           –      0 B       0 B',
      'key_9hSR6S7W…  WebRTC                       us             0 ms           –      0 B       0 B',
    ])
  })

  it('over TCP say so', () => {
    expect(candidatesText({ ...candidates, peer: 'relay', protocol: 'tcp' })).toBe(
      'host to relay, TCP',
    )
  })
})
