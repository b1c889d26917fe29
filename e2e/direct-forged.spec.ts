// Servers and others who change what two clients send each other: no changed word is shown to anybody, nobody is let into
// a direct connection, and the session goes on over the servers.

import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { RTC_ATTEMPTS_BURST, RTC_MAX_CANDIDATES } from '../shared/wire/limits.ts'
import type { AlteringLine } from './fixtures/altering-line.ts'
import { startAlteringLine } from './fixtures/altering-line.ts'
import type { PlaywrightBrowser } from './fixtures/browsers.ts'
import { bothBrowsers, PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { closing } from './fixtures/cleanup.ts'
import type { Liar, Lies } from './fixtures/liar.ts'
import { startLiar } from './fixtures/liar.ts'
import { answerWith, BAD_SDPS, noise, offers, offerWithCandidates } from './fixtures/lies.ts'
import type { MeshPage } from './fixtures/mesh-page.ts'
import { openMeshPage, serveMeshPage } from './fixtures/mesh-page.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'
import { hasOwnNetwork } from './fixtures/own-network.ts'
import { openUdpEar } from './fixtures/udp-ear.ts'
import { useTogether } from './fixtures/use-together.ts'
import type { Forgery } from './pages/mesh.ts'
import type { RtcCounts } from './pages/rtc-gate.ts'

const A_WHILE = 25
const MANY = 3_000
/** Of one way, by which others had their turn, too. */
const CHECKS = 3
const REFUSED = /^(waiting|trying), unreachable$/

const own = useTogether({
  server: () => startMeshServer(),
  site: serveMeshPage,
  ...bothBrowsers({ hasPlainAddresses: true }),
})

function openPage(
  name: PlaywrightBrowser,
  servers: readonly string[] = [own.server.url],
  webrtc = true,
): Promise<MeshPage> {
  return closing(openMeshPage(own[name], own.site, { servers, webrtc }))
}

function openBoth(servers: readonly string[], webrtc?: boolean) {
  return Promise.all([openPage('chromium', servers, webrtc), openPage('firefox', servers, webrtc)])
}

/** Not of loopback. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
  const found = all.find(({ internal, family }) => !internal && family === 'IPv4')
  if (found === undefined) throw new Error('no address but loopback')
  return found.address
}

type Talker = Pick<MeshPage, 'key' | 'talk' | 'talked' | 'endTalk' | 'textsFrom'>

/** Both write without a pause until `act` is over, and a while after that: all of it arrives, as it was, once, in order. */
async function talkWhile(one: Talker, other: Talker, act: () => Promise<void>): Promise<void> {
  await one.talk(other.key)
  await one.talked(other.key, 1)
  await other.talk(one.key)
  await act()
  await one.talked(other.key, A_WHILE)
  await other.talked(one.key, A_WHILE)
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    const sent = await from.endTalk(to.key)
    const wanted = Array.from({ length: sent }, (_, number) => String(number))
    expect(await to.textsFrom(from.key)).toEqual(wanted)
  }
}

