// Whatever a stranger writes or a user pastes is text: it does not run, adds no element, and the page keeps
// its shape (docs/THREATS.md 23). That nothing was blocked or thrown is judged when a page is closed.

import { describe, expect, it } from 'vitest'
import { cleanMessage } from '../web/state/clean-text.ts'
import { PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import type { ChatPage } from './fixtures/chat-page.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import { NASTY_GROUPS, NASTY_STRINGS } from './fixtures/nasty-strings.ts'
import { useWorld } from './fixtures/world.ts'

const world = useWorld()
const PHONE = { width: 320, height: 568 }
const GOOD_SHAPE = { hasRun: false, elementsInTexts: 0, sticksOut: [] }
/** Each takes a dozen steps by hand, in Firefox slow ones: there only those that fonts and engines differ in. */
const NAMES = {
  chromium: NASTY_STRINGS,
  firefox: [...NASTY_GROUPS.scripts, ...NASTY_GROUPS.long],
}

describe.each(PLAYWRIGHT_BROWSERS)('%s', name => {
  const open = () => closing(openChatPage(world.browsers[name], world.server.url))

  it('shows nasty messages as text', async () => {
    const page = await open()
    const key = await page.online()
    const program = await closing(startMeshPeer([world.server.url]))
    await Promise.all(NASTY_STRINGS.map(text => program.node.send(key, text)))
    await program.node.send(key, 'the end')
    await page.chooseChat(program.key)
    await page.shows('in', 'the end')
    const expected = [...NASTY_STRINGS.map(cleanMessage), 'the end']
    expect(await page.texts('in')).toEqual(expected)
    await keepsItsShape(page)
  })

  it('sends nasty messages as they were typed', async () => {
    const page = await open()
    const key = await page.online()
    const program = await closing(startMeshPeer([world.server.url]))
    await page.dial(program.key)
    const typed = `begin ${NASTY_STRINGS.filter(text => text.length < 1_000).join(' ')} end`
    await page.say(typed)
    await page.page.locator('[data-testid=message][data-state=delivered]').waitFor()
    expect(program.textsFrom(key)).toEqual([cleanMessage(typed)])
    await keepsItsShape(page)
  })

  it('takes nasty names, and refuses nasty keys', async () => {
    const page = await open()
    await page.online()
    for (const text of Object.values(NASTY_GROUPS)) {
      await page.dial(text.join(' '))
      expect(await page.dialError()).not.toBe('')
    }
    await keepsItsShape(page)
    const program = await closing(startMeshPeer([world.server.url]))
    await page.dial(program.key)
    for (const text of NAMES[name]) {
      await page.rename(text)
      await page.page.getByTestId('petname-input').waitFor({ state: 'detached' })
      expect(await page.page.evaluate(measure), JSON.stringify(text)).toEqual(GOOD_SHAPE)
    }
    await keepsItsShape(page)
  })
})

/** Nothing ran, no text became an element, and on a wide screen as on a narrow one nothing sticks out. */
async function keepsItsShape(page: ChatPage): Promise<void> {
  for (const size of [PHONE, page.page.viewportSize() ?? PHONE]) {
    await page.page.setViewportSize(size)
    expect(await page.page.evaluate(measure)).toEqual(GOOD_SHAPE)
  }
}

/** Runs in the page. Tabs hang over the end of a line, and one letter with many marks cannot be broken: both are clipped. */
function measure() {
  const texts = document.querySelectorAll('.message-text *, .name *, .preview bdi *')
  const { clientWidth } = document.documentElement
  const boxes = [...document.querySelectorAll('body, .app, .app *')].filter(
    element => element.checkVisibility() && getComputedStyle(element).display !== 'inline',
  )
  const sticksOut = boxes.filter(box => {
    if (box.closest('.visually-hidden')) return false
    const { left, right } = box.getBoundingClientRect()
    const isClipped = /\t{99}|\p{M}{9}/u.test(box.textContent)
    const isOverfull = box.scrollWidth > box.clientWidth && !isClipped
    const isLeaky = box.matches('.bubble') || getComputedStyle(box).overflowX === 'auto'
    return left < -1 || right > clientWidth + 1 || (isLeaky && isOverfull)
  })
  return {
    hasRun: 'nastyRan' in globalThis,
    elementsInTexts: texts.length,
    sticksOut: sticksOut.map(({ tagName, classList }) => `${tagName}.${classList}`).slice(0, 5),
  }
}
