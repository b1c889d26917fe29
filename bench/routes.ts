// Circuits over one relay and more, each a server node in a process of its own on loopback: throughput of small and of
// large cells, round trip, and what one relay computes. Bare: as many relays that only forward frames, without TLS.
// Four is the most: a circuit has up to five hops, and the last of them is the peer (docs/PROTOCOL.md 6).

import { FORWARD_LARGE_DATA, FORWARD_SMALL_DATA } from '../shared/routing/onion-layout.ts'
import type { Bench } from './bench.ts'
import type { Resources } from './resources.ts'
import type { Row } from './stats.ts'
import { median } from './stats.ts'
import type { Worker } from './worker.ts'
import type { HopText } from './workers/circuit-peer.ts'

const LENGTHS = [1, 2, 3, 4] as const
const MOST = 4
const ROUNDS = 3
const TRIP_BYTES = 64
const GIB = 2 ** 30

/** What the cells of a class carry: the same bytes go over the bare relays. */
const CELLS = [
  { name: 'small', isLarge: false, bytes: FORWARD_SMALL_DATA, count: 20_000 },
  { name: 'large', isLarge: true, bytes: FORWARD_LARGE_DATA, count: 3_000 },
] as const
type Cells = (typeof CELLS)[number]

interface Relay {
  readonly worker: Worker
  readonly key: string
  readonly address: string
}

interface Relays {
  readonly mesh: readonly Relay[]
  readonly bare: readonly Worker[]
  readonly ports: readonly number[]
}

/** Of both, for one number of relays. */
interface Ends {
  readonly relays: number
  readonly bare: readonly [Worker, Worker]
  readonly mesh: readonly [Worker, Worker]
  /** For the sender: over which relays to whom. */
  readonly way: { readonly address: string; readonly relays: string[]; readonly to: HopText }
  readonly ports: readonly [number, number]
}

interface Figures {
  readonly megabytesPerS: number
  /** Seconds of CPU of one relay for each GiB that it carried. */
  readonly cpuS: number
}

export async function routes(bench: Bench): Promise<Row[]> {
  const relays = await startRelays(bench)
  const rows: Row[] = []
  for (const length of LENGTHS) {
    const ends = await startEnds(bench, relays, length)
    for (const cells of CELLS) rows.push(...(await throughput(bench, relays, ends, cells)))
    rows.push(await trips(bench, ends))
    await Promise.all([...ends.bare, ...ends.mesh].map(worker => worker.stop()))
  }
  return rows
}

async function startRelays(bench: Bench): Promise<Relays> {
  const mesh: Relay[] = []
  const bare: Worker[] = []
  const ports: number[] = []
  for (let number = 0; number < MOST; number += 1) {
    const worker = bench.worker('mesh-server')
    const seed = mesh[0]?.address
    await worker.call('start', seed === undefined ? {} : { join: seed })
    const { key, address } = await worker.call<Omit<Relay, 'worker'>>('whereabouts')
    mesh.push({ worker, key, address })
    // The last one of the chain comes first: who is before it is told its port.
    const relay = bench.worker('bare-relay')
    const [then] = ports
    ports.unshift(await relay.call<number>('start', then === undefined ? {} : { then }))
    bare.unshift(relay)
  }
  return { mesh, bare, ports }
}

async function startEnds(bench: Bench, { mesh, ports }: Relays, relays: number): Promise<Ends> {
  const way = mesh.slice(0, relays)
  const [first, last] = [way[0], way.at(-1)]
  if (first === undefined || last === undefined) throw new Error('no relay')
  const meshEnds = [bench.worker('circuit-peer'), bench.worker('circuit-peer')] as const
  const to = await meshEnds[1].call<HopText>('attach', { address: last.address })
  return {
    relays,
    bare: [bench.worker('bare-peer'), bench.worker('bare-peer')],
    mesh: meshEnds,
    way: { address: first.address, relays: way.map(({ key }) => key), to },
    ports: [portOf(ports, 0), portOf(ports, relays - 1)],
  }
}

