// The core's view of its servers, in the words of the public API. Pure.

import { originOf } from '../shared/node/address/server-url.ts'
import type { AttachmentView } from '../shared/node/effects.ts'
import type { NodeStatus, ServerStatus } from './api.ts'
import { writeKey } from './key-input.ts'

/** @param before a node that was offline stays so, rather than flicker, until a server answers */
export function statusOf(
  attachments: readonly AttachmentView[],
  before: NodeStatus,
  unixMs: number,
): NodeStatus {
  const servers = attachments.map(view => serverStatusOf(view, unixMs))
  if (servers.some(({ state }) => state === 'online')) return { state: 'online', servers }
  const isOffline = before.state === 'offline' || servers.every(({ state }) => state === 'waiting')
  return { state: isOffline ? 'offline' : 'connecting', servers }
}

export function serverStatusOf(view: AttachmentView, unixMs: number): ServerStatus {
  return {
    url: originOf(view.url),
    ...(view.isLearned && { isLearned: view.isLearned }),
    state: view.state,
    ...(view.key !== undefined && { key: writeKey(view.key) }),
    ...(view.rttMs !== undefined && { rttMs: view.rttMs }),
    ...(view.failure !== undefined && { error: view.failure }),
    ...(view.retryInMs !== undefined && { retryAt: unixMs + view.retryInMs }),
  }
}
