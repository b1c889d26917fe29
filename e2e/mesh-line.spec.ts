// Clients that carry each other's words. Three in a line: the ones at its ends, which no direct way leads to, talk through
// the one in the middle, also when every server is gone; and whoever is linked to that one, too, comes to a link of its
// own with one of them, without any server. And clients that all relay: links among them come about by themselves.

import { describe, expect, it } from 'vitest'
import { MESH_LOOK_MS, MESH_OWN_LINKS } from '../shared/wire/limits.ts'
import type { PlaywrightBrowser } from './fixtures/browsers.ts'
import { bothBrowsers } from './fixtures/browsers.ts'
import { closing } from './fixtures/cleanup.ts'
import { startEcho } from './fixtures/echo-program.ts'
import { figure } from './fixtures/figures.ts'
import type { LinedServer } from './fixtures/lined-server.ts'
import { startLinedServer } from './fixtures/lined-server.ts'
import type { MeshPage } from './fixtures/mesh-page.ts'
import { openMeshPage, serveMeshPage } from './fixtures/mesh-page.ts'
import { hasOwnNetwork } from './fixtures/own-network.ts'
import { useTogether } from './fixtures/use-together.ts'
import type { MeshPageOptions } from './pages/mesh.ts'

const RELAY = { bytesPerDay: 100_000_000 }
/** One way: farther than whoever is in the same building. */
const SERVER_DELAY_MS = 50
const A_WHILE = 25

const own = useTogether({ site: serveMeshPage, ...bothBrowsers() })

function startServer(): Promise<LinedServer> {
  return closing(startLinedServer({ scheme: 'ws', delayMs: SERVER_DELAY_MS }))
}

function urlOf({ line }: LinedServer): string {
  return `ws://127.0.0.1:${line.port}`
}

function openPage(
  name: PlaywrightBrowser,
  server: LinedServer,
  options: MeshPageOptions = {},
): Promise<MeshPage> {
  return closing(openMeshPage(own[name], own.site, { servers: [urlOf(server)], ...options }))
}

/** The one in the middle: a page or a program that relays. */
async function startMiddle(what: PlaywrightBrowser | 'node', server: LinedServer): Promise<string> {
  if (what !== 'node') return (await openPage(what, server, { relay: RELAY })).key
  const options = ['--relay-per-day', '100M', '--webrtc', 'local']
  return (await closing(startEcho(urlOf(server), options))).key
}

async function linkTo(page: MeshPage, key: string): Promise<void> {
  await page.send(key, 'hello')
  await page.pathBecomes(key, [])
}

function numbersTo(count: number): string[] {
  return Array.from({ length: count }, (_, number) => String(number))
}

describe.skipIf(!hasOwnNetwork)('a line of three', () => {
  it.each([
    ['chromium', 'firefox', 'chromium', 'firefox'],
    ['chromium', 'node', 'firefox', 'chromium'],
  ] as const)('%s – %s – %s talks on without servers, and %s joins it', async (...kinds) => {
    const server = await startServer()
    const [middle, one, other, late] = await Promise.all([
      startMiddle(kinds[1], server),
      openPage(kinds[0], server),
      openPage(kinds[2], server),
      openPage(kinds[3], server),
    ])
    await Promise.all([one, other, late].map(page => linkTo(page, middle)))

    await one.forbidRtc(true)
    await one.talk(other.key)
    await one.talked(other.key, 1)
    await other.talk(one.key)
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      expect(await from.pathBecomes(to.key, [middle])).toMatchObject({ kind: 'mesh' })
      expect(await from.explain(to.key)).toMatchObject({ active: [middle] })
    }

    await server.kill()
    await Promise.all([one, other, late].map(page => page.becomes('offline')))
    await one.talked(other.key, A_WHILE)
    await other.talked(one.key, A_WHILE)
    const sent = await one.endTalk(other.key)
    const answered = await other.endTalk(one.key)
    expect(await other.textsFrom(one.key)).toEqual(numbersTo(sent))
    expect(await one.textsFrom(other.key)).toEqual(numbersTo(answered))
    expect((await one.links()).map(({ key, kind }) => [key, kind])).toEqual([[middle, 'rtc']])
    expect((await one.explain(other.key)).direct).not.toMatch(/open/)

    await late.talk(other.key)
    await late.talked(other.key, 1)
    expect((await late.paths(other.key))[0]).toMatchObject({ kind: 'mesh', hops: [middle] })
    const direct = await late.pathBecomes(other.key, [])
    expect(direct.candidates?.protocol).toBe('udp')
    await other.pathBecomes(late.key, [])
    await late.talked(other.key, A_WHILE)
    await other.send(late.key, 'welcome')
    const said = await late.endTalk(other.key)
    expect(await other.textsFrom(late.key)).toEqual(numbersTo(said))
    expect(await late.textsFrom(other.key)).toEqual(['welcome'])
  })
})

describe.skipIf(!hasOwnNetwork)('clients that relay', () => {
  it(
    'link to each other by themselves, and no application hears of it',
    async () => {
      const server = await startServer()
      const kinds = ['chromium', 'firefox', 'chromium', 'firefox'] as const
      const pages = await Promise.all(kinds.map(kind => openPage(kind, server, { relay: RELAY })))
      const startedAt = performance.now()
      await Promise.all(pages.map(page => page.hasRtcLinks(MESH_OWN_LINKS)))
      figure('mesh links of four', { 'two each, ms': Math.round(performance.now() - startedAt) })
      for (const page of pages) expect(await page.report()).toEqual({ peers: [], shown: [] })

      await server.kill()
      await Promise.all(pages.map(page => page.becomes('offline')))
      for (const [at, { key }] of pages.entries()) {
        const next = pages[(at + 1) % pages.length]
        await next?.send(key, 'hello')
        await next?.pathBecomes(key, [])
      }
      for (const page of pages) expect((await page.report()).shown).toHaveLength(1)
    },
    2 * MESH_LOOK_MS + 60_000,
  )
})
