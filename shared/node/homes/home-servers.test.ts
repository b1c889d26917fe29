// A client and its servers as one part: who is learned of from a server's greeting, and what peers may rely on.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { LinkId } from '../../link/link-id.ts'
import {
  SAMPLE_INTERVAL_MS,
  SAMPLE_MIN_MS,
  TARGET_ATTACHMENTS,
  WELCOME_MAX_SAMPLE,
} from '../../wire/limits.ts'
import { serversAnswer } from '../../wire/registry-bodies.ts'
import { FakeHomes } from '../testing/fake-homes.ts'
import { forged, identityOf, recordOf } from '../testing/records.ts'

const server = identityOf(20)
const LINK = 1 as LinkId
const DISCOVERY = { acceptsPinnedKeys: true }

/** Records of servers elsewhere. */
function sampleOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const endpoints = [{ url: `wss://s${i}.example` }]
    return recordOf(identityOf(100 + i), { type: 'server', endpoints }).bytes
  })
}

describe('the sample of a server', () => {
  it('gives a client with one server a second one, held to its key', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    fake.open(0, LINK, server, sampleOf(5))
    const dials = fake.of('dial')
    expect(dials.map(({ isUntrusted }) => isUntrusted)).toEqual([false, true])
    const [, second] = dials
    expect(second?.url.host).toMatch(/^s[0-4]\.example$/)
    expect(second?.url.key).toHaveLength(32)
    expect(fake.homes.views(fake.time)).toHaveLength(TARGET_ATTACHMENTS)
  })

  it('names the second one in the record once it is attached', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    fake.open(0, LINK, server, sampleOf(1))
    fake.asked()
    fake.open(1, 2 as LinkId, identityOf(100))
    expect(fake.asked('publish').map(({ link }) => link)).toEqual([1, 2])
  })

  it.each([
    ['a client that has enough', ['wss://one.example', 'wss://two.example'], DISCOVERY],
    ['a client that was told not to', ['wss://one.example'], undefined],
  ])('is no reason to dial for %s', (_name, servers, discovery) => {
    const fake = new FakeHomes(servers, discovery)
    fake.open(0, LINK, server, sampleOf(5))
    expect(fake.of('dial').filter(({ isUntrusted }) => isUntrusted)).toEqual([])
  })

  it('costs no more signature checks than servers are needed, however large it is', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    const verify = countVerify(nodeSuite, () =>
      fake.open(0, LINK, server, sampleOf(WELCOME_MAX_SAMPLE)),
    )
    // The server's own record, the one that is tried, and a reserve.
    expect(verify).toBeGreaterThan(1)
    expect(verify).toBeLessThanOrEqual(2 + TARGET_ATTACHMENTS)
    const more = sampleOf(2 * WELCOME_MAX_SAMPLE).slice(WELCOME_MAX_SAMPLE)
    const again = countVerify(nodeSuite, () => fake.open(1, 2 as LinkId, identityOf(99), more))
    expect(again).toBe(1)
  })

  it('of lies costs nothing but the checks', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    const lies = [forged(recordOf(identityOf(5), { type: 'server' })), new Uint8Array(30)]
    fake.open(0, LINK, server, lies)
    expect(fake.of('dial')).toHaveLength(1)
    expect(fake.of('misbehaved')).toEqual([])
  })
})

