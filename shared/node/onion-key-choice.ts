// Which of a record's onion keys a setup is made for (docs/PROTOCOL.md 6). Pure.

import type { NodeRecord } from '../wire/record.ts'

/** The first key that has not expired. */
export function liveOnionKey(record: NodeRecord, unixMs: number): Uint8Array | undefined {
  return record.onion.find(({ expiresMs }) => expiresMs > unixMs)?.key
}

/** The same; past the last one's expiry still that one, as clocks differ. */
export function currentOnionKey(record: NodeRecord, unixMs: number): Uint8Array | undefined {
  return liveOnionKey(record, unixMs) ?? record.onion.at(-1)?.key
}
