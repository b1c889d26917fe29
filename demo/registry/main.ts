// `npm run demo:registry`: 20 server processes on this machine form one registry over TLS; what it goes through
// is run.ts, and printed as a table.

import { startFleet } from './fleet.ts'
import { runRegistry } from './run.ts'

const SERVERS = 20

// Its servers are processes of their own, which the end of this one takes along.
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

console.log(`Starting ${SERVERS} server processes, on this machine only …`)
const startedAt = performance.now()
const fleet = await startFleet(SERVERS)
console.log(`${SERVERS} servers joined through one in ${ms(performance.now() - startedAt)}`)
try {
  const options = { records: 500, kills: 6, random: Math.random }
  const report = await runRegistry(fleet, options, line => console.log(line))
  const { lookupMs, missing, backWith } = report
  console.log()
  for (const [what, value] of [
    ['servers', `${report.servers}, of which ${report.killed} killed`],
    ['records', `${report.records}`],
    ['lookups from survivors', `${report.lookups}`],
    ['found', `${report.lookups - missing.length} (${percent(report.lookups, missing.length)})`],
    ['lookup median, p95, worst', [lookupMs.median, lookupMs.p95, lookupMs.max].map(ms).join(', ')],
    ['servers known after a restart', `${Math.min(...backWith)} to ${Math.max(...backWith)}`],
    ['back within', ms(report.backMs)],
  ]) {
    console.log(`${what?.padEnd(32)}${value}`)
  }
  for (const line of missing.slice(0, 10)) console.log(`missing at ${line}`)
  process.exitCode = missing.length > 0 ? 1 : 0
} finally {
  await fleet.close()
}

function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(1)} ms`
}

function percent(all: number, missing: number): string {
  return `${((100 * (all - missing)) / all).toFixed(2)} %`
}
