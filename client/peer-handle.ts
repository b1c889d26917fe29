// One peer as the application sees it. A thin handle: sessions, paths and resending are the core's.

import type { KeyId } from '../shared/identity/node-id.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
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
import type { Messages } from './inbox.ts'
import { TypedEvents } from './typed-events.ts'

/** What a handle needs of its node. */
export interface PeerOwner {
  sendTo(peer: KeyId, data: MessageData, options: SendOptions): Promise<Receipt>
  pingPeer(peer: KeyId, options: WaitOptions): Promise<number>
  messagesFrom(peer: KeyId): Messages
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

  async send(data: MessageData, options: SendOptions = {}): Promise<Receipt> {
    this.#requireOpen()
    return this.#owner.sendTo(this.#keyId, data, options)
  }

  async ping(options: WaitOptions = {}): Promise<number> {
    this.#requireOpen()
    return this.#owner.pingPeer(this.#keyId, options)
  }

  messages(): AsyncIterable<Message> {
    const messages = this.#owner.messagesFrom(this.#keyId)
    // What waits for a first listener can still be taken; more does not come to this handle.
    if (this.#isClosed) messages.close()
    return messages
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

  #requireOpen(): void {
    if (!this.#isClosed) return
    throw new MeshError('CLOSED', 'The session with this peer has ended.', {
      hint: 'Dial the key again, or send with node.send(key, …).',
    })
  }
}
