// What a person may enter by mistake, and what the page says to it: one clear sentence, and it goes on.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../host/node/node-suite.ts'
import { encodeKey, isKeyText } from '../shared/identity/key-text.ts'
import { PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { useWorld } from './fixtures/world.ts'

const world = useWorld()
const UNKNOWN = encodeKey(nodeSuite.signPublic(new Uint8Array(32).fill(7)))
const WITH_ZERO = `${UNKNOWN.slice(0, 20)}0${UNKNOWN.slice(21)}`
/** Half of all typing errors make a key that cannot exist. */
const MISTYPED = [...'abcdefgh'].map(end => UNKNOWN.slice(0, -1) + end).find(key => !isKeyText(key))

const WRONG: readonly (readonly [string, string, string])[] = [
  ['no key at all', 'hello', 'A key starts with "key_".'],
  ['nothing', '   ', 'Nothing was entered.'],
  ['half a key', UNKNOWN.slice(0, 30), 'The key is too short: a part is missing.'],
  ['two keys in one', `${UNKNOWN}${UNKNOWN.slice(4)}`, 'The key is too long.'],
  ['a letter that keys never have', WITH_ZERO, 'The key has a character at place 21'],
  ['a key with a typing error', MISTYPED ?? '', 'no valid public key: check for a typing error.'],
  ['a link without a key', 'https://example.org/', 'This link carries no key.'],
  ['a link with half a key', `http://localhost/#${UNKNOWN.slice(0, 30)}`, 'The key is too short'],
]

describe.each(PLAYWRIGHT_BROWSERS)('%s', name => {
  const open = (address = world.server.url) => closing(openChatPage(world.browsers[name], address))

  it('says what is wrong with a key, before anything is sent', async () => {
    const page = await open()
    await page.online()
    for (const [what, entered, sentence] of WRONG) {
      await page.dial(entered)
      expect(await page.dialError(), what).toContain(sentence)
    }
    await page.dial(await page.ownKey())
    expect(await page.dialError()).toContain('This is your own key.')
    await page.page.locator('[data-testid=chat]').waitFor({ state: 'detached' })
  })

  it('says that nobody knows a key, and does not send what is written for it', async () => {
    const page = await open()
    await page.online()
    await page.dial(UNKNOWN)
    expect(await page.dialError()).toContain('No server knows this key.')
    await page.say('anybody?')
    await page.shows('out', 'anybody?', 'failed')
  })

  it('says that a known peer is away, and reaches it once it is back', async () => {
    const seed = new Uint8Array(32).fill(PLAYWRIGHT_BROWSERS.indexOf(name) + 1)
    const before = await startMeshPeer([world.server.url], seed)
    await before.close()
    const page = await open()
    const key = await page.online()
    await page.dial(before.key)
    expect(await page.dialError()).toContain('The peer is not connected')
    const back = await closing(startMeshPeer([world.server.url], seed))
    await page.page.getByRole('button', { name: 'Try again' }).click()
    await page.pathBadge()
    await page.tell('welcome back')
    await back.heard(key, 'welcome back')
  })

  it('sends by itself what was written while the peer was away, in order and once', async () => {
    const seed = new Uint8Array(32).fill(PLAYWRIGHT_BROWSERS.indexOf(name) + 101)
    const before = await startMeshPeer([world.server.url], seed)
    await before.close()
    const page = await open()
    const key = await page.online()
    await page.dial(before.key)
    for (const text of ['first', 'second']) await page.say(text)
    await page.queueTells(/^2 messages wait until your peer is reached/)
    await page.shows('out', 'second', 'queued')
    const back = await closing(startMeshPeer([world.server.url], seed))
    for (const text of ['first', 'second']) await page.shows('out', text, 'delivered')
    expect(back.textsFrom(key)).toEqual(['first', 'second'])
  })

  it('opens from a link with a wrong key, and says so', async () => {
    const page = await open(`${world.server.url}/#key_wrong`)
    await page.online()
    expect(await page.dialError()).toContain('The key is too short')
    expect(new URL(page.page.url()).hash).toBe('')
  })
})
