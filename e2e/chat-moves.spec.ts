// Two people chat in browsers when the server that their pages came from, and their words go over, is killed: another
// server takes over, which they learned of from it. Nothing is lost, and the pages say how they are connected.

import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from './fixtures/browsers.ts'
import type { ChatPage } from './fixtures/chat-page.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import type { LinedServer } from './fixtures/lined-server.ts'
import { startLinedServer } from './fixtures/lined-server.ts'

/** So much farther away than the first server that its path is told from theirs by the round trip. */
const FAR_MS = 40
/** From one page to the other and back, over a server that is far from both. */
const FAR_ROUND_TRIP_MS = 4 * FAR_MS
const LINES = 30
const KILLED_AT_LINE = 10

let near: LinedServer
let far: readonly LinedServer[]
let chromium: Browser
let firefox: Browser

beforeAll(async () => {
  near = await startLinedServer({ scheme: 'ws' })
  const options = { scheme: 'ws', seed: near.address, delayMs: FAR_MS } as const
  far = await Promise.all([startLinedServer(options), startLinedServer(options)])
  chromium = await launchBrowser('chromium')
  firefox = await launchBrowser('firefox')
})

afterAll(async () => {
  const closings = [chromium, firefox, ...(far ?? []), near].map(each => each?.close())
  const outcomes = await Promise.allSettled(closings)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
})

it('a chat goes on when its server is killed', async () => {
  const alice = await closing(openChatPage(chromium, near.url, { hasWebRtc: false }))
  const bob = await closing(openChatPage(firefox, near.url, { hasWebRtc: false }))
  const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
  for (const page of [alice, bob]) await page.statusTells(/ and 1 more/)
  await alice.dial(bobKey)
  await alice.tell('hello')
  await bob.chooseChat(aliceKey)
  await bob.tell('hello to you')
  expect(roundTripMs(await alice.measuredBadge())).toBeLessThan(FAR_ROUND_TRIP_MS)
  const shown = [await alice.watchStatus(), await bob.watchStatus()]

  const numbers = Array.from({ length: LINES }, (_, at) => at + 1)
  for (const number of numbers) {
    await Promise.all([alice.say(`alice ${number}`), bob.say(`bob ${number}`)])
    if (number === KILLED_AT_LINE) await near.kill()
  }
  for (const number of numbers) {
    await alice.shows('out', `alice ${number}`, 'delivered')
    await bob.shows('out', `bob ${number}`, 'delivered')
  }
  expect(await bob.texts('in')).toEqual(['hello', ...numbers.map(number => `alice ${number}`)])
  expect(await alice.texts('in')).toEqual([
    'hello to you',
    ...numbers.map(number => `bob ${number}`),
  ])

  await pathIsFar(alice)
  await pathIsFar(bob)
  const gone = new URL(near.url).host
  for (const page of [alice, bob]) {
    expect(await page.statusTells(new RegExp(`^Online via (?!${gone})`))).not.toContain(gone)
  }
  for (const page of [alice, bob]) expect(await page.overflowPx()).toBe(0)
  // They were attached to another server all the while, so nobody was told anything else.
  for (const states of shown) expect(await states()).toEqual(['online'])

  await near.startAgain()
  await alice.tell('the first one is back')
  await bob.shows('in', 'the first one is back')
})

async function pathIsFar(page: ChatPage): Promise<void> {
  expect(roundTripMs(await page.measuredBadge())).toBeGreaterThanOrEqual(FAR_ROUND_TRIP_MS)
}

/** Of `relay · 1 hop · 12 ms`, of two hops where they learned of different servers, or of the path that the peer opened. */
function roundTripMs(badge: string): number {
  const [, ms] = /^relay · (?:1 hop|2 hops|peer’s path) · (?:< )?(\d+) ms$/.exec(badge) ?? []
  if (ms === undefined) throw new Error(`the badge says ${badge}`)
  return Number(ms)
}
