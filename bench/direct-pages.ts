// Two pages of one Chromium as ends of direct connections, each in a context, and so a process, of its own.

import type { Browser, Page } from 'playwright'
import { launchBrowser } from '../e2e/fixtures/browsers.ts'
import { bundleSite } from '../e2e/fixtures/bundle.ts'
import { serveSite } from '../e2e/fixtures/static-page.ts'
import type { DirectMethod } from './direct-end.ts'

export interface DirectEnds {
  readonly a: CalledEnd
  readonly b: CalledEnd
  close(): Promise<void>
}

export interface CalledEnd {
  call<T>(method: DirectMethod, args?: unknown): Promise<T>
}

declare const window: { readonly bench: Record<DirectMethod, (args: unknown) => unknown> }

/** @returns `undefined` where there is no Chromium */
export async function openPages(): Promise<DirectEnds | undefined> {
  const browser = await launchBrowser('chromium').catch(() => undefined)
  if (browser === undefined) return undefined
  const site = await serveSite(await bundleSite(new URL('pages/direct.ts', import.meta.url)))
  return {
    a: await openPage(browser, site.url),
    b: await openPage(browser, site.url),
    async close() {
      await browser.close()
      await site.close()
    },
  }
}

async function openPage(browser: Browser, url: string): Promise<CalledEnd> {
  const page: Page = await (await browser.newContext()).newPage()
  await page.goto(url)
  await page.waitForFunction(() => document.title === 'ready')
  return {
    call: <T>(method: DirectMethod, args: unknown = {}) =>
      page.evaluate(([name, given]) => window.bench[name](given), [
        method,
        args,
      ] as const) as Promise<T>,
  }
}
