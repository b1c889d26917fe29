// Sessions that survive the end of a page or process: what was on its way arrives once, and the peer hears of a
// path that changed.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MeshNode, Receipt } from '../client/node.ts'
import { createNode } from '../client/node.ts'
import { PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { useWorld } from './fixtures/world.ts'

const world = useWorld()
const RELOADS = 5
const BURST = 8

/** How often sessions of `node` with `key` came, changed their path and ended, from now on. */
function watchSessions(node: MeshNode, key: string) {
  const changes = new EventTarget()
  const seen = {
    peers: 0,
    paths: 0,
    ends: 0,
    /** A peer hears of an end a moment after the one who closes. */
    async ended(count: number): Promise<void> {
      while (seen.ends < count) await once(changes, 'end')
    },
  }
  node.addEventListener('peer', ({ detail }) => {
    if (detail.key !== key) return
    seen.peers += 1
    detail.addEventListener('path', () => {
      seen.paths += 1
    })
    detail.addEventListener('close', () => {
      seen.ends += 1
      changes.dispatchEvent(new Event('end'))
    })
  })
  return seen
}

describe.each(PLAYWRIGHT_BROWSERS)('a chat in %s', name => {
  it('goes on over reloads in the middle of what is written: each message arrives once, in order', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const page = await closing(openChatPage(world.browsers[name], world.server.url))
    const key = await page.online()
    const sessions = watchSessions(program.node, key)
    await page.dial(program.key)
    await page.tell('first')
    const written = ['first']
    for (let reload = 1; reload <= RELOADS; reload += 1) {
      for (let number = 1; number <= BURST; number += 1) {
        const text = `${number} before reload ${reload}`
        written.push(text)
        await page.say(text)
      }
      await page.reload()
      await page.online()
      await page.chatIsOpen(program.key)
    }
    await page.tell('last')
    for (const text of written) await page.shows('out', text, 'delivered')
    expect(program.textsFrom(key)).toEqual([...written, 'last'])
    expect(sessions).toMatchObject({ peers: 1, ends: 0 })
    expect(sessions.paths).toBeGreaterThan(RELOADS)
  })

  it('shows what it is written while it reloads once, in order; every sender is told', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const page = await closing(openChatPage(world.browsers[name], world.server.url))
    const key = await page.online()
    await program.node.send(key, 'first')
    await page.chooseChat(program.key)
    const written = ['first']
    const receipts: Promise<Receipt>[] = []
    for (let reload = 1; reload <= RELOADS; reload += 1) {
      const gone = page.reload()
      for (let number = 1; number <= BURST; number += 1) {
        const text = `${number} during reload ${reload}`
        written.push(text)
        receipts.push(program.node.send(key, text))
        await program.node.lookup(key)
      }
      await gone
      await page.online()
      await page.chatIsOpen(program.key)
    }
    for (const { status } of await Promise.all(receipts)) expect(status).toBe('delivered')
    await page.shows('in', written.at(-1) ?? '')
    expect(await page.texts('in')).toEqual(written)
  })
})

it('a page says of what waits for a peer that is gone the same after a reload, and at once', async () => {
  const [page, peer] = await Promise.all([
    closing(openChatPage(world.browsers.chromium, world.server.url)),
    openChatPage(world.browsers.firefox, world.server.url),
  ])
  await page.online()
  const peerKey = await peer.online()
  await page.dial(peerKey)
  await page.tell('before it goes')
  await peer.close()
  await page.say('after it went')
  const saysSo = async (): Promise<void> => {
    await page.queueTells(/^1 message waits until your peer is reached\..*Don’t send$/)
    await page.badgeTells(/^peer is offline$/)
  }
  await saysSo()
  await page.reload()
  await page.online()
  await saysSo()
})

describe('a Node program', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keymesh-reload-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('that closed its node left nothing that a later one would take up', async () => {
    const program = await closing(startMeshPeer([world.server.url]))
    const first = await createNode({ servers: [world.server.url], data: folder })
    const sessions = watchSessions(program.node, first.key)
    await first.send(program.key, 'once')
    await first.close()
    const second = await createNode({ servers: [world.server.url], data: folder })
    await second.online()
    await second.send(program.key, 'twice')
    await second.close()
    await sessions.ended(2)
    expect(program.textsFrom(second.key)).toEqual(['once', 'twice'])
    expect(sessions).toMatchObject({ peers: 2, ends: 2 })
  })
})
