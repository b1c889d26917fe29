// The distributed registry: 50 servers in two processes, records published through random ones, then looked up at
// random ones with all disjoint paths finished. There is no bare counterpart: the goals are absolute.

import type { Bench } from './bench.ts'
import type { Resources } from './resources.ts'
import type { Row } from './stats.ts'
import { quantile } from './stats.ts'
import type { Worker } from './worker.ts'

const SERVERS_PER_PROCESS = 25
const JOIN_WITHIN_MS = 60_000
/** After the joins: what servers tell one another about themselves is done by then. */
const SETTLE_MS = 20_000
const MAX_GET_MS = 20
const MAX_MEBIBYTES = 4
/** Clients that come before memory is first measured: compiled code and a grown heap are the process's, no server's. */
const WARM_UP_ROUNDS = 20
const WARM_UP_AT_ONCE = 20
/** Of all others: no table holds more of the half of the network that lies opposite than one bucket. */
const KNOWN_SHARE = 0.5

export async function registry(bench: Bench): Promise<Row[]> {
  const workers = [bench.worker('mesh-registry'), bench.worker('mesh-registry')] as const
  const [one, two] = workers
  const seed = await one.call<string>('start', { count: 1 })
  await two.call('start', { count: 1, seed })
  await joined(workers, 1)
  await warmUp(workers)
  const before = await residentBytes(workers)
  await one.call('start', { count: SERVERS_PER_PROCESS - 1, seed })
  await two.call('start', { count: SERVERS_PER_PROCESS - 1, seed })
  await joined(workers, 2 * SERVERS_PER_PROCESS * KNOWN_SHARE)
  await pause(SETTLE_MS)
  const after = await residentBytes(workers)
  const mebibytes = (after - before) / 2 ** 20 / (2 * (SERVERS_PER_PROCESS - 1))
  const records = bench.isQuick ? 100 : 500
  const keys: string[] = []
  const puts: number[] = []
  for (let i = 0; i < records; i += 1) {
    const { key, ms } = await pick(workers).call<{ key: string; ms: number }>('put', {
      at: place(),
    })
    keys.push(key)
    puts.push(ms)
  }
  await Promise.all(workers.map(worker => worker.call('resources')))
  const gets: number[] = []
  for (let i = 0; i < 2 * records; i += 1) {
    gets.push(await pick(workers).call<number>('get', { at: place(), key: pick(keys) }))
  }
  const spent = await Promise.all(workers.map(worker => worker.call<Resources>('resources')))
  const cpuMs = spent.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / gets.length
  const getMs = quantile(gets, 0.5)
  return [
    figure('registry: put (dial, login, 20 copies), median', 'ms', quantile(puts, 0.5)),
    figure('registry: put, p95', 'ms', quantile(puts, 0.95)),
    figure('registry: get, all paths, median', 'ms', getMs, MAX_GET_MS),
    figure('registry: get, all paths, p95', 'ms', quantile(gets, 0.95)),
    figure('registry: CPU a get, all servers', 'ms', cpuMs),
    figure('registry: resident memory a server', 'MiB', mebibytes, MAX_MEBIBYTES),
  ]
}

/** `most`: the goal, if there is one. */
function figure(what: string, unit: string, keymesh: number, most?: number): Row {
  const goal = most === undefined ? '' : `<= ${most} ${unit}`
  return {
    what,
    unit,
    bare: Number.NaN,
    keymesh,
    goal,
    isReached: most === undefined || keymesh <= most,
  }
}

/** The first server of each process has served clients. */
async function warmUp(workers: readonly Worker[]): Promise<void> {
  const one = async (): Promise<void> => {
    const { key } = await pick(workers).call<{ key: string }>('put', { at: 0 })
    await pick(workers).call('get', { at: 0, key })
  }
  for (let i = 0; i < WARM_UP_ROUNDS; i += 1) {
    await Promise.all(Array.from({ length: WARM_UP_AT_ONCE }, one))
  }
}

/** Every server knows that many others. */
async function joined(workers: readonly Worker[], wanted: number): Promise<void> {
  const until = performance.now() + JOIN_WITHIN_MS
  for (;;) {
    const known = await Promise.all(workers.map(worker => worker.call<number>('known')))
    if (Math.min(...known) >= wanted) break
    if (performance.now() > until)
      throw new Error(`servers know only ${known.join(' and ')} others`)
    await pause(500)
  }
}

async function residentBytes(workers: readonly Worker[]): Promise<number> {
  let sum = 0
  for (const worker of workers) {
    await worker.call('settle')
    sum += (await worker.call<Resources>('resources')).residentBytes
  }
  return sum
}

function place(): number {
  return Math.floor(Math.random() * SERVERS_PER_PROCESS)
}

function pick<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)] as T
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
