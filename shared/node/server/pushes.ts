// The news that a server tells unasked (docs/PROTOCOL.md 3.6, PUSH), as frames. Pure.

import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import { presenceBody, quotaBody, recordBody } from '../../wire/registry-bodies.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import { encodePush } from '../../wire/rpc-messages.ts'

/** What is new of a key. */
export interface KeyNews {
  readonly value?: RegistryValue
  readonly isOnline?: boolean
}

export function presencePush(key: KeyId, { value, isOnline }: KeyNews): Uint8Array {
  const body = presenceBody({
    key: publicKeyOf(key),
    ...(value !== undefined && { value: { kind: value.kind, bytes: value.signed.bytes } }),
    ...(isOnline !== undefined && { isOnline }),
  })
  return encodePush({ method: 'presence', body })
}

/** The server's own record. */
export function recordPush(record: Uint8Array): Uint8Array {
  return encodePush({ method: 'record', body: recordBody(record) })
}

/** A limit that the peer ran into. */
export function quotaPush(limit: string, retryAfterMs: number): Uint8Array {
  const body = quotaBody({ limit, retryAfterMs: Math.ceil(retryAfterMs) })
  return encodePush({ method: 'quota', body })
}
