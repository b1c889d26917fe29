// A server process is killed and started again: everybody comes back without being asked, what was written
// meanwhile arrives once and in order, and the page never claims otherwise.

import { expect, it } from 'vitest'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { useWorld } from './fixtures/world.ts'

const world = useWorld()

it('a killed server heals', async () => {
  const { server, browsers } = world
  const alice = await closing(openChatPage(browsers.chromium, server.url, { hasWebRtc: false }))
  const bob = await closing(openChatPage(browsers.firefox, server.url, { hasWebRtc: false }))
  const program = await closing(startMeshPeer([server.url]))
  const [aliceKey, bobKey] = [await alice.online(), await bob.online()]
  await program.node.send(aliceKey, 'program before')
  await alice.dial(bobKey)
  await alice.tell('alice before')
  await bob.chooseChat(aliceKey)
  await bob.tell('bob before')
  await alice.shows('in', 'bob before')

  await server.kill()
  for (const page of [alice, bob]) expect(await page.status('offline')).toMatch(/^Offline.*Trying/)
  await program.became('offline')
  const lines = ['alice while down', 'alice while still down', 'alice at last']
  for (const line of lines) {
    await alice.say(line)
    await alice.shows('out', line, 'queued')
  }
  await bob.say('bob while down')
  const receipts = [
    program.node.send(aliceKey, 'program while down'),
    program.node.send(aliceKey, 'program while still down'),
  ]
  expect(await bob.texts('in')).toEqual(['alice before'])

  await server.startAgain()
  for (const page of [alice, bob]) expect(await page.status('online')).toMatch(/^Online/)
  await program.became('online')
  for (const line of lines) await alice.shows('out', line, 'delivered')
  await bob.shows('out', 'bob while down', 'delivered')
  for (const { status } of await Promise.all(receipts)) expect(status).toBe('delivered')

  await alice.tell('alice after')
  await bob.tell('bob after')
  await alice.shows('in', 'bob after')
  await bob.shows('in', 'alice after')
  expect(await bob.texts('in')).toEqual(['alice before', ...lines, 'alice after'])
  expect(await alice.texts('in')).toEqual(['bob before', 'bob while down', 'bob after'])
  for (const page of [alice, bob]) expect(await page.pathBadge()).toMatch(/^relay/)

  await alice.chooseChat(program.key)
  await alice.tell('still there?')
  await program.heard(aliceKey, 'still there?')
  expect(await alice.texts('in')).toEqual([
    'program before',
    'program while down',
    'program while still down',
  ])
})
