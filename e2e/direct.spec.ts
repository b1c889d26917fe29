// Two who have each other's key are connected directly on one machine, whatever they are: browsers of two makes, a
// browser and a program. Their words go past the server then, and the page says so; without WebRTC all goes over it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LinkKind } from '../client/node.ts'
import type { PlaywrightBrowser } from './fixtures/browsers.ts'
import { PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { bundleSite } from './fixtures/bundle.ts'
import type { ChatPage, ChatPageOptions } from './fixtures/chat-page.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { startEcho } from './fixtures/echo-program.ts'
import type { MeshEnd } from './fixtures/mesh-end.ts'
import { goesDirectly, openNodeEnd, openPageEnd, rtcLinkTo } from './fixtures/mesh-end.ts'
import { hasOwnNetwork } from './fixtures/own-network.ts'
import type { StaticPage } from './fixtures/static-page.ts'
import { serveSite } from './fixtures/static-page.ts'
import { useWorld } from './fixtures/world.ts'

const DIRECT = /^direct/
const RELAYED = /^relay · 1 hop/
/** What passes the server although data is sent past it: probes of the path that stands by, receipts on their way. */
const STANDS_STILL_BYTES = 32_768
const LINES = 10
const LONG_LINE = 'x'.repeat(8_192)

const world = useWorld()

async function relayedBytes(): Promise<number> {
  return Number((await world.server.health()).relayedBytes)
}

/** Two who have each other's key, and have said hello. @param options of the first */
async function meet(one: PlaywrightBrowser, other: PlaywrightBrowser, options?: ChatPageOptions) {
  const [alice, bob] = await Promise.all([
    closing(openChatPage(world.browsers[one], world.server.url, options)),
    closing(openChatPage(world.browsers[other], world.server.url)),
  ])
  const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
  await alice.dial(bobKey)
  await alice.tell('hello')
  await bob.chooseChat(aliceKey)
  await bob.tell('hello to you')
  return { alice, bob }
}

/** @returns how many bytes the server passed on meanwhile */
async function talk(from: ChatPage): Promise<number> {
  const before = await relayedBytes()
  for (let line = 1; line <= LINES; line++) await from.tell(`${line} ${LONG_LINE}`)
  return (await relayedBytes()) - before
}

describe.skipIf(!hasOwnNetwork)('two browsers', () => {
  it.each([
    ['chromium', 'chromium'],
    ['chromium', 'firefox'],
    ['firefox', 'chromium'],
  ] as const)('%s and %s talk directly', async (one, other) => {
    const { alice, bob } = await meet(one, other)
    await alice.badgeTells(DIRECT)
    await bob.badgeTells(DIRECT)
    expect(await talk(alice)).toBeLessThan(STANDS_STILL_BYTES)
    expect(await talk(bob)).toBeLessThan(STANDS_STILL_BYTES)
  })

  it.each([
    ['chromium', 'firefox'],
    ['firefox', 'chromium'],
  ] as const)('%s without WebRTC and %s talk over the server', async (one, other) => {
    const { alice } = await meet(one, other, { hasWebRtc: false })
    await alice.badgeTells(RELAYED)
    expect(await talk(alice)).toBeGreaterThan(LINES * LONG_LINE.length)
    await alice.badgeTells(RELAYED)
  })
})

it.skipIf(!hasOwnNetwork)('two browsers go on when their only server is gone', async () => {
  const { alice, bob } = await meet('chromium', 'firefox')
  const { server } = world
  for (const page of [alice, bob]) await page.badgeTells(DIRECT)
  await server.kill()
  for (const page of [alice, bob])
    expect(await page.status('offline')).toMatch(/^No server – 1 peer connected/)
  await alice.tell('still there?')
  await bob.tell('still here')
  await alice.shows('in', 'still here')
  for (const page of [alice, bob]) await page.badgeTells(DIRECT)
  await server.startAgain()
  for (const page of [alice, bob]) await page.status('online')
})

it.skipIf(!hasOwnNetwork)(
  'two browsers meet through a program when their server is gone',
  async () => {
    const { server, browsers } = world
    const [middle, alice, bob] = await Promise.all([
      closing(startEcho(server.url, ['--relay-per-day', '100M', '--webrtc', 'local'])),
      closing(openChatPage(browsers.chromium, server.url)),
      closing(openChatPage(browsers.firefox, server.url)),
    ])
    for (const page of [alice, bob]) {
      await page.online()
      await page.dial(middle.key)
      await page.tell('hello')
      await page.badgeTells(DIRECT)
    }
    await server.kill()
    for (const page of [alice, bob]) await page.status('offline')
    await alice.dial(await bob.ownKey())
    await alice.tell('nobody but us')
    await bob.chooseChat(await alice.ownKey())
    await bob.shows('in', 'nobody but us')
    await bob.tell('and it works')
    for (const page of [alice, bob]) await page.badgeTells(DIRECT)
    await server.startAgain()
    for (const page of [alice, bob]) await page.status('online')
  },
)

describe.skipIf(!hasOwnNetwork)('a browser and a program', () => {
  it.each(PLAYWRIGHT_BROWSERS)('%s and keymesh echo talk directly', async name => {
    const [echo, alice] = await Promise.all([
      closing(startEcho(world.server.url, ['--webrtc', 'local'])),
      closing(openChatPage(world.browsers[name], world.server.url)),
    ])
    await alice.online()
    await alice.dial(echo.key)
    await alice.tell('hello')
    await alice.shows('in', 'hello')
    await alice.badgeTells(DIRECT)
    expect(await talk(alice)).toBeLessThan(STANDS_STILL_BYTES)
  })
})

type EndName = PlaywrightBrowser | 'node'
/** What the other side saw of an address may be there before it is told. */
const ON_ONE_MACHINE = /^(?:host|prflx)$/
/** Node knows no names for addresses (mDNS), behind which browsers hide theirs: there STUN, of our server, helps out. */
const WITH_STUN = /^(?:host|prflx|srflx)$/
const PAIRS = [
  ['chromium', 'chromium', ON_ONE_MACHINE],
  ['chromium', 'firefox', ON_ONE_MACHINE],
  ['firefox', 'node', WITH_STUN],
  ['chromium', 'node', WITH_STUN],
] as const

describe.skipIf(!hasOwnNetwork)('statistics', () => {
  let site: StaticPage
  beforeAll(async () => {
    site = await serveSite(await bundleSite('stats.ts'))
  })
  afterAll(() => site?.close())

  const openEnd = (name: EndName): Promise<MeshEnd> =>
    name === 'node'
      ? openNodeEnd(world.server.url)
      : openPageEnd(world.browsers[name], site.url, world.server.url)

  it.each(PAIRS)(
    '%s and %s say how they are connected, and by what their words went',
    async (one, other, expected) => {
      const [alice, bob] = await Promise.all([closing(openEnd(one)), closing(openEnd(other))])
      await alice.say(bob.key, 'hello')
      const links = [await rtcLinkTo(alice, bob.key), await rtcLinkTo(bob, alice.key)] as const
      for (const { kind, candidates } of links) {
        expect(kind).toBe('rtc')
        expect(candidates?.protocol).toBe('udp')
        expect(candidates?.own).toMatch(expected)
        expect(candidates?.peer).toMatch(expected)
      }
      expect(new Set(links.map(({ openedBy }) => openedBy))).toEqual(new Set(['us', 'peer']))
      await goesDirectly(alice, bob.key)
      const [before, relayedBefore] = [await alice.stats(), await relayedBytes()]
      for (let line = 1; line <= LINES; line++) await alice.say(bob.key, LONG_LINE)
      const [after, relayedAfter] = [await alice.stats(), await relayedBytes()]
      const sent = (kind: LinkKind): number =>
        after.totals[kind].sentBytes - before.totals[kind].sentBytes
      expect(sent('rtc')).toBeGreaterThan(LINES * LONG_LINE.length)
      expect(sent('server')).toBeLessThan(STANDS_STILL_BYTES)
      expect(relayedAfter - relayedBefore).toBeLessThan(STANDS_STILL_BYTES)
      const path = after.sessions.find(({ key }) => key === bob.key)?.path
      expect(path).toMatchObject({ kind: 'direct', hops: [], candidates: { protocol: 'udp' } })
    },
  )
})
