// Routes as a table: each way, how good it is, and what that makes it cost. Pure.

import type { Failure, Route, RouteScore } from '../client/node.ts'
import type { NodeNames } from './node-names.ts'
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
  { title: 'hops', isNumber: true },
  { title: 'latency', isNumber: true },
  { title: 'reliable', isNumber: true },
  { title: 'speed', isNumber: true },
  { title: 'cost', isNumber: true },
]

/** Set in under the cells of the second column. */
const INDENT = '    '

export interface RouteLook {
  readonly names: NodeNames
  /** Tells below each route what its cost is made of. */
  readonly hasParts: boolean
}

export function routeLines(
  routes: readonly Route[],
  { names, hasParts }: RouteLook,
  style: Style,
): string[] {
  const rows = routes.map((route, at) => cellsOf(route, at, names))
  const [heading = '', ...lines] = tableLines(COLUMNS, rows, style)
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

/** In which order a node tells routes. */
export function orderText(routes: readonly Route[]): string {
  const hasActive = routes.some(({ state }) => state === 'active')
  return hasActive ? 'the one in use first, then by cost' : 'by cost'
}

export function hopsText(hops: readonly string[], names: NodeNames): string {
  return hops.length === 0
    ? '(direct)'
    : hops.map(hop => names.get(hop) ?? shortKey(hop)).join(' → ')
}

export function failureText({ code, message }: Failure): string {
  return `${printableLine(message)} (${code})`
}

/** `cost 39 ms = 24 for latency + 10 for hops + 5 for reliability`; parts of nothing are left out. */
export function scoreText({ total, ...parts }: RouteScore): string {
  const sum = (['latency', 'hops', 'reliability', 'throughput'] as const)
    .filter(name => Math.round(parts[name]) !== 0)
    .map(name => `${Math.round(parts[name])} for ${name}`)
  return `cost ${Math.round(total)} ms${sum.length === 0 ? '' : ` = ${sum.join(' + ')}`}`
}

function cellsOf(route: Route, at: number, names: NodeNames): string[] {
  const { hops, state, openedBy, rttMs, metrics, score } = route
  const { latencyMs, isMeasured, reliability, bytesPerS } = metrics
  const isRough = rttMs === undefined && !isMeasured
  return [
    String(at + 1),
    hopsText(hops, names),
    openedBy === 'peer' ? `${state}, peer’s` : state,
    String(metrics.hops),
    `${isRough ? '~' : ''}${durationText(rttMs ?? latencyMs)}`,
    `${Math.round(reliability * 100)} %`,
    bytesPerS === undefined ? '–' : speedText(bytesPerS),
    String(Math.round(score.total)),
  ]
}
