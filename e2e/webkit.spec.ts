// WebKitGTK, which has no WebRTC: the whole of a conversation with a Node program works over the relay.

import { By, until } from 'selenium-webdriver'
import { describe, expect, it } from 'vitest'
import { closing } from './fixtures/cleanup.ts'
import { startEcho } from './fixtures/echo-program.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'
import { launchWebkit, webkitIsInstalled } from './fixtures/webkit.ts'

const WAIT_MS = 20_000

describe.skipIf(!(await webkitIsInstalled()))('webkit', () => {
  it('dials the echo of the command line, and is answered', async () => {
    const server = await closing(startMeshServer())
    const echo = await closing(startEcho(server.url))
    const { driver } = await closing(launchWebkit())
    const find = (css: string) => driver.wait(until.elementLocated(By.css(css)), WAIT_MS)
    await driver.get(server.url)
    await find('[data-testid=status][data-state=online]')
    const ownKey = (await (await find('[data-testid=own-key]')).getAttribute('data-key')) ?? ''
    expect(ownKey).toMatch(/^key_/)
    expect(await driver.executeScript('return typeof RTCPeerConnection')).toBe('undefined')

    await (await find('[data-testid=dial-input]')).sendKeys(echo.key)
    await (await find('[data-testid=dial-button]')).click()
    await (await find('[data-testid=composer]')).sendKeys('hello from WebKit')
    await (await find('[data-testid=send-button]')).click()
    await find('[data-testid=message][data-direction=out][data-state=delivered]')
    const answer = await find('[data-testid=message][data-direction=in] .message-text')
    expect(await answer.getAttribute('textContent')).toBe('hello from WebKit')
    const badge = await find('[data-testid=path-badge].is-good')
    expect(await badge.getAttribute('textContent')).toMatch(/^relay · 1 hop/)
    expect(await echo.heard(ownKey)).toBe('hello from WebKit')

    await driver.navigate().refresh()
    await find('[data-testid=status][data-state=online]')
    const keyAfter = await (await find('[data-testid=own-key]')).getAttribute('data-key')
    expect(keyAfter).toBe(ownKey)
  })
})
