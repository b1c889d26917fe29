// The WebSocket link of browsers keeps what every transport must keep, in each real browser.

import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { linkTransportCases } from '../shared/link/link-conformance.suite.ts'
import { launchBrowser, PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { bundlePage } from './fixtures/bundle.ts'
import type { RemoteEnds } from './fixtures/remote-end.ts'
import { serveRemoteEnds } from './fixtures/remote-end.ts'
import type { StaticPage } from './fixtures/static-page.ts'
import { SCRIPT_PAGE, serveStaticPage } from './fixtures/static-page.ts'

const CASE_TIMEOUT_MS = 15_000

let site: StaticPage
let ends: RemoteEnds
beforeAll(async () => {
  ends = await serveRemoteEnds()
  site = await serveStaticPage(SCRIPT_PAGE, await bundlePage('link-conformance.ts'))
})
afterAll(async () => {
  await site.close()
  await ends.close()
})

describe.each(PLAYWRIGHT_BROWSERS)('the WebSocket of %s as a link transport', name => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launchBrowser(name)
    page = await browser.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => document.title === 'ready')
  })
  afterAll(() => browser.close())

  it.each(linkTransportCases.map(testCase => testCase.name))(
    '%s',
    async caseName => {
      const { linkPort, controlPort } = ends
      const ports = { linkPort, controlPort }
      await page.evaluate(([title, at]) => globalThis.runLinkCase(title, at), [
        caseName,
        ports,
      ] as const)
    },
    CASE_TIMEOUT_MS,
  )
})
