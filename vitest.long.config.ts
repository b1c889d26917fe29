import { defineConfig } from 'vitest/config'

// The long tests (`x.long.ts`): more seeds, more nodes, more virtual hours than a developer waits for.
export default defineConfig({
  test: {
    include: ['{shared,host,client,server,cli,sim,e2e}/**/*.long.ts'],
    environment: 'node',
    // No test but those with a network of their own speaks to the network around this machine.
    env: { KEYMESH_LAN: 'off' },
    retry: 0,
    testTimeout: 30 * 60_000,
    hookTimeout: 60_000,
  },
})
