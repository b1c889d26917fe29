import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/**
 * They measure time or processor load, need all processors, change the network that the others use, or wait half a minute
 * longer when an attempt to connect fails on a machine that is busy.
 */
const ALONE = [
  'e2e/delay-line.spec.ts',
  'e2e/full-disk.spec.ts',
  'e2e/joining.spec.ts',
  'e2e/lan/beacons.spec.ts',
  'e2e/lan/hostile.spec.ts',
  'e2e/lost-server.spec.ts',
  'e2e/mesh-line.spec.ts',
  'e2e/nat/ladder.spec.ts',
  'e2e/nat/switch.spec.ts',
  'e2e/page-life.spec.ts',
  'e2e/registry.spec.ts',
  'e2e/routes.spec.ts',
  'e2e/rtc-conformance.spec.ts',
  'e2e/tabs.spec.ts',
]
const missing = ALONE.find(file => !existsSync(file))
if (missing !== undefined) throw new Error(`${missing} is to run alone, and is not there`)

// End-to-end tests: real server processes and real browsers, driven with the playwright library
// (WebKitGTK with selenium-webdriver). No retries, and nothing may be left running. Most of them wait most of the time:
// two files at once, and then, one by one, those that must be alone.
export default defineConfig({
  test: {
    setupFiles: ['e2e/fixtures/nothing-left.ts'],
    environment: 'node',
    // No test but those with a network of their own speaks to the network around this machine.
    env: { KEYMESH_LAN: 'off' },
    retry: 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['e2e/**/*.spec.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
