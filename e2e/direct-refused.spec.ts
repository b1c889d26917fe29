// Where there can be no direct connection all goes over the server, and both sides are told truthfully why: a browser
// without WebRTC, one that refuses it, and one whose packets do not get through.

import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright'
import { describe, expect, it } from 'vitest'
import { bothBrowsers, PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import type { ChatPage, ChatPageOptions } from './fixtures/chat-page.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import type { MeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { useTogether } from './fixtures/use-together.ts'
import { useWorld } from './fixtures/world.ts'

const world = useWorld()
const RELAYED = /^relay · 1 hop/
const LOOK_EVERY_MS = 100

/** A page and a program that could connect directly, in a chat that has begun. */
async function chat(browser: Browser, options?: ChatPageOptions) {
  const [program, page] = await Promise.all([
    closing(startMeshPeer([world.server.url], 'ephemeral', { webrtc: true })),
    closing(openChatPage(browser, world.server.url, options)),
  ])
  const key = await page.online()
  await page.dial(program.key)
  await page.tell('hello')
  return { page, key, program }
}

/** Waits until the program knows why there is no direct connection, and that is it. */
async function explains({ node }: MeshPeer, key: string, reason: string): Promise<void> {
  for (;;) {
    const { direct } = await node.explain(key)
    expect(direct?.state).not.toBe('open')
    if (direct?.reason === reason) return
    await delay(LOOK_EVERY_MS)
  }
}

async function goesOverServer(page: ChatPage, key: string, program: MeshPeer): Promise<void> {
  await page.tell('over the server')
  await program.heard(key, 'over the server')
  await program.node.send(key, 'so is this')
  await page.shows('in', 'so is this')
  await page.badgeTells(RELAYED)
}

describe.each(PLAYWRIGHT_BROWSERS)('in %s', name => {
  it.each([
    ['has no WebRTC', false],
    ['refuses it', 'refused'],
  ] as const)('a browser that %s says so', async (_, hasWebRtc) => {
    const { page, key, program } = await chat(world.browsers[name], { hasWebRtc })
    await goesOverServer(page, key, program)
    await page.directLineTells(/not from here: no WebRTC, or switched off$/)
    await explains(program, key, 'unsupported')
  })
})

describe('behind a firewall that lets no UDP through', () => {
  const browsers = useTogether(bothBrowsers({ isUdpBlocked: true }))

  async function saysThatNoWayWasFound(browser: Browser): Promise<void> {
    const { page, key, program } = await chat(browser)
    await goesOverServer(page, key, program)
    await explains(program, key, 'unreachable')
    await page.directLineTells(/no direct way was found between the two networks$/)
    await goesOverServer(page, key, program)
  }

  // All at once: each waits for an attempt to be given up.
  it('each browser says that no way was found', async () => {
    await Promise.all([browsers.chromium, browsers.firefox].map(saysThatNoWayWasFound))
  })
})
