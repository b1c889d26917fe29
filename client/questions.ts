// What a node is asked about a key, without reaching it: its record, its routes, and why it is reached or not.

import type { KeyId } from '../shared/identity/node-id.ts'
import { DIAL_TIMEOUT_MS } from '../shared/wire/limits.ts'
import type { RecordView, RoutesOptions, WaitOptions } from './api.ts'
import { modeOf, timeoutOf } from './options.ts'
import { recordViewOf } from './record-view.ts'
import type { Requests } from './requests.ts'
import type { Explanation, Route } from './route-types.ts'
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
  return explanationOf(explanation, source, key, unixMs())
}
