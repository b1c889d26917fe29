// What an attached client that says nothing costs its server: resident memory and CPU. What comes of the logins is
// kept out of both: garbage, and the measuring and asking in a client's first seconds.

import type { Bench } from './bench.ts'
import type { Resources } from './resources.ts'
import type { Row } from './stats.ts'
import type { Worker } from './worker.ts'

const PING_MS = 11_000
const WATCH_MS = 22_000
/** After the last login: by then each client pings at its own pace, and nothing else. */
const REST_MS = 2 * PING_MS
const WARM_UP = 500
/**
 * The young generation has one size from the start: otherwise it grows by up to 16 MB at some time or other, which looks
 * like 8 KB for each client when it happens between the two looks.
 */
const SERVER_FLAGS = ['--min-semi-space-size=16', '--max-semi-space-size=16']

interface Cost {
  readonly kilobytes: number
  /** Milliseconds of CPU a second, for 1,000 clients. */
  readonly cpuMs: number
}

export async function idle(bench: Bench): Promise<Row[]> {
  const count = bench.isQuick ? 500 : 2_000
  const bareRelay = bench.worker('bare-relay', SERVER_FLAGS)
  const port = await bareRelay.call<number>('start')
  const barePeer = bench.worker('bare-peer')
  const bare = await cost(bareRelay, count, clients =>
    barePeer.call('idle', { port, count: clients, pingMs: PING_MS }),
  )
  const meshServer = bench.worker('mesh-server', SERVER_FLAGS)
  const url = await meshServer.call<string>('start')
  const meshPeer = bench.worker('mesh-peer')
  const keymesh = await cost(meshServer, count, clients =>
    meshPeer.call('idle', { url, count: clients }),
  )
  return [
    {
      what: 'server memory per idle attached client',
      unit: 'KB',
      bare: bare.kilobytes,
      keymesh: keymesh.kilobytes,
      goal: '<= 2 x bare',
      isReached: keymesh.kilobytes <= 2 * bare.kilobytes,
    },
    {
      what: 'server CPU per 1,000 idle clients',
      unit: 'ms/s',
      bare: bare.cpuMs,
      keymesh: keymesh.cpuMs,
      goal: '<= 2 x bare',
      isReached: keymesh.cpuMs <= 2 * bare.cpuMs,
    },
  ]
}

/** Measured over clients that come to a server which has served others: compiled code and heap are there. */
async function cost(
  server: Worker,
  count: number,
  attach: (clients: number) => Promise<unknown>,
): Promise<Cost> {
  await attach(WARM_UP)
  await server.call('settle')
  const before = await server.call<Resources>('resources')
  await attach(count)
  await server.call('settle')
  const attached = await server.call<Resources>('resources')
  await pause(REST_MS)
  await server.call('resources')
  await pause(WATCH_MS)
  const after = await server.call<Resources>('resources')
  const residentBytes = attached.residentBytes - before.residentBytes
  return {
    kilobytes: residentBytes / 1024 / count,
    cpuMs: after.cpuMs / (WATCH_MS / 1000) / ((WARM_UP + count) / 1000),
  }
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
