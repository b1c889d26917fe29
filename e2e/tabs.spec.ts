// Several tabs of one origin are one node: whichever tab runs it, and however that tab ends, what the others send
// arrives, and each message is shown once in every tab.

import type { Browser, BrowserContext, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { bundleSite } from './fixtures/bundle.ts'
import { closing } from './fixtures/cleanup.ts'
import { figure } from './fixtures/figures.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import type { StaticPage } from './fixtures/static-page.ts'
import { serveSite } from './fixtures/static-page.ts'
import { useWorld } from './fixtures/world.ts'
import type { TabControl, TabReport } from './pages/tabs.ts'

const world = useWorld()
const TABS = 4
/** Fewer in Firefox, where each takes longer. */
const KILLS = { chromium: 20, firefox: 4 }
/** Long enough that kills are no more than one a second: a server passes on no more setups to one peer. */
const BURST = 40
const EVERY_MS = 25
const HANDOVER_MS = 1_000
/** On a machine that is busy with something else besides. */
const HANDOVER_MAX_MS = 3 * HANDOVER_MS
/** A leader that says nothing is given this long, before the hand-over begins. */
const SILENCE_MAX_MS = 1_000

declare const window: { readonly tab: TabControl }

let site: StaticPage
beforeAll(async () => {
  site = await serveSite(await bundleSite('tabs.ts'))
})
afterAll(() => site?.close())

class Tab {
  readonly page: Page
  readonly key: string

  constructor(page: Page, key: string) {
    this.page = page
    this.key = key
  }

  report(): Promise<TabReport> {
    return this.page.evaluate(() => window.tab.report())
  }

  settled(): Promise<TabReport> {
    return this.page.evaluate(() => window.tab.settled())
  }

  send(key: string, prefix: string, count = BURST): Promise<void> {
    return this.page.evaluate(
      ([to, text, times, everyMs]) => window.tab.send(to, text, times, everyMs),
      [key, prefix, count, EVERY_MS] as const,
    )
  }

  async shows(text: string): Promise<void> {
    await this.page.waitForFunction(one => window.tab.report().shown.includes(one), text)
  }

  async close(): Promise<void> {
    await this.page.close()
  }
}

async function openContext(browser: Browser) {
  const context = await browser.newContext()
  return { context, close: () => context.close() }
}

async function openTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage()
  await page.goto(site.url)
  await page.waitForFunction(() => document.title === 'ready')
  return new Tab(page, await page.evaluate(url => window.tab.start(url), world.server.url))
}

async function leaderOf(tabs: readonly Tab[]): Promise<Tab> {
  for (;;) {
    const reports = await Promise.all(tabs.map(tab => tab.report()))
    const leaders = tabs.filter((_, at) => reports[at]?.isLeading)
    if (leaders.length === 1 && leaders[0] !== undefined) return leaders[0]
  }
}

/** How many links the server has. */
async function attachments(): Promise<number> {
  return Number((await world.server.health()).links)
}

/** @returns how long no message was confirmed, at most, from just before the hand-over on */
function longestPause(reports: readonly TabReport[], fromMs: number): number {
  const times = reports
    .flatMap(({ delivered }) => delivered.map(([, atMs]) => atMs))
    .filter(atMs => atMs > fromMs - 100)
    .sort((a, b) => a - b)
  const pauses = times.map((atMs, at) => atMs - (times[at - 1] ?? fromMs))
  return Math.max(0, ...pauses)
}

