// A neighbour that we have a link to, whoever opened it.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { SignedRecord } from '../../wire/record.ts'

export interface LinkedNeighbour {
  readonly key: KeyId
  readonly link: LinkId
  /** Of our link. */
  readonly rttMs: number | undefined
  /** The newest that it told of itself, verified. */
  readonly record: SignedRecord | undefined
}

/** Whether it says that it carries circuits. */
export function isRelaying({ record }: LinkedNeighbour): boolean {
  return record !== undefined && record.record.relay > 0
}
