// After a lookup (docs/PROTOCOL.md 4): which of those that answered should have had the value that won, and get it.

import type { KeyId } from '../identity/node-id.ts'
import type { RegistryValue } from '../wire/registry-value.ts'
import { supersedes } from '../wire/registry-value.ts'

export interface HolderAnswer {
  readonly key: KeyId
  /** A value that was verified, `undefined` when there was none or it was not valid. */
  readonly value: RegistryValue | undefined
}

/** Those without a value or with an older one, in the order given. */
export function holdersLacking(best: RegistryValue, answers: Iterable<HolderAnswer>): KeyId[] {
  const lacking: KeyId[] = []
  for (const { key, value } of answers) {
    if (value === undefined || supersedes(best, value)) lacking.push(key)
  }
  return lacking
}
