// Whether an offered value takes the place of what is kept, or was kept once, of its key (docs/PROTOCOL.md 2.3).
// Needs no signature: what loses here would lose as well if it were genuine.

import { mapKey } from '../bytes/map-key.ts'
import type { Time } from '../machine/machine.ts'
import type { RegistryValue } from '../wire/registry-value.ts'
import { supersedes } from '../wire/registry-value.ts'
import type { KeptValue } from './kept-value.ts'
import { isExpired, unpackValue } from './kept-value.ts'
import type { StoreVerdict } from './store-verdict.ts'
import { refusal } from './store-verdict.ts'

/** @returns why the offered value does not win, `undefined` when it does once its signature holds */
export function compareWithKept(
  time: Time,
  offered: RegistryValue,
  kept: KeptValue,
): StoreVerdict | undefined {
  const isSame = offered.kind === kept.kind && mapKey(offered.signed.bytes) === kept.packed
  // What has expired is no longer known: the offered one is told so by its own dates.
  if (isSame) return isExpired(time, kept) ? undefined : 'known'
  if (offered.kind === 'revocation') {
    if (kept.kind === 'record' || supersedes(offered, unpackValue(kept))) return undefined
    return refusal('REVOKED', 'this key was revoked before')
  }
  const tooLow = compareWithPast(offered, kept.seq)
  if (tooLow !== undefined || offered.signed.record.seq > kept.seq) return tooLow
  return refusal('SEQ_REUSED', 'another record with this sequence number is kept')
}

/** @param pastSeq the sequence of what was kept last, infinite for a revocation */
export function compareWithPast(offered: RegistryValue, pastSeq: number): StoreVerdict | undefined {
  if (offered.kind === 'revocation' || offered.signed.record.seq >= pastSeq) return undefined
  if (pastSeq === Number.POSITIVE_INFINITY) return refusal('REVOKED', 'this key is revoked')
  return refusal('SEQ_TOO_LOW', 'a newer record is known')
}
