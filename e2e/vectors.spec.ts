// The public test vectors in real browsers: every engine comes to the same verdicts as Node does with
// either provider, down to one digest over all of them (docs/PROTOCOL.md 1.3).

import type { Browser, Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeAead } from '../host/node/node-aead.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import { nobleAead } from '../shared/crypto/noble-aead.ts'
import { nobleSuite } from '../shared/crypto/noble-suite.ts'
import { loadVectors } from '../shared/crypto/testing/load-vectors.ts'
import { runRfcVectors, runVectors } from '../shared/crypto/testing/vector-runner.ts'
import { launchBrowser, PLAYWRIGHT_BROWSERS } from './fixtures/browsers.ts'
import { bundlePage } from './fixtures/bundle.ts'
import type { StaticPage } from './fixtures/static-page.ts'
import { SCRIPT_PAGE, serveStaticPage } from './fixtures/static-page.ts'

const vectors = loadVectors()
const native = vectors && runVectors(nodeSuite, vectors, nodeAead)
const portable = vectors && runVectors(nobleSuite, vectors, nobleAead)

let site: StaticPage
beforeAll(async () => {
  site = await serveStaticPage(SCRIPT_PAGE, await bundlePage('vectors.ts'))
})
afterAll(() => site.close())

describe.each(PLAYWRIGHT_BROWSERS)('%s', name => {
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    browser = await launchBrowser(name)
    page = await browser.newPage()
    await page.goto(site.url)
    await page.waitForFunction(() => document.title === 'ready')
  })
  afterAll(() => browser.close())

  it('agrees with Node about what the RFCs print', async () => {
    const report = await page.evaluate(() => globalThis.runPrintedVectors())
    expect(report).toEqual(runRfcVectors(nodeSuite))
  })

  it.skipIf(vectors === undefined)('agrees with Node about every public vector', async () => {
    if (vectors === undefined) return
    const report = await page.evaluate(files => globalThis.runPublicVectors(files), vectors)
    expect(report).toEqual(native)
    expect(report).toEqual(portable)
  })
})
