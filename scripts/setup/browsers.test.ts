import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { installBrowsers, isReachable } from './browsers.mjs'

type Name = 'chromium' | 'firefox' | 'webkit'

/** A machine on which some ways of getting browsers work, and a record of which were tried. */
function machine(options: { has?: Name[]; downloadable?: Name[]; apt?: Name[] | 'noRights' }) {
  const installed = new Set(options.has)
  const tried: string[] = []
  const said: string[] = []
  const byPackage: Record<string, Name> = {
    chromium: 'chromium',
    'firefox-esr': 'firefox',
    'webkit2gtk-driver': 'webkit',
  }
  const { apt = [], downloadable = [] } = options
  return {
    tried,
    said,
    surroundings: {
      has: async (name: Name) => installed.has(name),
      download: async (names: Name[]) => {
        tried.push(`download ${names}`)
        for (const name of names) if (downloadable.includes(name)) installed.add(name)
      },
      aptGet: async () => (apt === 'noRights' ? undefined : ['apt-get']),
      install: async (command: string[], packages: string[]) => {
        tried.push(`${command} ${packages}`)
        for (const one of packages) {
          const name = byPackage[one]
          if (name && apt.includes(name)) installed.add(name)
        }
      },
      say: (text: string) => said.push(text),
    },
  }
}

const WEBKIT = 'webkit2gtk-driver,xvfb,xauth'

describe('installBrowsers', () => {
  it.each([
    ['all there', { has: ['chromium', 'firefox', 'webkit'] }, []],
    [
      'Playwright has two, Debian the third',
      { downloadable: ['chromium', 'firefox'], apt: ['webkit'] },
      ['download chromium,firefox', `apt-get ${WEBKIT}`],
    ],
    [
      'no download: Debian has all',
      { apt: ['chromium', 'firefox', 'webkit'] },
      ['download chromium,firefox', `apt-get chromium,firefox-esr,${WEBKIT}`],
    ],
    [
      'one missing: only that one',
      { has: ['chromium', 'webkit'], downloadable: ['firefox'] },
      ['download firefox'],
    ],
  ] as const)('%s', async (_, options, tried) => {
    const { surroundings, ...record } = machine(structuredClone(options) as object)
    await installBrowsers(surroundings)
    expect(record.tried).toEqual(tried)
  })

  it('goes on without WebKit, and says what would be needed', async () => {
    const { surroundings, said } = machine({ has: ['chromium', 'firefox'], apt: 'noRights' })
    await installBrowsers(surroundings)
    expect(said.at(-1)).toMatch(/without WebKit.*webkit2gtk-driver, xvfb, xauth/)
  })

  it('without rights to install, says in one sentence what to install', async () => {
    const { surroundings, tried } = machine({ has: ['chromium'], apt: 'noRights' })
    await expect(installBrowsers(surroundings)).rejects.toThrow(
      "need firefox and webkit: install firefox-esr, webkit2gtk-driver, xvfb, xauth (Debian's package names; Firefox 143 or newer)",
    )
    expect(tried).toEqual(['download firefox'])
  })

  it('says so too when apt-get cannot get them', async () => {
    const { surroundings } = machine({ apt: ['webkit'] })
    await expect(installBrowsers(surroundings)).rejects.toThrow('need chromium and firefox')
  })
})

describe('isReachable', () => {
  it('gives up on a host that accepts and then says nothing', async () => {
    const server = createServer()
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    const sockets = new Set<{ destroy(): void }>()
    server.on('connection', socket => sockets.add(socket))
    const { port } = server.address() as AddressInfo
    expect(await isReachable(`http://127.0.0.1:${port}/`, 100)).toBe(false)
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  it('gives up on a host that does not exist', async () => {
    expect(await isReachable('http://127.0.0.1:9/')).toBe(false)
  })
})
