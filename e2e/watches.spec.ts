// The watches that every other test relies on are not blind: of pages, and of logs.

import { expect, it } from 'vitest'
import { launchBrowser, PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { openChatPage } from './fixtures/chat-page.ts'
import { closing } from './fixtures/cleanup.ts'
import { leaksIn } from './fixtures/log-leaks.ts'
import { serveStaticPage } from './fixtures/static-page.ts'

const POLICY = `<meta http-equiv="content-security-policy" content="script-src 'self'">`
const BLOCKED = '<script>document.title = "ran"</script>'
const LOADED = '<script type="module" src="/page.js"></script>'
const FAULTS = `
  console.error('said on the console')
  setTimeout(() => { throw new Error('thrown by a timer') })
  Promise.reject(new Error('rejected and not caught'))
  setTimeout(() => { document.title = 'ready' })
`
const KEY = 'key_6zTcBkB9wpYd99bQGyNfBBCyXakyQTwoPVTvj1qEboUo'
const KEY_BYTES = Uint8Array.from({ length: 32 }, (_, i) => 255 - i)

it.each(PLAYWRIGHT_BROWSERS)('errors and blocked content in %s are seen', async name => {
  const browser = await closing(launchBrowser(name))
  const site = await closing(serveStaticPage(`<!doctype html>${POLICY}${BLOCKED}${LOADED}`, FAULTS))
  const page = await openChatPage(browser, site.url)
  await page.page.waitForFunction(() => document.title === 'ready')
  const complaint = await page.close().catch(String)
  expect(complaint).toMatch(/blocked by script-src/)
  expect(complaint).toContain('said on the console')
  expect(complaint).toContain('thrown by a timer')
  expect(complaint).toContain('rejected and not caught')
})

it.each([
  `{"level":30,"peer":"${KEY}"}`,
  `{"level":30,"peer":"${KEY.slice(4)}"}`,
  `{"level":30,"peer":"${Buffer.from(KEY_BYTES).toString('hex')}"}`,
  `{"level":30,"peer":"${Buffer.from(KEY_BYTES).toString('base64')}"}`,
  `{"level":30,"peer":[${KEY_BYTES}]}`,
  '{"level":30,"from":"203.0.113.7"}',
  '{"level":30,"from":"::ffff:203.0.113.7"}',
  '{"level":30,"from":"2001:db8::1"}',
])('a log with %s tells too much', line => {
  expect(leaksIn(`{"level":30,"msg":"a line before"}\n${line}\n`)).not.toEqual([])
})

it('a log of counts and causes tells nothing', () => {
  expect(
    leaksIn('{"level":30,"time":1795415183843,"port":45285,"links":3,"msg":"it runs"}'),
  ).toEqual([])
})
