// A verified record, in the words of the public API. Pure.

import { encodeKey } from '../shared/identity/key-text.ts'
import type { NodeRecord } from '../shared/wire/record.ts'
import type { RecordView } from './api.ts'

export function recordViewOf(record: NodeRecord): RecordView {
  return {
    key: encodeKey(record.key),
    type: record.type,
    lastSeen: record.seenMs,
    sequence: record.seq,
    servers: record.servers.map(encodeKey),
    endpoints: record.endpoints.map(({ url }) => url),
    metadata: Object.fromEntries(record.meta),
  }
}
