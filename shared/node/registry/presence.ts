// What the words of several servers come to: the state of a watched key. Pure.

import type { KeyId } from '../../identity/node-id.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { PresenceView } from '../effects.ts'

/**
 * A key is online if one server says so: each knows of its own links only. A key without a record is not
 * reached, whatever they say.
 */
export function presenceOf(
  key: KeyId,
  value: RegistryValue | undefined,
  servers: Iterable<{ readonly isOnline: boolean | undefined }>,
): PresenceView {
  if (value === undefined) return { key, state: 'unknown' }
  if (value.kind === 'revocation') {
    const { successor } = value.signed.revocation
    return { key, state: 'revoked', ...(successor !== undefined && { successor }) }
  }
  const words = new Set([...servers].map(({ isOnline }) => isOnline))
  const state = words.has(true) ? 'online' : words.has(false) ? 'offline' : 'unknown'
  return { key, state, record: value.signed }
}
