// Routes as a table: each way, how good it is, and what that makes it cost. Pure.

import type { Failure, Route, RouteScore } from '../client/node.ts'
import { shortKey } from './output.ts'
import { printableLine } from './printable.ts'
import { durationText, speedText } from './quantity-text.ts'
import type { Style } from './style.ts'
import type { Column } from './table.ts'
import { tableLines } from './table.ts'

const COLUMNS: readonly Column[] = [
  { title: '', isNumber: true },
  { title: 'through' },
  { title: 'state' },
  { title: 'links', isNumber: true },
  { title: 'latency', isNumber: true },
  { title: 'reliable', isNumber: true },
  { title: 'speed', isNumber: true },
  { title: 'cost', isNumber: true },
]

/** Set in under the cells of the second column. */
const INDENT = '    '

/** @param hasParts tells below each route what its cost is made of */
export function routeLines(
  routes: readonly Route[],
  { hasParts }: { readonly hasParts: boolean },
  style: Style,
): string[] {
  const [heading = '', ...lines] = tableLines(COLUMNS, routes.map(cellsOf), style)
  const below = routes.map(({ score, error }) => [
    ...(hasParts ? [style.dim(`${INDENT}${scoreText(score)}`)] : []),
    ...(error === undefined ? [] : [style.red(`${INDENT}${failureText(error)}`)]),
  ])
  const isEstimated = routes.some(({ metrics }) => !metrics.isMeasured)
  return [
    heading,
    ...lines.flatMap((line, at) => [line, ...(below[at] ?? [])]),
    ...(isEstimated ? [style.dim(ESTIMATE_NOTE)] : []),
  ]
}

const ESTIMATE_NOTE = '~ not measured as a whole: the sum of what is known and assumed of its links'

export function hopsText(hops: readonly string[]): string {
  return hops.length === 0 ? '(direct)' : hops.map(shortKey).join(' → ')
}

export function failureText({ code, message }: Failure): string {
  return `${printableLine(message)} (${code})`
}

/** `cost 49 = 24 latency + 20 hops + 5 reliability`; parts of nothing are left out. */
export function scoreText({ total, ...parts }: RouteScore): string {
  const sum = (['latency', 'hops', 'reliability', 'throughput'] as const)
    .filter(name => Math.round(parts[name]) !== 0)
    .map(name => `${Math.round(parts[name])} ${name}`)
  return `cost ${Math.round(total)}${sum.length === 0 ? '' : ` = ${sum.join(' + ')}`}`
}

function cellsOf({ hops, state, rttMs, metrics, score }: Route, at: number): string[] {
  const { latencyMs, isMeasured, reliability, bytesPerS } = metrics
  const isRough = rttMs === undefined && !isMeasured
  return [
    String(at + 1),
    hopsText(hops),
    state,
    String(metrics.hops),
    `${isRough ? '~' : ''}${durationText(rttMs ?? latencyMs)}`,
    `${Math.round(reliability * 100)} %`,
    bytesPerS === undefined ? '–' : speedText(bytesPerS),
    String(Math.round(score.total)),
  ]
}