describe.each(PLAYWRIGHT_BROWSERS)('tabs in %s', name => {
  it('talk through one node, and each can do all that a node can', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const before = await attachments()
    const { context } = await closing(openContext(world.browsers[name]))
    const one = await openTab(context)
    const two = await openTab(context)
    expect(two.key).toBe(one.key)
    expect(await attachments()).toBe(before + 1)
    expect(await leaderOf([one, two])).toBe(one)
    await two.page.evaluate(key => window.tab.dial(key), program.key)
    await Promise.all([one.send(program.key, 'one', 3), two.send(program.key, 'two', 3)])
    for (const tab of [one, two]) expect((await tab.settled()).delivered).toHaveLength(3)
    await program.node.send(one.key, 'to all')
    for (const tab of [one, two]) await tab.shows('to all')
    for (const what of ['lookup', 'routes', 'explain'] as const) {
      const ask = ([verb, key]: readonly ['lookup' | 'routes' | 'explain', string]) =>
        window.tab.ask(verb, key)
      const answer = await two.page.evaluate(ask, [what, program.key] as const)
      expect(answer).toContain(program.key)
    }
    expect(await two.page.evaluate(key => window.tab.watch(key), program.key)).toBe('online')
    await two.page.evaluate(() => window.tab.close())
    await one.send(program.key, 'still here', 1)
    expect((await one.settled()).delivered).toHaveLength(4)
    expect(program.textsFrom(one.key)).toHaveLength(7)
  })

  it(`lose and repeat nothing when the one that runs the node ends, ${KILLS[name]} times`, async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const { context } = await closing(openContext(world.browsers[name]))
    let tabs: Tab[] = []
    for (let at = 0; at < TABS; at += 1) tabs.push(await openTab(context))
    const [first] = tabs
    if (first === undefined) throw new Error('no tab')
    await first.send(program.key, 'first', 1)
    const pauses: number[] = []
    for (let kill = 1; kill <= KILLS[name]; kill += 1) {
      const leader = await leaderOf(tabs)
      const others = tabs.filter(tab => tab !== leader)
      const sending = others.map((tab, at) => tab.send(program.key, `${kill}/${at}`))
      void leader.send(program.key, `${kill}/leader`).catch(() => {})
      const answers = others.map((_, at) => program.node.send(leader.key, `answer ${kill}/${at}`))
      await new Promise(resolve => setTimeout(resolve, (BURST * EVERY_MS) / 3))
      const killedAt = Date.now()
      await leader.page.close()
      await Promise.all([...sending, ...answers])
      const reports = await Promise.all(others.map(tab => tab.settled()))
      pauses.push(longestPause(reports, killedAt))
      for (const [at, tab] of others.entries()) {
        await tab.shows(`answer ${kill}/${at}`)
        expect((await tab.report()).failed).toEqual([])
      }
      tabs = [...others, await openTab(context)]
    }
    const came = program.textsFrom(first.key)
    expect(came).toHaveLength(new Set(came).size)
    const wanted = range(KILLS[name]).flatMap(kill =>
      range(TABS - 1).flatMap(at => range(BURST).map(n => `${kill + 1}/${at} ${n}`)),
    )
    expect(wanted.filter(text => !came.includes(text))).toEqual([])
    for (const tab of tabs) {
      const { shown } = await tab.report()
      expect(shown).toHaveLength(new Set(shown).size)
    }
    const { median, most } = toldPauses(`${name}: leader closed`, pauses)
    expect(median).toBeLessThan(HANDOVER_MS)
    expect(most).toBeLessThan(HANDOVER_MAX_MS)
  }, 240_000)
})

describe('in Chromium', () => {
  it.each([
    ['frozen', freeze, 0],
    ['stuck in a loop', hang, SILENCE_MAX_MS],
    ['killed with its process', crash, 0],
  ] as const)('a leader that is %s is replaced', async (how, end, silenceMs) => {
    const program = await closing(startMeshPeer([world.server.url]))
    const { context } = await closing(openContext(world.browsers.chromium))
    const one = await openTab(context)
    const two = await openTab(context)
    expect(await leaderOf([one, two])).toBe(one)
    await two.send(program.key, 'before', 1)
    await two.settled()
    const sending = two.send(program.key, 'after', 50)
    const endedAt = Date.now()
    await end(one.page)
    await two.page.waitForFunction(() => window.tab.report().isLeading)
    await sending
    const report = await two.settled()
    expect(report.failed).toEqual([])
    const pause = longestPause([report], endedAt)
    toldPauses(`chromium: leader ${how}`, [pause])
    expect(pause).toBeLessThan(HANDOVER_MAX_MS + silenceMs)
    if (end !== crash) {
      await one.page.evaluate(() => void document.dispatchEvent(new Event('resume')))
      await one.send(program.key, 'back', 1)
      expect((await one.settled()).isLeading).toBe(false)
      await program.heard(one.key, 'back 0')
    }
    const after = range(50).map(at => `after ${at}`)
    const came = program.textsFrom(one.key).filter(text => text !== 'back 0')
    expect(came).toEqual(['before 0', ...after])
  })
})

/** What a browser does: the page is told, then nothing of it runs. DevTools cannot freeze a page that Playwright shows. */
async function freeze(page: Page): Promise<void> {
  await page.evaluate(() => void document.dispatchEvent(new Event('freeze')))
  await hang(page)
}

async function hang(page: Page): Promise<void> {
  const forever = () => {
    const until = performance.now() + 4_000
    while (performance.now() < until);
  }
  void page.evaluate(forever).catch(() => {})
}

async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  void session.send('Page.crash').catch(() => {})
  await page.waitForEvent('crash')
}

function toldPauses(title: string, pauses: readonly number[]) {
  const sorted = [...pauses].sort((a, b) => a - b)
  const [median = 0, most = 0] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)]
  figure(title, { 'longest time without a receipt, median, ms': median, 'most, ms': most })
  return { median, most }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at)
}
