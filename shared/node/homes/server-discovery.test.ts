import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { originOf, parseServerUrl } from '../address/server-url.ts'
import { forged, identityOf, NET, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { HeardServer } from './heard-servers.ts'
import { serversInSample } from './server-discovery.ts'

const server = identityOf(1)
const cert = new Uint8Array(32).fill(3)
const PUBLIC = 'wss://one.example'

function sampled(
  source: string,
  sample: readonly Uint8Array[],
  acceptsPinnedKeys = true,
): HeardServer[] {
  const config = { suite: nodeSuite, random: seededRandom(1), net: NET, acceptsPinnedKeys }
  return [...serversInSample(config, START_UNIX_MS, parseServerUrl(source), sample)]
}

function record(endpoints: NodeRecord['endpoints'], number = 1): Uint8Array {
  return recordOf(identityOf(number), { type: 'server', endpoints }).bytes
}

/** The address that is tried, with a `?` where it is somebody else's word. */
function learned(source: string, url: string, acceptsPinnedKeys = true): string | undefined {
  const [found] = sampled(source, [record([{ url }])], acceptsPinnedKeys)
  return found && originOf(found.url) + (found.isUntrusted ? '?' : '')
}

describe('servers of a sample', () => {
  it('are held to the key of their record', () => {
    const [found] = sampled(PUBLIC, [record([{ url: 'wss://two.example' }])])
    expect(found?.url.key).toEqual(server.publicKey)
  })

  it('come in random order, each of them', () => {
    const sample = Array.from({ length: 12 }, (_, i) => record([{ url: `wss://s${i}.example` }], i))
    const hosts = sampled(PUBLIC, sample).map(({ url }) => url.host)
    const inOrder = sample.map((_, i) => `s${i}.example`)
    expect(hosts).not.toEqual(inOrder)
    expect(hosts.toSorted()).toEqual(inOrder.toSorted())
  })

  it.each([
    ['forged', forged(recordOf(server, { type: 'server', endpoints: [{ url: PUBLIC }] }))],
    ['of another network', recordOf(server, { type: 'server', net: NET.map(() => 1) }).bytes],
    ['of a client', recordOf(server).bytes],
    ['damaged', new Uint8Array(50)],
    [
      'expired',
      recordOf(server, { type: 'server', endpoints: [{ url: PUBLIC }], seenMs: 1 }).bytes,
    ],
  ])('are none when the record is %s', (_name, bytes) => {
    expect(sampled(PUBLIC, [bytes])).toEqual([])
  })

  it('are tried at the first address that will do', () => {
    const endpoints = [
      { url: 'ws://plain.example' },
      { url: 'wss://one.example/path' },
      { url: 'wss://pinned.example', cert },
      { url: 'wss://two.example' },
    ]
    const hosts = (accepts: boolean) =>
      sampled(PUBLIC, [record(endpoints)], accepts).map(({ url }) => url.host)
    expect(hosts(true)).toEqual(['pinned.example'])
    expect(hosts(false)).toEqual(['two.example'])
  })

  it.each([
    // What a server far away says of places near us is not tried, and the host checks the rest.
    [PUBLIC, 'wss://two.example', 'wss://two.example?'],
    [PUBLIC, 'wss://192.168.1.1', undefined],
    [PUBLIC, 'wss://localhost:8443', undefined],
    [PUBLIC, 'ws://localhost:8080', undefined],
    ['wss://10.0.0.1', 'wss://two.example', 'wss://two.example?'],
    ['wss://10.0.0.1', 'wss://192.168.1.1', 'wss://192.168.1.1'],
    ['wss://10.0.0.1', 'ws://192.168.1.1', undefined],
    ['wss://10.0.0.1', 'wss://127.0.0.1', undefined],
    ['ws://localhost:8080', 'wss://two.example', 'wss://two.example?'],
    ['ws://localhost:8080', 'wss://192.168.1.1', 'wss://192.168.1.1'],
    ['ws://localhost:8080', 'ws://127.0.0.1:8081', 'ws://127.0.0.1:8081'],
  ])('%s tells of %s: tried is %s', (source, url, expected) => {
    expect(learned(source, url)).toBe(expected)
  })
})
