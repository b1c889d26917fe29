// An explanation as a person reads it: who is sought, what is known, the routes with their costs, and what was
// tried. What it comes to is said by whoever shows it. Pure.

import type { Explanation, ReachStep, ServerStatus } from '../client/node.ts'
import { directTexts } from './direct-text.ts'
import type { NodeNames } from './node-names.ts'
import { shortKey } from './output.ts'
import { printableLine } from './printable.ts'
import { privateLines } from './private-text.ts'
import { agoText, durationText } from './quantity-text.ts'
import { failureText, hopsText, orderText, routeLines } from './route-text.ts'
import type { Style } from './style.ts'
import { fieldLines, tableLines } from './table.ts'

const STEP_COLUMNS = [
  { title: 'when', isNumber: true },
  { title: 'step' },
  { title: 'took', isNumber: true },
  { title: 'outcome' },
] as const

/** Under which key it was asked. */
export interface Asker {
  readonly key: string
  /** Made for this question only, so nobody knows it. */
  readonly isNew: boolean
}

export interface Telling {
  readonly asker: Asker
  readonly names: NodeNames
  /** Milliseconds since 1970. */
  readonly nowMs: number
  readonly style: Style
  /** What switched WebRTC off at this node, if anything did. */
  readonly webRtcOff?: string | undefined
}

export function explanationText(
  explanation: Explanation,
  { asker, names, nowMs, style, webRtcOff }: Telling,
): string {
  const { key, mode, servers, routes, privatePath, steps } = explanation
  const facts = fieldLines(
    [
      ['key', [style.bold(key)]],
      ['asked as', [`${asker.key}${asker.isNew ? ' (new)' : ''}`]],
      ['mode', [MODE_TEXT[mode]]],
      ['record', [recordText(explanation, nowMs)]],
      ['attached to', homeTexts(explanation, names)],
      [
        'your servers',
        servers.length === 0 ? ['none'] : servers.map(server => serverText(server, style)),
      ],
      ['direct', directTexts(explanation, nowMs, webRtcOff)],
      ['on the way', strangersOf(explanation).map(hop => namedKey(hop, names))],
    ],
    style,
  )
  const ways =
    routes.length === 0
      ? []
      : [
          '',
          `Routes, ${orderText(routes)}:`,
          ...routeLines(routes, { names, hasParts: true }, style),
        ]
  const places =
    privatePath === undefined
      ? []
      : ['', 'Nodes for a private path:', ...privateLines(privatePath, names, style)]
  const tried =
    steps.length === 0 ? [] : ['', 'Tried:', ...stepLines(steps, { names, nowMs, style })]
  return [...facts, ...ways, ...places, ...tried].join('\n')
}

const MODE_TEXT = {
  fast: 'fast: the best path, direct where that can be',
  relay: 'relay: never direct',
  private: 'private: three nodes or more in between',
} as const satisfies Record<Explanation['mode'], string>

function recordText({ record, lastSeen }: Explanation, nowMs: number): string {
  switch (record) {
    case 'found':
      return `found${lastSeen === undefined ? '' : `, signed ${agoText(nowMs - lastSeen)}`}`
    case 'absent':
      return 'none: no server knows this key'
    case 'noAnswer':
      return 'not known: no server has answered'
    case 'revoked':
      return 'revoked by its holder'
  }
}

function homeTexts({ homes, type }: Explanation, names: NodeNames): string[] {
  if (type === 'server') return ['nobody: it is a server itself']
  if (homes.length === 0) return ['no server that is known']
  return homes.map(home => namedKey(home, names))
}

/** Nodes that the text would name by a short name only. */
function strangersOf({ homes, servers, routes, steps }: Explanation): string[] {
  const told = new Set([...homes, ...servers.map(({ key }) => key)])
  const hops = [...routes, ...steps].flatMap(way => way.hops)
  return [...new Set(hops)].filter(hop => !told.has(hop))
}

function namedKey(key: string, names: NodeNames): string {
  const name = names.get(key)
  return name === undefined ? key : `${key} ${name}`
}

function serverText({ url, key, state, rttMs, error }: ServerStatus, style: Style): string {
  const rtt = state === 'online' && rttMs !== undefined ? `, ${durationText(rttMs)}` : ''
  const reason = error === undefined ? '' : `: ${failureText(error)}`
  const text = `${state}${rtt}${reason}`
  const name = key === undefined ? '' : ` ${shortKey(key)}`
  return `${printableLine(url)}${name} ${state === 'online' ? style.green(text) : style.red(text)}`
}

function stepLines(
  steps: readonly ReachStep[],
  { names, nowMs, style }: Pick<Telling, 'names' | 'nowMs' | 'style'>,
): string[] {
  const rows = steps.map(({ step, hops, startedAt, tookMs, error }) => [
    agoText(nowMs - startedAt),
    `${STEP_TEXT[step]}${step === 'lookup' ? '' : wayText(hops, names)}`,
    durationText(tookMs),
    error === undefined ? '✓' : `✗ ${failureText(error)}`,
  ])
  const [heading = '', ...lines] = tableLines(STEP_COLUMNS, rows, style)
  return [
    heading,
    ...lines.map((line, at) => (steps[at]?.error === undefined ? line : style.red(line))),
  ]
}

const STEP_TEXT = {
  lookup: 'look up the record',
  circuit: 'open a path',
  handshake: 'handshake',
  attach: 'give the session another path',
  refusal: 'refused by the peer',
} as const satisfies Record<ReachStep['step'], string>

function wayText(hops: readonly string[], names: NodeNames): string {
  return hops.length === 0 ? ' directly' : ` over ${hopsText(hops, names)}`
}
