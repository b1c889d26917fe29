// Which servers began a new life since they were last heard (docs/PROTOCOL.md 4.5, pushes): a node makes its
// onion keys anew at each start and changes them one at a time, so a record that shares none with the one before is
// of another life. What it kept may be lost with the old one.

import { mapKey } from '../../bytes/map-key.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { LruMap } from '../../machine/lru-map.ts'
import { MAX_REMEMBERED_SERVERS } from '../../wire/limits.ts'
import type { NodeRecord } from '../../wire/record.ts'

export class ServerLives {
  readonly #onionKeys = new LruMap<KeyId, readonly string[]>(MAX_REMEMBERED_SERVERS)

  /** @param record of its own word, just now @returns whether it was known from an earlier life */
  isReborn(key: KeyId, record: NodeRecord): boolean {
    const now = record.onion.map(entry => mapKey(entry.key))
    const before = this.#onionKeys.get(key)
    this.#onionKeys.set(key, now)
    return before !== undefined && !before.some(one => now.includes(one))
  }
}