describe('servers that a client has heard of', () => {
  const SOON_MS = 1.25 * SAMPLE_INTERVAL_MS

  it('are asked for again now and then, and the newer ones tried when one is lost', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    fake.open(0, LINK, server, sampleOf(3))
    fake.open(1, 2 as LinkId, identityOf(100))
    fake.asked()
    fake.advance(0.75 * SAMPLE_INTERVAL_MS - 1)
    expect(fake.asked('servers')).toEqual([])
    fake.advance(SOON_MS)
    const [asked] = fake.asked('servers')
    expect(asked?.link).toBe(LINK)
    const newer = sampleOf(20).slice(10)
    if (asked !== undefined) fake.answer(asked, serversAnswer(newer))
    fake.close(2 as LinkId)
    expect(fake.of('dial').at(-1)?.url.host).toMatch(/^s1\d\.example$/)
  })

  it('are asked for soon when all have been tried in vain', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    fake.open(0, LINK, server, sampleOf(1))
    fake.open(1, 2 as LinkId, identityOf(100))
    fake.asked()
    fake.close(2 as LinkId)
    fake.advance(SAMPLE_MIN_MS - 1)
    expect(fake.asked('servers')).toEqual([])
    fake.advance(1)
    expect(fake.asked('servers').map(({ link }) => link)).toEqual([LINK])
    fake.advance(SAMPLE_MIN_MS)
    expect(fake.asked('servers')).toEqual([])
  })

  it.each([
    ['a client that was told not to try any', undefined, true],
    ['a client without a server to ask', DISCOVERY, false],
  ])('are not asked for by %s', (_name, discovery, isOnline) => {
    const fake = new FakeHomes(['wss://one.example'], discovery)
    fake.open(0, LINK, server)
    if (!isOnline) fake.close(LINK)
    fake.asked()
    fake.advance(SOON_MS)
    expect(fake.asked('servers')).toEqual([])
  })

  it('cost the server its link when it tells them in a way that makes no sense', () => {
    const fake = new FakeHomes(['wss://one.example'], DISCOVERY)
    fake.open(0, LINK, server)
    fake.asked()
    fake.advance(SOON_MS)
    const [first] = fake.asked('servers')
    if (first !== undefined) fake.refuse(first, 'UNKNOWN_METHOD')
    expect(fake.of('misbehaved')).toEqual([])
    fake.advance(SOON_MS)
    const [second] = fake.asked('servers')
    if (second !== undefined) fake.answer(second, new Map([['servers', 1]]))
    expect(fake.of('misbehaved')).toEqual([{ kind: 'misbehaved', link: LINK }])
  })
})

describe('where to ask from which address we are seen', () => {
  const [one, two, three] = [identityOf(30), identityOf(31), identityOf(32)]
  const links = [1, 2, 3, 4] as LinkId[]
  const [first, second, third] = links as [LinkId, LinkId, LinkId]

  function opened(servers: readonly string[], ...ports: readonly (number | undefined)[]) {
    const fake = new FakeHomes(servers)
    for (const [index, port] of ports.entries()) {
      fake.open(index, links[index] ?? first, identityOf(30 + index), [], undefined, port)
    }
    return fake
  }

  it.each([
    ['wss://one.example', 'stun:one.example:3478'],
    ['ws://localhost:8080', 'stun:localhost:3478'],
    ['ws://127.0.0.1:8080', 'stun:127.0.0.1:3478'],
    ['wss://192.168.1.5:8080', 'stun:192.168.1.5:3478'],
    ['ws://[::1]:8080', 'stun:[::1]:3478'],
    ['wss://[2001:DB8::0:1]:8080', 'stun:[2001:db8::1]:3478'],
  ])('is the host that was dialed: %s', (server, url) => {
    expect(opened([server], 3_478).homes.iceServers()).toEqual([{ urls: [url] }])
  })

  it('is nowhere without an open link to a server that answers', () => {
    const fake = new FakeHomes(['wss://one.example', 'wss://two.example'])
    expect(fake.homes.iceServers()).toEqual([])
    fake.open(0, first, one)
    expect(fake.homes.iceServers()).toEqual([])
    fake.open(1, second, two, [], undefined, 80)
    expect(fake.homes.iceServers()).toEqual([{ urls: ['stun:two.example:80'] }])
    fake.close(second)
    expect(fake.homes.iceServers()).toEqual([])
  })

  it('is not behind an interface that no URL can name', () => {
    const fake = new FakeHomes([])
    const linkLocal = { scheme: 'wss', host: '[fe80::1]', port: 8443, zone: 'eth0' } as const
    fake.homes.learn(linkLocal, { isLan: true })
    fake.open(0, first, one, [], undefined, 8_443)
    expect(fake.homes.iceServers()).toEqual([])
  })

  it('is at two servers at most, the nearest first, each once', () => {
    const servers = ['wss://a.example', 'wss://b.example', 'wss://c.example', 'wss://a.example:444']
    const fake = opened(servers, 1, 2, 3, 1)
    fake.homes.measured(first, 30)
    fake.homes.measured(second, 20)
    fake.homes.measured(third, 10)
    const asked = () => fake.homes.iceServers().flatMap(({ urls }) => urls)
    expect(asked()).toEqual(['stun:c.example:3', 'stun:b.example:2'])
    fake.close(second)
    fake.close(third)
    expect(asked()).toEqual(['stun:a.example:1'])
  })

  it('is at configured servers rather than at learned ones, however near these are', () => {
    const fake = new FakeHomes(['wss://far.example'])
    fake.homes.learn({ scheme: 'wss', host: '10.0.0.1', port: 8_443 }, { isLan: true })
    fake.open(0, first, two, [], undefined, 1)
    fake.open(1, second, three, [], undefined, 2)
    fake.homes.measured(first, 300)
    fake.homes.measured(second, 1)
    const [only] = fake.homes.iceServers()
    expect(only?.urls).toEqual(['stun:far.example:1', 'stun:10.0.0.1:2'])
  })
})

