// A page that was away is back in no time, with nothing lost and nothing twice: frozen by the browser, in the back/forward
// cache, stopped without a word, hidden with its timers held back, without a network, on another one. In two parts, for
// what takes long is not in every run: page-life.spec.ts, page-life.long.ts.

import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { MeshNode, Path } from '../client/node.ts'
import type { BarePage } from './fixtures/bare-page.ts'
import { openBarePage, pageProcesses } from './fixtures/bare-page.ts'
import { launchBrowser } from './fixtures/browsers.ts'
import { bundleSite } from './fixtures/bundle.ts'
import { closing } from './fixtures/cleanup.ts'
import { figure } from './fixtures/figures.ts'
import type { LinedServer } from './fixtures/lined-server.ts'
import { startLinedServer } from './fixtures/lined-server.ts'
import type { MeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { hasOwnNetwork, joinNetwork, leaveNetwork } from './fixtures/own-network.ts'
import type { StaticPage } from './fixtures/static-page.ts'
import { serveSite } from './fixtures/static-page.ts'
import type { LifeControl, LifeReport } from './pages/life.ts'

const BACK_MAX_MS = 2_000
/** Longer than a server (75 s) and a peer wait for a word, and shorter than a session lives without a path (120 s). */
const AWAY_MS = 80_000
const SEND_PAUSE_MS = 50
const OFFLINE_MS = 3_000
const ADDRESS = '198.18.0.1'
const OTHER_ADDRESS = '198.18.0.77'
const TEXTS = ['one', 'two', 'three', 'four', 'five']

declare const window: { readonly life: LifeControl }

let browser: Browser
let server: LinedServer
let site: StaticPage

beforeAll(async () => {
  browser = await launchBrowser('chromium', {
    letsPagesRest: true,
    // Else a hidden page has its timers held back to one a minute only after five minutes.
    args: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'],
  })
  server = await startLinedServer({ scheme: 'ws' })
  site = await serveSite(await bundleSite('life.ts'))
})

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await server?.close()
})

/** A page with a node, and a program that it talks with. */
interface Pair {
  readonly page: BarePage
  readonly key: string
  readonly program: MeshPeer
}

async function meet(kind: Path['kind'], opened = browser): Promise<Pair> {
  const page = await closing(openBarePage(opened, site.url))
  const webrtc = kind === 'direct'
  const options = { webrtc }
  const own = `ws://127.0.0.1:${server.port}`
  const program = await closing(startMeshPeer([own], 'ephemeral', options))
  const lined = `ws://127.0.0.1:${server.line.port}`
  const key = await page.evaluate(
    (url, on) => window.life.start(url, { webrtc: on }),
    lined,
    webrtc,
  )
  await talkUntil({ page, key, program }, kind)
  return { page, key, program }
}

function talkUntil({ page, program }: Pair, kind: Path['kind']): Promise<void> {
  return page.evaluate((peer, wanted) => window.life.talkUntil(peer, wanted), program.key, kind)
}

function report({ page }: Pair): Promise<LifeReport> {
  return page.evaluate(() => window.life.report())
}

/** As an application does that wants its message delivered: under its id until it is. */
async function sendUntilTaken(node: MeshNode, key: string, text: string): Promise<void> {
  const id = crypto.randomUUID().replaceAll('-', '')
  for (;;) {
    const isTaken = await node.send(key, text, { id }).then(
      () => true,
      () => false,
    )
    if (isTaken) return
    await delay(SEND_PAUSE_MS)
  }
}

function sendAll({ program, key }: Pair): Promise<unknown> {
  return Promise.all(TEXTS.map(text => sendUntilTaken(program.node, key, text)))
}

/** Settles when the program knows that the page is not where it was. */
async function losesPath({ program, key }: Pair): Promise<void> {
  const peer = await program.node.dial(key)
  const before = peer.path?.kind
  while (peer.path?.kind === before) {
    await new Promise<void>(resolve => {
      peer.addEventListener('path', () => resolve())
    })
  }
}

