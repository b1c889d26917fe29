// `npm test`: every check the project has, in the order of how soon it tells. All of them run even when
// one fails. The last line is `N passed, N failed`: tests, plus each other step that failed.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { confined } from './confined.mjs'
import { runTool } from './run-tool.mjs'
import { countTests } from './test-count.mjs'

const reports = mkdtempSync(join(tmpdir(), 'keymesh-test-'))
const total = { passed: 0, failed: 0 }
// The simulations in their full size, which the inner loop leaves out.
process.env.KEYMESH_SIM = 'full'

await step('format, lint and types', ['node', 'scripts/check.mjs'])
await tests('unit and simulation tests', 'vitest.config.ts')
await step('web client build', ['node', 'scripts/setup.mjs', 'web'])
await step('size budget', ['node', 'scripts/size.mjs'])
await tests('browser tests', 'vitest.e2e.config.ts')

rmSync(reports, { recursive: true, force: true })
process.exitCode = total.failed > 0 ? 1 : 0
console.log(`${total.passed} passed, ${total.failed} failed`)

/** @param {string} title @param {string[]} command */
async function step(title, command) {
  console.log(`\n=== ${title}`)
  if ((await runTool(command)).ok) return
  console.log(`FAILED: ${title}`)
  total.failed += 1
}

/** @param {string} title @param {string} config of vitest */
async function tests(title, config) {
  console.log(`\n=== ${title}`)
  const report = join(reports, `${config}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { ok } = await runTool(confined(['vitest', 'run', '--config', config, ...reporters]))
  const { passed, failed } = countTests(ok, existsSync(report) ? readFileSync(report, 'utf8') : '')
  if (failed > 0) console.log(`FAILED: ${title}`)
  total.passed += passed
  total.failed += failed
}
