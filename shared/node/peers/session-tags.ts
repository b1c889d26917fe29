// Which peer a session belongs to, by the tag that it is attached to by (docs/PROTOCOL.md 7.5). Initiators choose the
// tags: who repeats another's does not take its place.

import { mapKey } from '../../bytes/map-key.ts'
import type { KeyId } from '../../identity/node-id.ts'

export class SessionTags {
  readonly #peers = new Map<string, KeyId>()

  add(tag: Uint8Array, peer: KeyId): void {
    const name = mapKey(tag)
    if (!this.#peers.has(name)) this.#peers.set(name, peer)
  }

  delete(tag: Uint8Array, peer: KeyId): void {
    const name = mapKey(tag)
    if (this.#peers.get(name) === peer) this.#peers.delete(name)
  }

  peerOf(tag: Uint8Array): KeyId | undefined {
    return this.#peers.get(mapKey(tag))
  }
}