/** Writes down how long it took, and holds it against what is promised. */
async function expectBack(title: string, pair: Pair, fromMs: number): Promise<void> {
  const { shown, news } = await report(pair)
  const back: Record<string, number> = {}
  const [first] = shown.filter(([, atMs]) => atMs >= fromMs)
  const last = shown.at(-1)
  if (first !== undefined) back['first message, ms'] = first[1] - fromMs
  if (last !== undefined) back['last message, ms'] = last[1] - fromMs
  for (const what of ['online', 'relay', 'direct']) {
    const came = news.find(([one, atMs]) => one === what && atMs >= fromMs)
    if (came !== undefined) back[`${what}, ms`] = came[1] - fromMs
  }
  figure(title, back)
  expect(shown.map(([text]) => text)).toEqual(TEXTS)
  for (const what of ['last message, ms', 'online, ms']) {
    expect(back[what] ?? 0).toBeLessThan(BACK_MAX_MS)
  }
}

const KIND = hasOwnNetwork ? 'direct' : 'relay'

export function describeBriefAbsence(): void {
  describe('a page that', () => {
    it.each([
      ['is frozen', (page: BarePage) => page.freeze(), (page: BarePage) => page.thaw()],
      [
        'lies in the back/forward cache',
        (page: BarePage) => page.goTo('about:blank'),
        (page: BarePage) => page.goBack(),
      ],
    ])('%s lets go before, and takes everything up again', async (how, rest, wake) => {
      const pair = await meet(KIND)
      const lost = losesPath(pair)
      await rest(pair.page)
      await lost
      const sent = sendAll(pair)
      const from = Date.now()
      await wake(pair.page)
      await pair.page.show()
      await pair.page.until(() => 'life' in window)
      await sent
      await talkUntil(pair, KIND)
      await expectBack(`a page that ${how}`, pair, from)
    })
  })

  describe.skipIf(!hasOwnNetwork)('a page', () => {
    it('is back when its network is', async () => {
      const pair = await meet('relay')
      const { sent } = await loseNetwork(pair)
      const from = Date.now()
      server.line.release()
      await joinNetwork(ADDRESS)
      await sent
      await expectBack('a page whose network comes back', pair, from)
    })

    it('finds out at once what does not work on another network', async () => {
      const pair = await meet('relay')
      const { sent } = await loseNetwork(pair)
      const from = Date.now()
      server.line.forsake()
      await joinNetwork(OTHER_ADDRESS)
      await sent
      await expectBack('a page on another network', pair, from)
    })
  })
}

/** In a minute and a half. */
export function describeLongAbsence(): void {
  describe('a page that', () => {
    it('was away for longer than anybody waits for a word comes back all the same', async () => {
      const stoppable = await closing(launchBrowser('chromium', { letsPagesRest: true }))
      const [frozen, stopped, hidden] = [
        await meet(KIND),
        await meet(KIND, stoppable),
        await meet('relay'),
      ]
      const processes = await pageProcesses(stoppable)
      const signal = (name: NodeJS.Signals): void => {
        for (const id of processes) process.kill(id, name)
      }
      await frozen.page.freeze()
      await hidden.page.hide()
      signal('SIGSTOP')
      onTestFinished(() => signal('SIGCONT'))
      const sent = Promise.all([sendAll(frozen), sendAll(stopped)])
      await delay(AWAY_MS)

      const askedAt = Date.now()
      await sendAll(hidden)
      const { longestTickMs } = await report(hidden)
      const hiddenFigures = { 'timers late by, ms': Math.round(longestTickMs) }
      figure('a hidden page', { 'message, ms': Date.now() - askedAt, ...hiddenFigures })
      expect(longestTickMs).toBeGreaterThan(30_000)
      await expectBack('a hidden page', hidden, askedAt)
      expect((await report(hidden)).news.map(([what]) => what)).not.toContain('offline')

      const from = Date.now()
      signal('SIGCONT')
      await frozen.page.thaw()
      await frozen.page.show()
      await sent
      await expectBack('a page that was frozen for long', frozen, from)
      await expectBack('a page whose process was stopped', stopped, from)
    }, 180_000)
  })
}

/** @returns what settles when all is delivered that the program writes meanwhile */
async function loseNetwork(pair: Pair): Promise<{ readonly sent: Promise<unknown> }> {
  server.line.hold()
  await leaveNetwork()
  onTestFinished(async () => {
    await leaveNetwork()
    await joinNetwork(ADDRESS)
  })
  await pair.page.until(() => !navigator.onLine)
  const sent = sendAll(pair)
  await delay(OFFLINE_MS)
  return { sent }
}
