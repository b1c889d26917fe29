// `keymesh ping KEY`: measures round trips to the peer's node, one after the other, like the ping of IP.

import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import type { LinkKind, MeshNode, Path } from '../../client/node.ts'
import type { CliContext } from '../context.ts'
import { deadlineIn } from '../deadline.ts'
import { directLinkOf } from '../direct-link.ts'
import { toCliError } from '../errors.ts'
import type { NodeFlags } from '../options.ts'
import { addPeerOptions, keyArgument, nodeOptions, wholeNumber } from '../options.ts'
import type { Output } from '../output.ts'
import { shortKey } from '../output.ts'
import { pathText } from '../path-text.ts'
import { PingStatistics, roundMs } from '../ping-statistics.ts'
import { PathNews, pathNewsText, wayText } from '../ping-text.ts'
import { attachOrLan, withNode } from '../with-node.ts'

interface PingFlags extends NodeFlags {
  /** Left out: until it is stopped. */
  readonly count?: number
  readonly interval: number
}

export function addPing(program: Command, context: CliContext): void {
  const { env, signal } = context
  const command = program
    .command('ping')
    .description('measure round trips to a key')
    .argument('<key>', 'whom to ping', keyArgument)
    .option('-c, --count <n>', 'how many (default: until stopped)', wholeNumber(1, 1_000_000_000))
    .option('-i, --interval <ms>', 'between two pings', wholeNumber(0, 3_600_000), 1_000)
  addPeerOptions(command, 'ephemeral').action((key: string, flags: PingFlags) =>
    withNode(nodeOptions(flags, env, 'ephemeral', signal), node => ping(node, key, flags, context)),
  )
}

async function ping(
  node: MeshNode,
  key: string,
  flags: PingFlags,
  context: CliContext,
): Promise<void> {
  const { output, signal } = context
  const deadline = deadlineIn(flags.timeout)
  await attachOrLan(node, context, deadline.leftMs(), flags)
  const { path } = await node.dial(key, { timeoutMs: deadline.leftMs(), signal })
  const link = await directLinkOf(node, key, path)
  output.result(
    { event: 'dialed', key, path: path ?? null, ...(link && { link }) },
    `PING ${output.style.bold(key)}${path ? `: ${pathText(path, link)}` : ''}`,
  )
  const statistics = new PingStatistics()
  const failure = await pingRepeatedly(node, key, flags, context, {
    statistics,
    news: new PathNews(path),
  })
  reportSummary(output, key, statistics)
  // One answer is enough to call the key reachable, as with the ping of IP.
  if (failure !== undefined && statistics.summary.received === 0) throw failure
}

interface Heard {
  readonly statistics: PingStatistics
  readonly news: PathNews
}

/** @returns the last failure, if any */
async function pingRepeatedly(
  node: MeshNode,
  key: string,
  { count = Number.POSITIVE_INFINITY, interval, timeout }: PingFlags,
  { output, signal }: CliContext,
  { statistics, news }: Heard,
): Promise<unknown> {
  let failure: unknown
  for (let seq = 1; seq <= count && !signal.aborted; seq += 1) {
    const nextAt = performance.now() + interval
    try {
      const deadline = deadlineIn(timeout)
      // Gives the session that is open, or opens another after the last one was lost.
      const peer = await node.dial(key, { timeoutMs: deadline.leftMs(), signal })
      const rttMs = roundMs(await peer.ping({ timeoutMs: deadline.leftMs(), signal }))
      statistics.received(rttMs)
      const { path } = peer
      const link = await directLinkOf(node, key, path)
      if (news.isNew(path)) {
        output.result({ event: 'path', path, ...(link && { link }) }, pathNewsText(path, link))
      }
      reportPong(output, key, seq, rttMs, { path, link })
    } catch (error) {
      if (signal.aborted) break
      failure = error
      statistics.lost()
      reportLost(output, key, seq, error)
    }
    if (seq < count) await pause(nextAt - performance.now(), signal)
  }
  return failure
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // The next macrotask even when there is no time to wait, so that signals are heard.
  await delay(Math.max(0, ms), undefined, { signal }).catch(() => {})
}

function reportPong(
  output: Output,
  key: string,
  seq: number,
  rttMs: number,
  { path, link }: { readonly path: Path | undefined; readonly link: LinkKind | undefined },
): void {
  const way = { path: path?.kind ?? null, hops: path?.hops.length ?? null, ...(link && { link }) }
  output.result(
    { event: 'pong', seq, rttMs, ...way },
    `answer from ${shortKey(key)}: seq=${seq} time=${rttMs} ms${wayText(path, link)}`,
  )
}

function reportLost(output: Output, key: string, seq: number, error: unknown): void {
  const { code, message } = toCliError(error)
  output.result(
    { event: 'lost', seq, code, message },
    `no answer from ${shortKey(key)}: seq=${seq} ${message} (${code})`,
  )
}

function reportSummary(output: Output, key: string, statistics: PingStatistics): void {
  const { summary } = statistics
  const { sent, received, minMs, medianMs, maxMs } = summary
  const lost = sent === 0 ? 0 : Math.round((1 - received / sent) * 100)
  const lines = [
    '',
    `--- ${shortKey(key)} ping statistics ---`,
    `${sent} sent, ${received} received, ${lost}% lost`,
    ...(received === 0 ? [] : [`round trip min/median/max = ${minMs}/${medianMs}/${maxMs} ms`]),
  ]
  output.result({ event: 'summary', ...summary }, lines.join('\n'))
}
