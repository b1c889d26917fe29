// Figures of direct sessions, beside a bare data channel between the same two ends in the same run: two processes of
// Node, and two pages of one Chromium. A server and a bare relay on this machine carry what is said before.

import type { Bench } from './bench.ts'
import type { Opening } from './direct-end.ts'
import type { CalledEnd, DirectEnds } from './direct-pages.ts'
import { openPages } from './direct-pages.ts'
import type { Row } from './stats.ts'
import { median } from './stats.ts'

interface Stage extends Omit<DirectEnds, 'close'> {
  /** `Node` or `Chromium`. */
  readonly name: string
  readonly url: string
  readonly port: number
  readonly openings: number
}

interface Load {
  readonly bytes: number
  readonly count: number
  readonly inMegabytes: boolean
}

const KB = 1_024
const LOADS = {
  Node: [
    { bytes: 16 * KB, count: 6_000, inMegabytes: true },
    { bytes: 64 * KB, count: 1_500, inMegabytes: true },
    { bytes: KB, count: 60_000, inMegabytes: false },
  ],
  Chromium: [
    { bytes: 16 * KB, count: 2_000, inMegabytes: true },
    { bytes: 64 * KB, count: 500, inMegabytes: true },
    { bytes: KB, count: 20_000, inMegabytes: false },
  ],
} as const
/** Bare openings in Node come in two heaps; the one behind this is that of a lost first packet (decisions/027). */
const SLOW_MS = 500

let pairs = 0

export async function direct(bench: Bench): Promise<Row[]> {
  const relay = bench.worker('bare-relay')
  const server = bench.worker('mesh-server')
  const port = await relay.call<number>('start')
  const url = await server.call<string>('start')
  const openings = bench.isQuick ? 5 : 30
  const processes = { a: bench.worker('direct-peer'), b: bench.worker('direct-peer') }
  const rows = await measure(bench, { name: 'Node', url, port, openings, ...processes }, LOADS.Node)
  const pages = await openPages()
  if (pages === undefined) {
    console.log('Chromium is not installed: "npm test" installs it')
    return rows
  }
  try {
    const stage = { name: 'Chromium', url, port, openings, a: pages.a, b: pages.b }
    return [...rows, ...(await measure(bench, stage, LOADS.Chromium))]
  } finally {
    await pages.close()
  }
}

async function measure(bench: Bench, stage: Stage, loads: readonly Load[]): Promise<Row[]> {
  const rows = await openingsOf(stage)
  for (const load of loads) rows.push(await throughput(bench, stage, load))
  return rows
}

async function openingsOf({ name, a, b, url, port, openings }: Stage): Promise<Row[]> {
  const bareTimes: number[] = []
  const times: Opening[] = []
  for (let n = 0; n < openings; n++) {
    bareTimes.push(await openBare(a, b, port))
    const key = await b.call<string>('attach', { url })
    await a.call('attach', { url })
    times.push(await a.call<Opening>('open', { key }))
  }
  const bare = median(bareTimes.filter(ms => ms < SLOW_MS))
  const of = (pick: (opening: Opening) => number): number => median(times.map(pick))
  const keymesh = of(({ dialedMs, directMs }) => directMs - dialedMs)
  return [
    fromDial(
      `${name}: dial to first echo, over the server`,
      of(({ relayedMs }) => relayedMs),
    ),
    fromDial(
      `${name}: dial to first direct echo`,
      of(({ directMs }) => directMs),
    ),
    {
      what: `${name}: session to first direct echo`,
      unit: 'ms',
      bare,
      keymesh,
      goal: '<= 3 x bare',
      isReached: keymesh <= 3 * bare,
    },
  ]
}

function fromDial(what: string, keymesh: number): Row {
  return { what, unit: 'ms', bare: Number.NaN, keymesh, goal: '', isReached: true }
}

async function throughput(bench: Bench, stage: Stage, load: Load): Promise<Row> {
  const { name, a, b, url, port } = stage
  const { bytes, count, inMegabytes } = load
  const figures: { readonly bare: number; readonly keymesh: number }[] = []
  const rate = async (): Promise<number> => {
    const seconds = (await b.call<number>('received')) / 1_000
    return (inMegabytes ? (count * bytes) / 1e6 : count) / seconds
  }
  for (let round = 0; round < bench.rounds; round++) {
    await openBare(a, b, port)
    await b.call('listen', { count })
    await a.call('bareSend', { count, bytes })
    const bare = await rate()
    const key = await b.call<string>('attach', { url })
    await a.call('attach', { url })
    await a.call('meet', { key })
    await b.call('listen', { count })
    await a.call('send', { key, count, bytes })
    figures.push({ bare, keymesh: await rate() })
  }
  const bare = median(figures.map(figure => figure.bare))
  const keymesh = median(figures.map(figure => figure.keymesh))
  return {
    what: `${name}: direct messages of ${bytes / KB} KiB`,
    unit: inMegabytes ? 'MB/s' : 'messages/s',
    bare,
    keymesh,
    goal: '>= 0.9 x bare',
    isReached: keymesh >= 0.9 * bare,
  }
}

/** Now and then the library of Node makes no connection. */
async function openBare(a: CalledEnd, b: CalledEnd, port: number, tries = 3): Promise<number> {
  const pair = { port, pair: `direct-${pairs++}` }
  await b.call('bareAnswer', pair)
  try {
    return await a.call<number>('bareOpen', pair)
  } catch (error) {
    if (tries === 1) throw error
    return openBare(a, b, port, tries - 1)
  }
}