describe('a server of this network', () => {
  it('is dialed without suspicion, another by hearsay is not', () => {
    const fake = new FakeHomes([])
    fake.homes.learn({ scheme: 'wss', host: '10.0.0.1', port: 8443 }, { isLan: true })
    fake.homes.learn({ scheme: 'wss', host: 'far.example', port: 8443 }, { isLan: false })
    expect(fake.of('dial').map(({ url, isUntrusted }) => [url.host, isUntrusted])).toEqual([
      ['10.0.0.1', false],
      ['far.example', true],
    ])
  })
})

describe('for peers', () => {
  it('a server is linked to directly while its link is open, and starts circuits if it shows its record', () => {
    const fake = new FakeHomes(['wss://one.example', 'wss://two.example'])
    fake.open(0, LINK, server)
    fake.open(1, 2 as LinkId, identityOf(21), [], new Uint8Array(3))
    expect(fake.homes.hasDirectLink(server.keyId)).toBe(true)
    expect(fake.homes.hasDirectLink(identityOf(21).keyId)).toBe(true)
    expect(fake.homes.hasDirectLink(identityOf(22).keyId)).toBe(false)
    expect(fake.homes.entries(fake.time).map(({ key }) => key)).toEqual([server.keyId])
    expect(fake.of('misbehaved')).toEqual([{ kind: 'misbehaved', link: 2 }])
    fake.close(LINK)
    expect(fake.homes.hasDirectLink(server.keyId)).toBe(false)
    expect(fake.homes.entries(fake.time)).toEqual([])
  })

  it('a lookup tells its news to whom it was made for', () => {
    const fake = new FakeHomes(['wss://one.example'])
    fake.open(0, LINK, server)
    fake.asked()
    const [bob, home] = [identityOf(2), identityOf(3)]
    const lookup = fake.homes.startLookup(fake.time, home.keyId, bob.keyId)
    expect(fake.of('lookedUp')).toEqual([])
    fake.find(fake.only(), { value: { kind: 'record', bytes: recordOf(home).bytes } })
    expect(fake.of('lookedUp')).toMatchObject([
      { lookup, owner: { kind: 'dial', peer: bob.keyId }, isFinal: true },
    ])
  })
})

/** How often `work` makes a suite verify a signature. */
function countVerify(suite: CryptoSuite, work: () => void): number {
  const original = suite.verify
  let count = 0
  Object.assign(suite, {
    verify: (...args: Parameters<CryptoSuite['verify']>) => {
      count += 1
      return original.apply(suite, args)
    },
  })
  try {
    work()
  } finally {
    Object.assign(suite, { verify: original })
  }
  return count
}
