// `npm run bench`: keymesh beside a bare `ws` relay that forwards frames, in the same run, on loopback.
// Each figure is taken several times, bare and keymesh in turn, and the median is printed: machines are
// noisy, ratios less so. Options: --only NAME (dial, large, small, rtt, rtc, direct, routes, idle, registry), --quick, and
// --profile DIR for a CPU profile of each process.

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { buildWorkers } from './build.ts'
import { direct } from './direct.ts'
import { idle } from './idle.ts'
import { registry } from './registry.ts'
import { dial, throughput, trips } from './relayed.ts'
import { routes } from './routes.ts'
import { rtc } from './rtc.ts'
import type { Row } from './stats.ts'
import { format, header } from './stats.ts'
import { Worker } from './worker.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})

const KB = 1024
const BENCHES: Record<string, (bench: Bench) => Promise<readonly Row[]>> = {
  dial,
  large: bench =>
    throughput(bench, { bytes: 16 * KB, count: 8_000, inMegabytes: true, share: 0.6 }),
  small: bench => throughput(bench, { bytes: KB, count: 100_000, inMegabytes: false, share: 0.5 }),
  rtt: trips,
  rtc,
  direct,
  routes,
  idle,
  registry,
}

const profiling =
  values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
const folder = await buildWorkers()
const started: Worker[] = []
const bench: Bench = {
  rounds: values.quick ? 1 : 5,
  isQuick: values.quick,
  worker: (name, flags = []) => {
    const worker = new Worker(join(folder, `${name}.mjs`), ['--expose-gc', ...profiling, ...flags])
    started.push(worker)
    return worker
  },
}
try {
  console.log(header())
  for (const [name, run] of Object.entries(BENCHES)) {
    if (values.only !== undefined && values.only !== name) continue
    for (const row of await run(bench)) console.log(format(row))
    await Promise.all(started.splice(0).map(worker => worker.stop()))
  }
} finally {
  await Promise.all(started.map(worker => worker.stop()))
  rmSync(folder, { recursive: true, force: true })
}
