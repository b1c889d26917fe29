// People reach each other by key: Chromium, Firefox and a Node program, through one server node.

import { describe, expect, it } from 'vitest'
import { PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import type { ChatPage } from './fixtures/chat-page.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'
import { useWorld } from './fixtures/world.ts'

const world = useWorld()
/** The first over the server, and soon past it. */
const CONNECTED = /^(relay · 1 hop|direct)/
/** Of a path that the other side opened it is not known how long it is. */
const DIALED = /^(relay · (peer’s path|1 hop)|direct)/
const OTHER = { chromium: 'firefox', firefox: 'chromium' } as const

describe.each(PLAYWRIGHT_BROWSERS)('%s', name => {
  const open = (address = world.server.url) => closing(openChatPage(world.browsers[name], address))
  const openOther = () => closing(openChatPage(world.browsers[OTHER[name]], world.server.url))

  it('dials the other browser by key; both write and read', async () => {
    const [alice, bob] = [await open(), await openOther()]
    const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
    await alice.dial(bobKey)
    await alice.chatIsOpen(bobKey)
    await alice.tell('hello from over here')
    await bob.chooseChat(aliceKey)
    await bob.shows('in', 'hello from over here')
    await bob.tell('and hello back')
    await alice.shows('in', 'and hello back')
    expect(await alice.pathBadge()).toMatch(CONNECTED)
    expect(await bob.pathBadge()).toMatch(DIALED)
  })

  it('opens the chat of a link', async () => {
    const bob = await openOther()
    const bobKey = await bob.online()
    const link = await bob.shareLink()
    expect(link).toBe(`${world.server.url}/#${bobKey}`)
    const alice = await open(link)
    await alice.chatIsOpen(bobKey)
    await alice.tell('found you')
    await bob.chooseChat(await alice.ownKey())
    await bob.shows('in', 'found you')
  })

  it('says that its link leads nowhere from another device, and what is wrong until the user goes on', async () => {
    const page = await open()
    await page.online()
    await page.page
      .getByTestId('link-hint')
      .filter({ hasText: /on this device only/ })
      .waitFor()
    await page.dial('')
    expect(await page.dialError()).toContain('Nothing was entered')
    await page.page.getByTestId('theme-toggle').click()
    await page.page.getByTestId('dial-error').waitFor({ state: 'detached' })
  })

  it('dials a Node program by link, pasted, and gets its answer', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const page = await open()
    const key = await page.online()
    await page.dial(`${world.server.url}/#${program.key}`)
    await page.tell('are you there?')
    const question = await program.heard(key, 'are you there?')
    const receipt = await question.reply('I am')
    expect(receipt.status).toBe('delivered')
    await page.shows('in', 'I am')
    expect(await page.pathBadge()).toMatch(CONNECTED)
  })

  it('is dialed by a Node program', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const page = await open()
    const peer = await program.node.dial(await page.online())
    expect(peer.path).toMatchObject({ kind: 'relay', hops: [world.server.key] })
    await peer.send('knock knock')
    await page.chooseChat(program.key)
    await page.shows('in', 'knock knock')
    await page.tell('who is there?')
    await program.heard(peer.key, 'who is there?')
  })

  it('keeps key and chats over a reload, and the conversation goes on', async () => {
    const [alice, bob] = [await open(), await openOther()]
    const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
    await alice.dial(bobKey)
    await alice.tell('before')
    await bob.chooseChat(aliceKey)
    await bob.tell('answer before')
    await alice.shows('in', 'answer before')

    await alice.reload()
    expect(await alice.online()).toBe(aliceKey)
    await alice.chatIsOpen(bobKey)
    await alice.shows('out', 'before')
    await alice.shows('in', 'answer before')

    await bob.tell('answer after')
    await alice.shows('in', 'answer after')
    await alice.tell('after')
    await bob.shows('in', 'after')
    expect(await bob.texts('in')).toEqual(['before', 'after'])
    expect(await alice.texts('in')).toEqual(['answer before', 'answer after'])
  })

  it('runs in several tabs at once, with the same chats, and goes on when the first is closed', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const first = await open()
    const key = await first.online()
    const second = await first.openSecondTab()
    expect(await second.online()).toBe(key)
    await program.node.send(key, 'to both tabs')
    for (const tab of [first, second]) {
      await tab.chooseChat(program.key)
      await tab.shows('in', 'to both tabs')
    }
    await first.tell('from the first')
    await second.tell('from the second')
    for (const tab of [first, second]) {
      await tab.shows('out', 'from the first')
      await tab.shows('out', 'from the second')
    }
    for (const number of [1, 2, 3, 4]) await second.say(`on its way ${number}`)
    await first.page.close()
    await second.tell('from the one that is left')
    await program.node.send(key, 'to the one that is left')
    await second.shows('in', 'to the one that is left')
    expect(await second.texts('in')).toEqual(['to both tabs', 'to the one that is left'])
    expect(program.textsFrom(key)).toEqual([
      'from the first',
      'from the second',
      ...[1, 2, 3, 4].map(number => `on its way ${number}`),
      'from the one that is left',
    ])
  })
})

describe('all together', () => {
  it('two browsers and a program on two servers are in one conversation each', async () => {
    const otherServer = await closing(startMeshServer())
    const program = await closing(startMeshPeer([world.server.url, otherServer.url]))
    const chromium = await closing(openChatPage(world.browsers.chromium, world.server.url))
    const firefox = await closing(openChatPage(world.browsers.firefox, otherServer.url))
    const keys = [await chromium.online(), await firefox.online()] as const

    const pages: readonly (readonly [ChatPage, string])[] = [
      [chromium, keys[0]],
      [firefox, keys[1]],
    ]
    for (const [page, key] of pages) {
      await page.dial(program.key)
      await page.tell(`to the program from ${key}`)
      const message = await program.heard(key, `to the program from ${key}`)
      await message.reply('to the browser')
      await page.shows('in', 'to the browser')
      expect(await page.pathBadge()).toMatch(CONNECTED)
    }
    const third = await closing(openChatPage(world.browsers.firefox, world.server.url))
    const thirdKey = await third.online()
    await chromium.dial(thirdKey)
    await chromium.tell('you too')
    await third.chooseChat(keys[0])
    await third.shows('in', 'you too')
    await third.dial(program.key)
    await third.tell('three of us')
    await program.heard(thirdKey, 'three of us')
    expect(program.textsFrom(keys[0])).toEqual([`to the program from ${keys[0]}`])
  })
})
