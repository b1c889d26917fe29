// Step `browsers`: Chromium, Firefox and, where it can be had, WebKitGTK for the end-to-end tests.
// What is missing comes from Playwright's download, else from Debian's packages. Every attempt has a
// deadline, because a network that swallows packets must cost seconds, not an afternoon.

import { join } from 'node:path'
import { findAptGet, installWithApt } from './apt.mjs'
import { findBrowser, OLDEST_FIREFOX } from './browser-paths.mjs'
import { runCommand } from './run-command.mjs'

/** @typedef {import('./browser-paths.mjs').BrowserName} BrowserName */

const PROBE_TIMEOUT_MS = 5_000
const DOWNLOAD_SILENCE_MS = 30_000
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000
const LAUNCH_TIMEOUT_MS = 30_000
const PLAYWRIGHT_HOST = 'https://cdn.playwright.dev'

/** @type {readonly BrowserName[]} */
const ALL = ['chromium', 'firefox', 'webkit']
const DEBIAN_PACKAGES = {
  chromium: ['chromium'],
  firefox: ['firefox-esr'],
  webkit: ['webkit2gtk-driver', 'xvfb', 'xauth'],
}

/**
 * What the step asks of its surroundings.
 * @typedef {object} Surroundings
 * @property {(name: BrowserName) => Promise<boolean>} has
 * @property {(names: BrowserName[]) => Promise<void>} download from Playwright; may fail silently
 * @property {() => Promise<string[] | undefined>} aptGet how to call apt-get with the rights to install
 * @property {(aptGet: string[], packages: string[]) => Promise<void>} install may fail silently
 * @property {(text: string) => void} say
 */

/** @param {string} root of the checkout @returns {import('./prepare.mjs').Step} */
export function browsersStep(root) {
  const surroundings = realSurroundings(root)
  return {
    isNeeded: async () => (await missing(ALL, surroundings)).length > 0,
    work: () => installBrowsers(surroundings),
  }
}

/** @param {Surroundings} surroundings */
export async function installBrowsers(surroundings) {
  const { download, aptGet, install, say } = surroundings
  const downloadable = await missing(['chromium', 'firefox'], surroundings)
  if (downloadable.length > 0) {
    say(`keymesh set-up: downloading ${downloadable.join(' and ')} for the browser tests …`)
    await download(downloadable)
  }
  const packages = debianPackages(await missing(ALL, surroundings))
  if (packages.length === 0) return
  const command = await aptGet()
  if (command) {
    say(`keymesh set-up: installing ${packages.join(', ')} with apt-get …`)
    await install(command, packages)
  }
  const absent = await missing(ALL, surroundings)
  const version = absent.includes('firefox') ? `; Firefox ${OLDEST_FIREFOX} or newer` : ''
  const names = `${debianPackages(absent).join(', ')} (Debian's package names${version})`
  const advice = `install ${names}, then run this again.`
  if (absent.some(name => name !== 'webkit')) {
    throw new Error(`the browser tests need ${absent.join(' and ')}: ${advice}`)
  }
  if (absent.length > 0) say(`keymesh set-up: going on without WebKit. To test it too, ${advice}`)
}

/** @param {readonly BrowserName[]} names @param {Surroundings} surroundings */
async function missing(names, { has }) {
  const found = await Promise.all(names.map(has))
  return names.filter((_, index) => !found[index])
}

/** @param {BrowserName[]} names */
function debianPackages(names) {
  return names.flatMap(name => DEBIAN_PACKAGES[name])
}

/** @param {string} root @returns {Surroundings} */
function realSurroundings(root) {
  return {
    has: async name => (await findBrowser(name)) !== undefined,
    download: names => downloadWithPlaywright(root, names),
    aptGet: findAptGet,
    install: installWithApt,
    say: text => console.error(text),
  }
}

/**
 * Leaves nothing of Playwright's behind when a downloaded browser lacks system libraries to start.
 * @param {string} root @param {BrowserName[]} names
 */
async function downloadWithPlaywright(root, names) {
  if (!(await isReachable(process.env.PLAYWRIGHT_DOWNLOAD_HOST ?? PLAYWRIGHT_HOST))) return
  const playwright = join(root, 'node_modules', 'playwright', 'cli.js')
  const limits = { cwd: root, timeoutMs: DOWNLOAD_TIMEOUT_MS, silenceMs: DOWNLOAD_SILENCE_MS }
  if (!(await runCommand(process.execPath, [playwright, 'install', ...names], limits))) return
  for (const name of names) {
    const script = `import('playwright').then(async p => (await p.${name}.launch()).close())`
    const options = { cwd: root, timeoutMs: LAUNCH_TIMEOUT_MS, isQuiet: true }
    if (await runCommand(process.execPath, ['-e', script], options)) continue
    await runCommand(process.execPath, [playwright, 'uninstall'], limits)
    return
  }
}

/** @param {string} url @returns {Promise<boolean>} whether anything at all answers there in time */
export async function isReachable(url, timeoutMs = PROBE_TIMEOUT_MS) {
  try {
    await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(timeoutMs) })
    return true
  } catch {
    return false
  }
}
