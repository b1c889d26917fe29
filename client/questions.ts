// What a node is asked about a key, without reaching it: its record, its routes, and why it is reached or not. And what it is
// asked about itself.

import type { KeyId } from '../shared/identity/node-id.ts'
import type { NodeStats } from '../shared/node/stats.ts'
import type { PrivateFacts } from '../shared/routes/private-reasons.ts'
import { commonKindBy } from '../shared/routes/relay-apartness.ts'
import { DIAL_TIMEOUT_MS, PRIVATE_RELAYS_TOLD } from '../shared/wire/limits.ts'
import type { RecordView, RoutesOptions, WaitOptions } from './api.ts'
import { writeKey } from './key-input.ts'
import { modeOf, timeoutOf } from './options.ts'
import { recordViewOf } from './record-view.ts'
import type { Requests } from './requests.ts'
import type { Explanation, PrivatePath, Route } from './route-types.ts'
import { explanationOf, routesOf } from './route-view.ts'

export async function lookUp(
  requests: Requests,
  key: KeyId,
  options: WaitOptions,
): Promise<RecordView> {
  const timeoutMs = timeoutOf(options.timeoutMs, DIAL_TIMEOUT_MS)
  const { record } = await requests.askFor(
    'found',
    request => ({ kind: 'lookup', request, key, timeoutMs }),
    options.signal,
  )
  return recordViewOf(record.record)
}

/** @param source our own key */
export async function askRoutes(
  requests: Requests,
  source: string,
  key: KeyId,
  { timeoutMs, signal, mode }: RoutesOptions,
): Promise<readonly Route[]> {
  const limits = { timeoutMs: timeoutOf(timeoutMs, DIAL_TIMEOUT_MS), ...modeOf(mode) }
  const { routes } = await requests.askFor(
    'routes',
    request => ({ kind: 'routes', request, key, ...limits }),
    signal,
  )
  return routesOf(routes, source, key)
}

/** @param source our own key */
export async function askExplanation(
  requests: Requests,
  source: string,
  key: KeyId,
  unixMs: () => number,
  options: WaitOptions,
): Promise<Explanation> {
  const timeoutMs = timeoutOf(options.timeoutMs, DIAL_TIMEOUT_MS)
  const { explanation } = await requests.askFor(
    'explained',
    request => ({ kind: 'explain', request, key, timeoutMs }),
    options.signal,
  )
  const nowMs = unixMs()
  const { privateFacts } = explanation
  const privatePath = privateFacts && (await privatePathFrom(privateFacts))
  return explanationOf(explanation, source, key, nowMs, privatePath)
}

export async function askStats(requests: Requests, options: WaitOptions): Promise<NodeStats> {
  const timeoutMs = timeoutOf(options.timeoutMs, DIAL_TIMEOUT_MS)
  const { stats } = await requests.askFor(
    'stats',
    request => ({ kind: 'stats', request, timeoutMs }),
    options.signal,
  )
  return stats
}

/** An explanation is given even where this part of it cannot be loaded. */
async function privatePathFrom(facts: PrivateFacts): Promise<PrivatePath | undefined> {
  const view = await import('./private-view.ts').catch(() => undefined)
  const common = commonKindBy(key => facts.kinds.get(key) ?? [])
  return view?.privatePathOf(facts, { common, maxTold: PRIVATE_RELAYS_TOLD, writeKey })
}
