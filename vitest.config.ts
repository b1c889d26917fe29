import { defineConfig } from 'vitest/config'

/** It measures the memory of its process, which all threads share. */
const FLOOD = 'server/flood.test.ts'

// Unit, conformance and simulation tests: the core and what runs on it (`test:unit`), and the programs. One file for each
// processor at a time: left to itself, vitest would leave one of two idle. Browsers: vitest.e2e.config.ts.
export default defineConfig({
  test: {
    environment: 'node',
    // No test but those with a network of their own speaks to the network around this machine.
    env: { KEYMESH_LAN: 'off' },
    // A third faster than processes here; tests that need processes start their own.
    pool: 'threads',
    retry: 0,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    maxWorkers: '100%',
    projects: [
      project('core', 1, ['{shared,host,client,sim,web,scripts,docs}/**/*.test.{ts,tsx}']),
      project('programs', 1, ['{cli,server}/**/*.test.ts'], [FLOOD]),
      project('alone', 2, [FLOOD]),
    ],
  },
})

/** @param turn when it runs: those of the same turn together */
function project(
  name: string,
  turn: number,
  include: readonly string[],
  exclude: readonly string[] = [],
) {
  const files = { include: [...include], exclude: [...exclude] }
  return { extends: true as const, test: { name, ...files, sequence: { groupOrder: turn } } }
}
