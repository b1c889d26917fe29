// Runs one scenario from a terminal and prints its report: node --import tsx sim/main.ts --clients 1000
// The same seed must print the same trace.

import { parseArgs } from 'node:util'
import { runOneServer } from './scenarios/one-server.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '1000' },
    messages: { type: 'string', default: '10' },
  },
})

const [clients, messages] = [Number(values.clients), Number(values.messages)]
const startedAt = performance.now()
const report = runOneServer(values.seed, { clients, messages })
const wallS = (performance.now() - startedAt) / 1_000
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
process.stdout.write(
  `${clients} clients: dial p50 ${report.dialMs.p50.toFixed(0)} ms, ` +
    `p95 ${report.dialMs.p95.toFixed(0)} ms (virtual); ${wallS.toFixed(1)} s on the wall\n`,
)
