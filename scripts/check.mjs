// `npm run check`: format, lint and types, all at once. The core, the web client and the rest are
// type-checked apart, because each may use only what exists where it runs.

import { runTool } from './run-tool.mjs'

const CHECKS = {
  'format and lint': ['biome', 'check', '--error-on-warnings', '--no-errors-on-unmatched'],
  'types of shared': ['tsc', '-p', 'shared'],
  'types of web': ['tsc', '-p', 'web'],
  types: ['tsc', '-p', '.'],
}

const results = await Promise.all(
  Object.entries(CHECKS).map(async ([name, command]) => ({
    name,
    ...(await runTool(command, { isKept: true })),
  })),
)
for (const { name, ok, output } of results) {
  if (!ok) console.error(`${output.trimEnd()}\n`)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
