// Each browser of the end-to-end tests starts, runs a page of ours and is gone afterwards.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import type { StaticPage } from './fixtures/static-page.ts'
import { serveStaticPage } from './fixtures/static-page.ts'
import { launchWebkit, webkitIsInstalled } from './fixtures/webkit.ts'

const HTML = '<!doctype html><title>still loading</title><script>document.title = "ready"</script>'
const NEEDED_WITHOUT_WEBRTC = '[typeof WebSocket, typeof indexedDB].join()'

let page: StaticPage
beforeAll(async () => {
  page = await serveStaticPage(HTML)
})
afterAll(() => page.close())

describe.each(PLAYWRIGHT_BROWSERS)('%s', name => {
  it('runs a page and closes', async () => {
    const browser = await launchBrowser(name)
    const tab = await browser.newPage()
    await tab.goto(page.url)
    expect(await tab.title()).toBe('ready')
    expect(await tab.evaluate('typeof RTCPeerConnection')).toBe('function')
    await browser.close()
    expect(browser.isConnected()).toBe(false)
  })
})

describe.skipIf(!(await webkitIsInstalled()))('webkit', () => {
  it('runs a page and closes, driver and display too', async () => {
    const { driver, close } = await launchWebkit()
    await driver.get(page.url)
    expect(await driver.getTitle()).toBe('ready')
    expect(await driver.executeScript(`return ${NEEDED_WITHOUT_WEBRTC}`)).toBe('function,object')
    await close()
  })
})
