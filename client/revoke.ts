// Revoking a node's own key: the successor's seed comes from the caller or from where it is kept.

import { wipe } from '../shared/bytes/wipe.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import { DIAL_TIMEOUT_MS } from '../shared/wire/limits.ts'
import type { RevokeOptions, RevokeResult } from './api.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { ownSeed, timeoutOf } from './options.ts'
import type { Requests } from './requests.ts'

/** @throws as `MeshNode.revoke` */
export async function revokeKey(
  key: string,
  requests: Requests,
  { loadSeed }: Pick<NodeRuntime, 'loadSeed'>,
  { successor, timeoutMs, signal }: RevokeOptions,
): Promise<RevokeResult> {
  const limitMs = timeoutOf(timeoutMs, DIAL_TIMEOUT_MS)
  const seed = successor && (await seedOf(successor, loadSeed))
  const { servers, successor: heir } = await requests
    .askFor(
      'revoked',
      request => ({
        kind: 'revoke',
        request,
        timeoutMs: limitMs,
        ...(seed !== undefined && { successor: seed }),
      }),
      signal,
    )
    .finally(() => seed && wipe(seed))
  return { key, servers, ...(heir !== undefined && { successor: encodeKey(heir) }) }
}

async function seedOf(
  successor: Uint8Array | { readonly data: string },
  loadSeed: NodeRuntime['loadSeed'],
): Promise<Uint8Array> {
  return successor instanceof Uint8Array ? ownSeed(successor) : loadSeed(successor.data)
}
