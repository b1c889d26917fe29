// What a chat tells of its connection when its badge is pressed: the way in use and what it costs, what was tried, and
// the modes; a mode that no way is private enough for lets messages wait and says why.

import type { Browser, Locator } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from './fixtures/browsers.ts'
import type { ChatPage } from './fixtures/chat-page.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'

let one: MeshServer
let two: MeshServer
let chromium: Browser

beforeAll(async () => {
  one = await startMeshServer()
  two = await startMeshServer(one.address)
  chromium = await launchBrowser('chromium')
})

afterAll(async () => {
  const outcomes = await Promise.allSettled([chromium, two, one].map(each => each?.close()))
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
})

it('tells the way in use, what was tried, and why no way is private enough', async () => {
  const alice = await closing(openChatPage(chromium, one.url, { hasWebRtc: false }))
  const bob = await closing(openChatPage(chromium, two.url, { hasWebRtc: false }))
  const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
  await alice.dial(bobKey)
  await alice.tell('hello')

  const dialog = await explained(alice)
  await tells(dialog.getByTestId('verdict'), /^Connected through/)
  const inUse = dialog.locator('[data-testid=routes] [data-state=active]')
  await tells(inUse, /in use/)
  await tells(inUse, /Cost \d+/)
  await tells(dialog.getByTestId('steps'), /Done: Handshake over/)
  expect(await dialog.getByTestId('mode-fast').isChecked()).toBe(true)

  await dialog.getByTestId('mode-private').check()
  await tells(
    dialog.getByTestId('verdict'),
    /three relays of different networks.*choose another mode/,
  )
  const places = dialog.getByTestId('private-places')
  await tells(places, /first, one of yours\d+ of \d+ can be used/)
  await tells(places, /in between/)
  await closed(alice, dialog)
  await alice.badgeTells(/^no private path$/)
  await alice.say('not in the open')
  await alice.shows('out', 'not in the open', 'queued')
  await alice.queueTells(/^1 message waits until your peer is reached/)
  await bob.chooseChat(aliceKey)
  expect(await bob.texts('in')).toEqual(['hello'])

  const again = await explained(alice)
  await again.getByTestId('mode-fast').check()
  await tells(again.getByTestId('verdict'), /^Connected through/)
  await closed(alice, again)
  await alice.shows('out', 'not in the open', 'delivered')
  await bob.shows('in', 'not in the open')
})

async function explained({ page }: ChatPage): Promise<Locator> {
  await page.getByTestId('path-badge').click()
  const dialog = page.getByTestId('explanation')
  await dialog.waitFor()
  return dialog
}

async function closed({ page }: ChatPage, dialog: Locator): Promise<void> {
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
}

function tells(element: Locator, words: RegExp): Promise<void> {
  return element.filter({ hasText: words }).waitFor()
}