async function throughput(bench: Bench, relays: Relays, ends: Ends, cells: Cells): Promise<Row[]> {
  const figures: { bare: Figures; keymesh: Figures }[] = []
  for (let round = 0; round < Math.min(ROUNDS, bench.rounds); round += 1) {
    figures.push({
      bare: await bareRun(relays, ends, cells, round),
      keymesh: await meshRun(relays, ends, cells),
    })
  }
  const of = (pick: (figures: Figures) => number): Pick<Row, 'bare' | 'keymesh'> => ({
    bare: median(figures.map(({ bare }) => pick(bare))),
    keymesh: median(figures.map(({ keymesh }) => pick(keymesh))),
  })
  const where = `${named(ends.relays)}, ${cells.name} cells`
  return [
    row(
      `throughput over ${where}`,
      'MB/s',
      of(figure => figure.megabytesPerS),
    ),
    row(
      `CPU of a relay, ${where}`,
      's/GiB',
      of(figure => figure.cpuS),
    ),
  ]
}

async function bareRun(relays: Relays, ends: Ends, cells: Cells, round: number): Promise<Figures> {
  const { bytes, count } = cells
  const [a, b] = ends.bare
  const name = `${cells.name}-${ends.relays}-${round}`
  const [port, lastPort] = ends.ports
  const used = relays.bare.slice(0, ends.relays)
  await b.call('listen', { port: lastPort, pair: `0/${name}`, count })
  await cpuMsOf(used)
  await a.call('send', { port, pair: `${ends.relays - 1}/${name}`, count, bytes })
  return figuresOf(cells, await b.call<number>('received'), await cpuMsOf(used))
}

async function meshRun(relays: Relays, ends: Ends, cells: Cells): Promise<Figures> {
  const { count, isLarge } = cells
  const [a, b] = ends.mesh
  const used = relays.mesh.slice(0, ends.relays).map(({ worker }) => worker)
  await b.call('listen', { count })
  await cpuMsOf(used)
  await a.call('send', { ...ends.way, count, isLarge })
  return figuresOf(cells, await b.call<number>('received'), await cpuMsOf(used))
}

/** Since the last time that it was asked for, of one relay. */
async function cpuMsOf(relays: readonly Worker[]): Promise<number> {
  const spent = await Promise.all(relays.map(relay => relay.call<Resources>('resources')))
  return spent.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / relays.length
}

function figuresOf({ bytes, count }: Cells, ms: number, cpuMs: number): Figures {
  const total = bytes * count
  return { megabytesPerS: total / 1e6 / (ms / 1000), cpuS: cpuMs / 1000 / (total / GIB) }
}

async function trips(bench: Bench, ends: Ends): Promise<Row> {
  const { relays } = ends
  const args = { count: bench.isQuick ? 500 : 3_000, bytes: TRIP_BYTES }
  const [port, lastPort] = ends.ports
  const name = `trips-${relays}`
  await ends.bare[1].call('echo', { port: lastPort, pair: `0/${name}` })
  const pair = `${relays - 1}/${name}`
  const bare = await ends.bare[0].call<number[]>('roundTrips', { port, pair, ...args })
  await ends.mesh[1].call('echo')
  const keymesh = await ends.mesh[0].call<number[]>('roundTrips', { ...ends.way, ...args })
  const figures = { bare: median(bare), keymesh: median(keymesh) }
  return row(`round trip over ${named(relays)}, ${TRIP_BYTES} bytes`, 'ms', figures)
}

/** Without a goal. */
function row(what: string, unit: string, figures: Pick<Row, 'bare' | 'keymesh'>): Row {
  return { what, unit, ...figures, goal: '', isReached: true }
}

function named(relays: number): string {
  return relays === 1 ? '1 relay' : `${relays} relays`
}

function portOf(ports: readonly number[], at: number): number {
  const port = ports[at]
  if (port === undefined) throw new Error('no relay')
  return port
}
