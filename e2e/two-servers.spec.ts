// Two browsers, each attached to a server of its own: the servers are one network, so each finds the other by key,
// and what they write goes over both servers. They know nothing but the server that their page came from.

import type { Browser } from 'playwright'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from './fixtures/browsers.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'

const OVER_TWO = /^relay · 2 hops/
let one: MeshServer
let two: MeshServer
let chromium: Browser
let firefox: Browser

beforeAll(async () => {
  one = await startMeshServer()
  two = await startMeshServer(one.address)
  chromium = await launchBrowser('chromium')
  firefox = await launchBrowser('firefox')
})

afterAll(async () => {
  const closings = [chromium, firefox, two, one].map(each => each?.close())
  const outcomes = await Promise.allSettled(closings)
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
})

it('talk, though their servers are two', async () => {
  const alice = await closing(openChatPage(chromium, one.url, { hasWebRtc: false }))
  const bob = await closing(openChatPage(firefox, two.url, { hasWebRtc: false }))
  const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
  await alice.dial(bobKey)
  await alice.chatIsOpen(bobKey)
  await alice.tell('hello from the other server')
  await bob.chooseChat(aliceKey)
  await bob.shows('in', 'hello from the other server')
  await bob.tell('and hello back')
  await alice.shows('in', 'and hello back')
  expect(await alice.pathBadge()).toMatch(OVER_TWO)
})

it('find each other again after both servers were killed', async () => {
  const alice = await closing(openChatPage(chromium, one.url, { hasWebRtc: false }))
  const bob = await closing(openChatPage(firefox, two.url, { hasWebRtc: false }))
  const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
  await alice.dial(bobKey)
  await alice.tell('before')
  await bob.chooseChat(aliceKey)
  await Promise.all([one.kill(), two.kill()])
  await alice.status('offline')
  await alice.say('while both were down')
  await Promise.all([one.startAgain(), two.startAgain()])
  await bob.shows('in', 'while both were down')
})
