// Routes and steps in the words of the page. Pure; what an explanation comes to is client/advice.ts.

import type { Explanation, PathMode, ReachStep, Route, RouteScore } from '../../client/api.ts'
import type { Book } from './book.ts'
import { shortKey } from './key-link.ts'
import { formatRtt } from './reach.ts'
import type { ServerNames } from './server-names.ts'

export const MODES: readonly {
  readonly mode: PathMode
  readonly title: string
  /** For those who have not chosen it. */
  readonly brief: string
  /** What it hides from whom, and what it does not. */
  readonly meaning: string
}[] = [
  {
    mode: 'fast',
    title: 'Fast',
    brief: 'The best path there is.',
    meaning:
      'The best path there is. Where that is a direct one, your peer sees your network address; else the server in between sees that the two of you talk.',
  },
  {
    mode: 'relay',
    title: 'Relay',
    brief: 'Never direct: your peer does not see your network address.',
    meaning:
      'Never direct: your peer does not see your network address. The server in between does, and sees that the two of you talk.',
  },
  {
    mode: 'private',
    title: 'Private',
    brief: 'Through three nodes or more, none of which sees both of you.',
    meaning:
      'Through three nodes or more of different networks: in what it forwards, none of them sees both of you. Slower. Your servers still see that you look this key up, and who watches both ends can match them by time and volume.',
  },
]

/** How a node on the way is called: the user's name for it, the address of a server of ours, or its key. */
export function nodeName(key: string, book: Book, servers: ServerNames): string {
  return book.get(key)?.petname ?? servers.get(key) ?? shortKey(key)
}

/** `23 ms`, `98 % reliable`, `1.2 MB/s` */
export function routeFacts({ metrics, rttMs }: Route): readonly string[] {
  const { latencyMs, isMeasured, reliability, bytesPerS } = metrics
  const isMeasuredWhole = rttMs !== undefined || isMeasured
  return [
    `${isMeasuredWhole ? '' : 'about '}${formatRtt(rttMs ?? latencyMs)}`,
    `${Math.round(reliability * 100)} % reliable`,
    ...(bytesPerS === undefined ? [] : [speedText(bytesPerS)]),
  ]
}

/** `Cost 39 ms`, `= 24 for latency`, `+ 10 for hops`, `+ 5 for reliability`; parts of nothing are left out. */
export function costParts({ total, ...parts }: RouteScore): readonly string[] {
  const sum = (['latency', 'hops', 'reliability', 'throughput'] as const)
    .filter(name => Math.round(parts[name]) !== 0)
    .map((name, at) => `${at === 0 ? '=' : '+'} ${Math.round(parts[name])} for ${name}`)
  return [`Cost ${Math.round(total)} ms`, ...sum]
}

export const STEP_WORDS = {
  lookup: 'Look up its record',
  circuit: 'Open a path',
  handshake: 'Handshake',
  attach: 'Give the session another path',
  refusal: 'Refused by your peer',
} as const satisfies Record<ReachStep['step'], string>

/** @param nowMs milliseconds since 1970 */
export function recordWords({ record, lastSeen, servers }: Explanation, nowMs: number): string {
  switch (record) {
    case 'found':
      return lastSeen === undefined
        ? 'Your servers have its record.'
        : `Your servers have its record, signed ${agoText(nowMs - lastSeen)}.`
    case 'absent':
      return 'No server has a record of this key.'
    case 'noAnswer':
      return servers.some(({ state }) => state === 'online')
        ? 'No server has said what it knows of this key.'
        : 'No server is connected that could be asked.'
    case 'revoked':
      return 'Its holder has revoked this key.'
  }
}

/** How long ago something was; a clock that is ahead of ours is as good as now. */
export function agoText(ms: number): string {
  return agoWords(Math.max(0, Math.round(ms / 1000))).replaceAll(' ', '\u00a0')
}

function agoWords(s: number): string {
  if (s < 2) return 'just now'
  if (s < 120) return `${s} s ago`
  if (s < 7_200) return `${Math.round(s / 60)} min ago`
  return s < 172_800 ? `${Math.round(s / 3_600)} h ago` : `${Math.round(s / 86_400)} days ago`
}

function speedText(bytesPerS: number): string {
  if (bytesPerS >= 1e6) return `${Math.round(bytesPerS / 1e5) / 10} MB/s`
  return `${Math.max(1, Math.round(bytesPerS / 1e3))} kB/s`
}
