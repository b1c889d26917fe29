// One peer as the application sees it. A thin handle: sessions, paths and resending are the core's.

import type { KeyId } from '../shared/identity/node-id.ts'
import type { MeshError } from '../shared/node/mesh-error.ts'
import type {
  Message,
  MessageData,
  Path,
  Peer,
  PeerEvents,
  Receipt,
  SendOptions,
  WaitOptions,
} from './api.ts'
import { TypedEvents } from './typed-events.ts'

/** What a handle needs of its node. */
export interface PeerOwner {
  sendTo(peer: KeyId, data: MessageData, options: SendOptions): Promise<Receipt>
  pingPeer(peer: KeyId, options: WaitOptions): Promise<number>
  messagesFrom(key: string): AsyncIterable<Message>
  hangUp(peer: KeyId): void
}

export class PeerHandle implements Peer {
  readonly key: string
  readonly #keyId: KeyId
  readonly #owner: PeerOwner
  readonly #events = new TypedEvents<PeerEvents>()
  #path: Path | undefined
  #isClosed = false

  constructor(key: string, keyId: KeyId, owner: PeerOwner) {
    this.key = key
    this.#keyId = keyId
    this.#owner = owner
  }

  get path(): Path | undefined {
    return this.#path
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  send(data: MessageData, options: SendOptions = {}): Promise<Receipt> {
    return this.#owner.sendTo(this.#keyId, data, options)
  }

  ping(options: WaitOptions = {}): Promise<number> {
    return this.#owner.pingPeer(this.#keyId, options)
  }

  messages(): AsyncIterable<Message> {
    return this.#owner.messagesFrom(this.key)
  }

  async close(): Promise<void> {
    if (!this.#isClosed) this.#owner.hangUp(this.#keyId)
  }

  addEventListener<K extends keyof PeerEvents>(
    type: K,
    listener: (event: CustomEvent<PeerEvents[K]>) => void,
  ): void {
    this.#events.add(type, listener)
  }

  removeEventListener<K extends keyof PeerEvents>(
    type: K,
    listener: (event: CustomEvent<PeerEvents[K]>) => void,
  ): void {
    this.#events.remove(type, listener)
  }

  /** For the node: the path changed. */
  pathChanged(path: Path | undefined): void {
    this.#path = path
    this.#events.emit('path', path)
  }

  /** For the node: the session ended. */
  closed(error: MeshError | undefined): void {
    this.#isClosed = true
    this.#path = undefined
    this.#events.emit('close', error === undefined ? {} : { error })
  }
}
