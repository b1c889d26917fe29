// Figures of WebRTC links between two Node processes, the host only, without a session: beside a bare data
// channel of the same library in the same two processes.

import type { Bench } from './bench.ts'
import type { WayKind } from './rtc-ways.ts'
import type { Row } from './stats.ts'
import { median, quantile } from './stats.ts'

const KINDS: readonly WayKind[] = ['bare', 'link']
const OPEN_P95_MS = 150

interface Load {
  readonly bytes: number
  readonly count: number
  readonly inMegabytes: boolean
}

export async function rtc(bench: Bench): Promise<Row[]> {
  return [
    ...(await openings(bench)),
    await throughput(bench, { bytes: 16_384, count: 6_000, inMegabytes: true }),
    await throughput(bench, { bytes: 1_024, count: 60_000, inMegabytes: false }),
  ]
}

async function openings(bench: Bench): Promise<Row[]> {
  const [a, b] = [bench.worker('rtc-peer'), bench.worker('rtc-peer')]
  const port = await b.call<number>('start')
  const times: Record<WayKind, number[]> = { bare: [], link: [] }
  for (let round = 0; round < bench.rounds; round++) {
    for (const kind of KINDS) {
      // Half of the bare ones take a second.
      const count = kind === 'link' ? 50 : 10
      times[kind].push(...(await a.call<number[]>('open', { port, kind, count })))
    }
  }
  const at = (q: number) => ({
    bare: quantile(times.bare, q),
    keymesh: quantile(times.link, q),
  })
  const [middle, tail] = [at(0.5), at(0.95)]
  return [
    {
      what: `direct open, median of ${times.link.length}`,
      unit: 'ms',
      ...middle,
      goal: '<= 3 x bare',
      isReached: middle.keymesh <= 3 * middle.bare,
    },
    {
      what: 'direct open, 95 of 100 within',
      unit: 'ms',
      ...tail,
      goal: `<= ${OPEN_P95_MS} ms`,
      isReached: tail.keymesh <= OPEN_P95_MS,
    },
  ]
}

async function throughput(bench: Bench, load: Load): Promise<Row> {
  const { bytes, count, inMegabytes } = load
  const [a, b] = [bench.worker('rtc-peer'), bench.worker('rtc-peer')]
  const port = await b.call<number>('start')
  const figures: Record<WayKind, number[]> = { bare: [], link: [] }
  for (let round = 0; round < bench.rounds; round++) {
    for (const kind of KINDS) {
      await b.call('listen', { count })
      await a.call('send', { port, kind, count, bytes })
      const seconds = (await b.call<number>('received')) / 1_000
      figures[kind].push((inMegabytes ? (count * bytes) / 1e6 : count) / seconds)
    }
  }
  const [bare, keymesh] = [median(figures.bare), median(figures.link)]
  return {
    what: `direct messages of ${bytes / 1_024} KiB`,
    unit: inMegabytes ? 'MB/s' : 'messages/s',
    bare,
    keymesh,
    goal: '>= 0.9 x bare',
    isReached: keymesh >= 0.9 * bare,
  }
}
