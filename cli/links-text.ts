// The open links of a node as a table: to whom, of what kind, and what went over each. Pure.

import type { CandidatePair, LinkStats } from '../client/node.ts'
import type { NodeNames } from './node-names.ts'
import { shortKey } from './output.ts'
import { bytesText, durationText } from './quantity-text.ts'
import type { Style } from './style.ts'
import { tableLines } from './table.ts'

const COLUMNS = [
  { title: 'to' },
  { title: 'by' },
  { title: 'opened by' },
  { title: 'open for', isNumber: true },
  { title: 'round trip', isNumber: true },
  { title: 'sent', isNumber: true },
  { title: 'received', isNumber: true },
] as const

interface Look {
  readonly names: NodeNames
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

export function linkLines(
  links: readonly LinkStats[],
  { names, nowMs }: Look,
  style: Style,
): string[] {
  const rows = links.map(link => {
    const { key, openedBy, since, rttMs, sentBytes, receivedBytes } = link
    return [
      names.get(key) ?? shortKey(key),
      transportText(link),
      openedBy,
      durationText(Math.max(0, nowMs - since)),
      rttMs === undefined ? '–' : durationText(rttMs),
      bytesText(sentBytes),
      bytesText(receivedBytes),
    ]
  })
  return tableLines(COLUMNS, rows, style)
}

/** `host to srflx, UDP`: the terms of ICE, in which people report what networks do. */
export function candidatesText({ own, peer, protocol }: CandidatePair): string {
  return `${own} to ${peer}, ${protocol.toUpperCase()}`
}

function transportText({ kind, candidates }: LinkStats): string {
  if (kind !== 'rtc') return kind === 'lan' ? 'WebSocket (LAN)' : 'WebSocket'
  return candidates === undefined ? 'WebRTC' : `WebRTC (${candidatesText(candidates)})`
}
