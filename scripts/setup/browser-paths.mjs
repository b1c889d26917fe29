// Where the browsers of the end-to-end tests are found: Playwright's own first, else the system's
// packages (Debian's `chromium`, `firefox-esr`, `webkit2gtk-driver`). WebKit is always WebKitGTK.

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @typedef {'chromium' | 'firefox' | 'webkit'} BrowserName */
/** @typedef {{ name: BrowserName, kind: 'playwright' } | { name: BrowserName, kind: 'system', path: string }} FoundBrowser */

const SYSTEM_PATHS = {
  chromium: ['/usr/bin/chromium', '/usr/bin/google-chrome'],
  firefox: ['/usr/bin/firefox-esr'],
}
/** Playwright drives a system's Firefox by WebDriver BiDi, and with it starts none that lacks `network.addDataCollector`. */
export const OLDEST_FIREFOX = 143
const LIBRARY_FOLDERS = ['/usr/lib', '/usr/libexec']

/** @param {BrowserName} name @returns {Promise<FoundBrowser | undefined>} undefined when it is not installed */
export async function findBrowser(name) {
  if (name === 'webkit') {
    const path = webkitMiniBrowser()
    return path ? { name, kind: 'system', path } : undefined
  }
  const playwright = await import('playwright')
  if (existsSync(playwright[name].executablePath())) return { name, kind: 'playwright' }
  const path = SYSTEM_PATHS[name].find(candidate => existsSync(candidate))
  if (path && name === 'firefox' && isOldFirefox(path)) return undefined
  return path ? { name, kind: 'system', path } : undefined
}

/** @param {string} path of the program @returns {boolean} false also where it does not tell its version */
export function isOldFirefox(path) {
  const about = join(dirname(realpathSync(path)), 'application.ini')
  if (!existsSync(about)) return false
  const [, version] = /^Version=(\d+)/m.exec(readFileSync(about, 'utf8')) ?? []
  return version !== undefined && Number(version) < OLDEST_FIREFOX
}

/** @returns {string | undefined} WebKitGTK's MiniBrowser, if its driver and a virtual display are there too */
function webkitMiniBrowser() {
  const tools = ['/usr/bin/WebKitWebDriver', '/usr/bin/xvfb-run', '/usr/bin/xauth']
  if (!tools.every(tool => existsSync(tool))) return undefined
  return LIBRARY_FOLDERS.flatMap(folder => [folder, ...subfolders(folder, /-linux-gnu/)])
    .flatMap(folder => subfolders(folder, /^webkit(2gtk|gtk)-/))
    .map(folder => join(folder, 'MiniBrowser'))
    .find(path => existsSync(path))
}

/** @param {string} folder @param {RegExp} pattern */
function subfolders(folder, pattern) {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => pattern.test(name))
    .map(name => join(folder, name))
}
