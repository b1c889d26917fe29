import { defineConfig } from 'vitest/config'

// Unit, conformance and simulation tests. Browsers: vitest.e2e.config.ts.
export default defineConfig({
  test: {
    include: ['{shared,host,client,server,cli,sim,web,scripts,docs}/**/*.test.{ts,tsx}'],
    environment: 'node',
    // No test but those with a network of their own speaks to the network around this machine.
    env: { KEYMESH_LAN: 'off' },
    // A third faster than processes here; tests that need processes start their own.
    pool: 'threads',
    retry: 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
})
