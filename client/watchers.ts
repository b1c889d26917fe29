// Who watches which key: one watch of the core for all listeners of a key. What is known is told to a new
// listener at once, though never before `watch` has returned.

import type { KeyId } from '../shared/identity/node-id.ts'
import { MeshError, toMeshError } from '../shared/node/mesh-error.ts'
import { NODE_CLOSED } from '../shared/node/peer-failure.ts'
import { MAX_WATCHES } from '../shared/wire/limits.ts'
import type { Presence } from './api.ts'
import { callSafely } from './call-safely.ts'

type Listener = (presence: Presence) => void

interface Watcher {
  /** An object for each call, as a function may watch twice. */
  readonly listeners: Set<{ readonly listener: Listener }>
  latest: Presence | undefined
}

export class Watchers {
  readonly #command: (kind: 'watch' | 'unwatch', key: KeyId) => void
  readonly #watchers = new Map<KeyId, Watcher>()
  #isClosed = false

  constructor(command: (kind: 'watch' | 'unwatch', key: KeyId) => void) {
    this.#command = command
  }

  /** @returns stops it @throws {MeshError} `QUOTA`, `CLOSED` */
  add(key: KeyId, listener: Listener): () => void {
    if (this.#isClosed) throw toMeshError(NODE_CLOSED)
    const watcher = this.#watchers.get(key) ?? this.#start(key)
    const one = { listener }
    watcher.listeners.add(one)
    const { latest } = watcher
    if (latest !== undefined) {
      queueMicrotask(() => {
        if (watcher.listeners.has(one) && watcher.latest === latest) listener(latest)
      })
    }
    return () => {
      if (!watcher.listeners.delete(one) || watcher.listeners.size > 0) return
      this.#watchers.delete(key)
      this.#command('unwatch', key)
    }
  }

  tell(key: KeyId, presence: Presence): void {
    const watcher = this.#watchers.get(key)
    if (watcher === undefined) return
    watcher.latest = presence
    for (const one of [...watcher.listeners]) {
      if (watcher.listeners.has(one)) callSafely(one.listener, presence)
    }
  }

  /** The node is closed: nothing follows. */
  close(): void {
    this.#isClosed = true
    for (const { listeners } of this.#watchers.values()) listeners.clear()
    this.#watchers.clear()
  }

  #start(key: KeyId): Watcher {
    if (this.#watchers.size >= MAX_WATCHES) {
      throw new MeshError('QUOTA', `A node watches at most ${MAX_WATCHES} keys at once.`, {
        hint: 'Stop watching a key that matters less.',
      })
    }
    const watcher: Watcher = { listeners: new Set(), latest: undefined }
    this.#watchers.set(key, watcher)
    this.#command('watch', key)
    return watcher
  }
}