describe.skipIf(!hasOwnNetwork)('a direct connection', () => {
  it.each<[Forgery, PlaywrightBrowser, PlaywrightBrowser]>([
    ['middle', 'chromium', 'firefox'],
    ['middle', 'firefox', 'chromium'],
    ['fingerprint', 'chromium', 'firefox'],
    ['fingerprint', 'firefox', 'chromium'],
  ])('is not made when descriptions are forged (%s, %s and %s)', async (forgery, ...kinds) => {
    const [one, other] = await Promise.all([openPage(kinds[0]), openPage(kinds[1])])
    await one.forge(forgery)
    await talkWhile(one, other, async () => {
      await one.directBecomes(other.key, REFUSED)
      await other.directBecomes(one.key, REFUSED)
    })
    for (const [page, peer] of [
      [one, other],
      [other, one],
    ] as const) {
      const ways = (await page.paths(peer.key)).flatMap(path => path?.hops.join() ?? [])
      expect(new Set(ways)).toEqual(new Set([own.server.key]))
      expect((await page.links()).map(({ kind }) => kind)).toEqual(['server'])
    }
    const { toPeer, fromPeer } = await one.passedOn()
    if (forgery === 'middle') expect(Math.min(toPeer, fromPeer)).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasOwnNetwork)('a peer that lies about connections', () => {
  /** A page and the liar, who talk with each other while `act` goes on. @returns what the liar had the page do */
  async function talkToLiar(
    name: PlaywrightBrowser,
    lies: Lies,
    act: (page: MeshPage, liar: Liar) => Promise<void>,
  ): Promise<RtcCounts> {
    const page = await openPage(name)
    const before = await page.rtcCounts()
    const liar = await closing(startLiar(own.server.url, page.key, lies))
    await talkWhile(liar, page, () => act(page, liar))
    expect((await page.explain(liar.key)).direct).not.toMatch(/open/)
    expect((await page.links()).map(({ kind }) => kind)).toEqual(['server'])
    const { made, candidates } = await page.rtcCounts()
    return { made: made - before.made, candidates: candidates - before.candidates }
  }

  it.each(PLAYWRIGHT_BROWSERS)('says nothing to %s by noise', async name => {
    const lies = { isOfferer: true, atOnce: [...noise(MANY, 1)] }
    const counts = await talkToLiar(name, lies, async () => {})
    expect(counts).toEqual({ made: 0, candidates: 0 })
  })

  it.each(PLAYWRIGHT_BROWSERS)('has %s refuse its offers', async name => {
    const lies = { isOfferer: true, atOnce: [...offers(BAD_SDPS)] }
    const counts = await talkToLiar(name, lies, (victim, { key }) =>
      victim.directBecomes(key, REFUSED),
    )
    expect(counts.made).toBeGreaterThan(0)
    expect(counts.made).toBeLessThanOrEqual(RTC_ATTEMPTS_BURST)
  })

  it.each(BAD_SDPS.map((sdp, at) => [at, sdp] as const))(
    'is refused its answer %i',
    async (at, sdp) => {
      const name = at % 2 === 0 ? 'chromium' : 'firefox'
      await talkToLiar(name, { isOfferer: false, to: answerWith(sdp) }, (victim, { key }) =>
        victim.directBecomes(key, REFUSED),
      )
    },
  )

  it.each(PLAYWRIGHT_BROWSERS)('has %s read few of many candidates', async name => {
    const atOnce = [...offerWithCandidates(['198.18.0.77 9'], MANY)]
    const counts = await talkToLiar(name, { isOfferer: true, atOnce }, victim =>
      victim.hasTaken(RTC_MAX_CANDIDATES),
    )
    expect(counts).toEqual({ made: 1, candidates: RTC_MAX_CANDIDATES })
  })

  it('does not send a browser to the machine that it runs on', async () => {
    const ownV4 = await closing(openUdpEar('127.0.0.1'))
    const ownV6 = await closing(openUdpEar('::1'))
    const other = await closing(openUdpEar(ownAddress()))
    const named = ownV4.place.replace('127.0.0.1', 'localhost')
    const places = [ownV4.place, ownV6.place, named, other.place]
    const atOnce = [...offerWithCandidates(places, places.length)]
    await talkToLiar('chromium', { isOfferer: true, atOnce }, () => other.hears(CHECKS))
    expect([ownV4.count(), ownV6.count()]).toEqual([0, 0])
  })
})

interface AlteringServer {
  readonly server: MeshServer
  readonly line: AlteringLine
  readonly url: string
}

/** A server node that changes cells, to the eye of whoever is attached to it. */
async function startAlteringServer(seed?: string): Promise<AlteringServer> {
  const line = await closing(startAlteringLine())
  const url = `ws://127.0.0.1:${line.port}`
  const server = await closing(startMeshServer(seed, undefined, { publicUrl: url }))
  line.leadTo(server.port)
  return { server, line, url }
}

describe('a server that changes cells', () => {
  it('breaks circuits and no session', async () => {
    const { line, url } = await startAlteringServer()
    const [one, other] = await openBoth([url], false)
    await talkWhile(one, other, async () => {
      for (const count of [1, 2, 3]) {
        const before = line.alteredCells()
        line.alter(count)
        await one.talked(other.key, A_WHILE)
        expect(line.alteredCells()).toBe(before + count)
      }
    })
  })

  it.skipIf(!hasOwnNetwork)('does not keep two from a direct connection', async () => {
    const { line, url } = await startAlteringServer()
    const [one, other] = await openBoth([url])
    await talkWhile(one, other, async () => {
      line.alter(3)
      await one.pathBecomes(other.key, [])
      await other.pathBecomes(one.key, [])
    })
  })

  it('is left for another one', async () => {
    const first = await startAlteringServer()
    const second = await startAlteringServer(first.server.address)
    const servers = [first, second]
    const urls = servers.map(({ url }) => url)
    const [one, other] = await openBoth(urls, false)
    await talkWhile(one, other, async () => {
      const [hop] = (await one.paths(other.key)).at(-1)?.hops ?? []
      const bad = servers.find(({ server }) => server.key === hop)
      const good = servers.find(({ server }) => server.key !== hop)
      if (bad === undefined || good === undefined) throw new Error('no path over either')
      bad.line.alter(Number.POSITIVE_INFINITY)
      await one.pathBecomes(other.key, [good.server.key])
      await other.pathBecomes(one.key, [good.server.key])
      expect(bad.line.alteredCells()).toBeGreaterThan(0)
    })
  })
})
