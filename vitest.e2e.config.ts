import { defineConfig } from 'vitest/config'

// End-to-end tests: real server processes and real browsers, driven with the playwright library
// (WebKitGTK with selenium-webdriver). One worker, no retries, and nothing may be left running.
export default defineConfig({
  test: {
    include: ['e2e/**/*.spec.ts'],
    setupFiles: ['e2e/fixtures/nothing-left.ts'],
    environment: 'node',
    // No test but those with a network of their own speaks to the network around this machine.
    env: { KEYMESH_LAN: 'off' },
    retry: 0,
    fileParallelism: false,
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
