// WebRTC links keep what every transport must keep, between real browsers and between them and Node. The suite
// runs in the page that offers; the other end is lent to it. Node with Node: host/rtc/node-rtc.test.ts.

import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { WebSocket } from 'ws'
import { nodeRtc } from '../host/node/rtc-platform.ts'
import { linkTransportCases } from '../shared/link/link-conformance.suite.ts'
import type { PlaywrightBrowser } from './fixtures/browsers.ts'
import { bothBrowsers, launchBrowser } from './fixtures/browsers.ts'
import { bundlePage } from './fixtures/bundle.ts'
import { openControlJoint } from './fixtures/control-joint.ts'
import { hasOwnNetwork } from './fixtures/own-network.ts'
import { SCRIPT_PAGE, serveStaticPage } from './fixtures/static-page.ts'
import { useTogether } from './fixtures/use-together.ts'
import type { ControlSocket } from './pages/lent-rtc-end.ts'
import { lendRtcEnd } from './pages/lent-rtc-end.ts'

const CASE_TIMEOUT_MS = 20_000

const PAIRS: readonly (readonly [PlaywrightBrowser, PlaywrightBrowser | 'node'])[] = [
  ['chromium', 'chromium'],
  ['firefox', 'firefox'],
  ['chromium', 'firefox'],
  ['firefox', 'chromium'],
  ['chromium', 'node'],
  ['firefox', 'node'],
]

const own = useTogether({
  joint: openControlJoint,
  site: async () => serveStaticPage(SCRIPT_PAGE, await bundlePage('rtc-conformance.ts')),
  ...bothBrowsers({ hasPlainAddresses: true }),
  /** As people have it: with plain addresses it takes a second to connect to Node (docs/decisions/027). */
  usualFirefox: () => launchBrowser('firefox'),
})

describe.skipIf(!hasOwnNetwork).each(PAIRS)(
  'WebRTC from %s to %s as a link transport',
  (near, far) => {
    let page: Page
    let farPage: Page | undefined
    beforeAll(async () => {
      page = await openPage(near, far)
      farPage = far === 'node' ? undefined : await openPage(far, near)
    })
    afterAll(async () => {
      await page.close()
      await farPage?.close()
    })

    it.each(linkTransportCases.map(testCase => testCase.name))(
      '%s',
      async caseName => {
        const url = own.joint.next()
        await (farPage?.evaluate(at => globalThis.lendRtc(at), url) ?? lendFromNode(url))
        await page.evaluate(([title, at]) => globalThis.runRtcCase(title, at), [
          caseName,
          url,
        ] as const)
      },
      CASE_TIMEOUT_MS,
    )
  },
)

async function openPage(name: PlaywrightBrowser, other: PlaywrightBrowser | 'node'): Promise<Page> {
  const isUsual = name === 'firefox' && other === 'node'
  const page = await (isUsual ? own.usualFirefox : own[name]).newPage()
  await page.goto(own.site.url)
  await page.waitForFunction(() => document.title === 'ready')
  return page
}

function lendFromNode(url: string): Promise<void> {
  return lendRtcEnd(new WebSocket(url) as unknown as ControlSocket, nodeRtc)
}
