// Messages that were sent and are not settled, and which of them the store holds: those that are not delivered
// within SESSION_SAVE_MS, up to the caps. Most are delivered sooner and never touch the store. Seals nothing.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import type { SavedMessage } from '../../session/saved-session.ts'
import {
  SAVED_MESSAGE_MAX_BYTES,
  SAVED_MESSAGES_MAX,
  SAVED_MESSAGES_MAX_BYTES,
  SESSION_SAVE_MS,
} from '../../wire/limits.ts'
import type { RequestId } from '../inputs.ts'

interface Young {
  readonly message: SavedMessage
  readonly saveAt: number
}

export class KeptMessages {
  /** Not in the store yet, by who waits, in the order of `saveAt`. */
  readonly #young = new Map<RequestId, Young>()
  readonly #saved = new Map<RequestId, SavedMessage>()
  #savedBytes = 0

  /** Sent just now. */
  add({ now }: Time, request: RequestId, message: SavedMessage): void {
    if (message.data.length > SAVED_MESSAGE_MAX_BYTES) return
    this.#young.set(request, { message, saveAt: now + SESSION_SAVE_MS })
  }

  /** The store holds it from an earlier life. */
  restored(request: RequestId, message: SavedMessage): void {
    this.#saved.set(request, message)
    this.#savedBytes += message.data.length
  }

  /** @returns the message, if the store holds it and must not any more */
  settle(request: RequestId): SavedMessage | undefined {
    if (this.#young.delete(request)) return undefined
    const saved = this.#saved.get(request)
    if (saved === undefined) return undefined
    this.#saved.delete(request)
    this.#savedBytes -= saved.data.length
    return saved
  }

  /** Those of a peer go by this mode from now on. @returns what the store must hold in its place */
  modeSaid(key: KeyId, mode: PathMode): SavedMessage[] {
    const isOfPeer = ({ publicKey }: SavedMessage): boolean => keyIdOf(publicKey) === key
    for (const [request, { message, saveAt }] of this.#young) {
      if (isOfPeer(message)) this.#young.set(request, { message: { ...message, mode }, saveAt })
    }
    const changed: SavedMessage[] = []
    for (const [request, message] of this.#saved) {
      if (!isOfPeer(message)) continue
      changed.push({ ...message, mode })
      this.#saved.set(request, { ...message, mode })
    }
    return changed
  }

  /** What the store must hold from now on; without a time: all that waits for its time. */
  takeDue(now = Number.POSITIVE_INFINITY): SavedMessage[] {
    const due: SavedMessage[] = []
    for (const [request, { message, saveAt }] of this.#young) {
      if (saveAt > now) break
      this.#young.delete(request)
      // Over the caps a message ends with the process, as all did before there was a store.
      if (this.#saved.size >= SAVED_MESSAGES_MAX) continue
      if (this.#savedBytes + message.data.length > SAVED_MESSAGES_MAX_BYTES) continue
      this.restored(request, message)
      due.push(message)
    }
    return due
  }

  nextTimeout(): number | undefined {
    for (const { saveAt } of this.#young.values()) return saveAt
    return undefined
  }
}
