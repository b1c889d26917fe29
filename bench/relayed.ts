// Figures of two clients that talk through one relay: dial, throughput, round trip.

import type { Bench } from './bench.ts'
import type { Row } from './stats.ts'
import { median } from './stats.ts'
import type { Worker } from './worker.ts'

interface Stage {
  readonly relay: Worker
  readonly a: Worker
  readonly b: Worker
}

async function bareStage(bench: Bench): Promise<Stage & { port: number }> {
  const relay = bench.worker('bare-relay')
  const port = await relay.call<number>('start')
  return { relay, port, a: bench.worker('bare-peer'), b: bench.worker('bare-peer') }
}

async function meshStage(bench: Bench): Promise<Stage & { url: string }> {
  const relay = bench.worker('mesh-server')
  const url = await relay.call<string>('start')
  return { relay, url, a: bench.worker('mesh-peer'), b: bench.worker('mesh-peer') }
}

/** From dial(key), to a key never met before, until the first encrypted echo is back. */
export async function dial(bench: Bench): Promise<Row[]> {
  const [bare, mesh] = [await bareStage(bench), await meshStage(bench)]
  // One key may open circuits as fast as it likes up to SETUPS_BURST.
  const count = bench.isQuick ? 20 : 80
  const keys = await mesh.b.call<string[]>('echo', { url: mesh.url, count })
  const keymesh = await mesh.a.call<number[]>('dial', { url: mesh.url, keys })
  const bareTimes: number[] = []
  for (let i = 0; i < count; i++) {
    await bare.b.call('echo', { port: bare.port, pair: `dial-${i}` })
    bareTimes.push(await bare.a.call<number>('dial', { port: bare.port, pair: `dial-${i}` }))
  }
  const ms = median(keymesh)
  return [
    {
      what: 'dial by key to first encrypted echo',
      unit: 'ms',
      bare: median(bareTimes),
      keymesh: ms,
      goal: '<= 7 ms',
      isReached: ms <= 7,
    },
  ]
}

interface Load {
  readonly bytes: number
  readonly count: number
  readonly inMegabytes: boolean
  /** Of the bare relay, to be reached. */
  readonly share: number
}

export async function throughput(bench: Bench, load: Load): Promise<Row[]> {
  const { bytes, count, inMegabytes, share } = load
  const [bare, mesh] = [await bareStage(bench), await meshStage(bench)]
  const perSecond = (ms: number): number =>
    inMegabytes ? (count * bytes) / 1e6 / (ms / 1000) : count / (ms / 1000)
  const figures: { bare: number; keymesh: number }[] = []
  for (let round = 0; round < bench.rounds; round++) {
    const pair = `load-${round}`
    await bare.b.call('listen', { port: bare.port, pair, count })
    await bare.a.call('send', { port: bare.port, pair, count, bytes })
    const bareMs = await bare.b.call<number>('received')
    const key = await mesh.b.call<string>('listen', { url: mesh.url, count })
    await mesh.a.call('send', { url: mesh.url, key, count, bytes })
    const meshMs = await mesh.b.call<number>('received')
    figures.push({ bare: perSecond(bareMs), keymesh: perSecond(meshMs) })
  }
  const [bareFigure, keymesh] = [
    median(figures.map(figure => figure.bare)),
    median(figures.map(figure => figure.keymesh)),
  ]
  return [
    {
      what: `relayed messages of ${bytes / 1024} KiB`,
      unit: inMegabytes ? 'MB/s' : 'messages/s',
      bare: bareFigure,
      keymesh,
      goal: `>= ${share} x bare`,
      isReached: keymesh >= share * bareFigure,
    },
  ]
}

export async function trips(bench: Bench): Promise<Row[]> {
  const [bare, mesh] = [await bareStage(bench), await meshStage(bench)]
  const count = bench.isQuick ? 2_000 : 10_000
  await bare.b.call('echo', { port: bare.port, pair: 'trip' })
  const [key] = await mesh.b.call<string[]>('echo', { url: mesh.url, count: 1 })
  const args = { count, bytes: 64 }
  const bareTimes = await bare.a.call<number[]>('roundTrips', {
    port: bare.port,
    pair: 'trip',
    ...args,
  })
  const meshTimes = await mesh.a.call<number[]>('roundTrips', { url: mesh.url, key, ...args })
  const [bareMs, keymesh] = [median(bareTimes), median(meshTimes)]
  return [
    {
      what: 'round trip of 64 bytes',
      unit: 'ms',
      bare: bareMs,
      keymesh,
      goal: '<= 2 x bare',
      isReached: keymesh <= 2 * bareMs,
    },
  ]
}
