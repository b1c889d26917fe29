// createNode's result: turns the core's commands and events into promises, loops and events. The same
// for browsers and Node; the entries browser.ts and node.ts give it a host. No protocol logic.

import { toHex } from '../shared/bytes/hex.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import type { KeyId } from '../shared/identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../shared/identity/node-id.ts'
import type { NodeEvent, PathView } from '../shared/node/effects.ts'
import type { Command } from '../shared/node/inputs.ts'
import { toMeshError } from '../shared/node/mesh-error.ts'
import { HUNG_UP, NODE_CLOSED } from '../shared/node/peer-failure.ts'
import { DIAL_TIMEOUT_MS } from '../shared/wire/limits.ts'
import type {
  DialOptions,
  Explanation,
  MeshNode,
  Message,
  MessageData,
  NodeEvents,
  NodeStats,
  NodeStatus,
  Peer,
  Presence,
  Receipt,
  RecordView,
  RevokeOptions,
  RevokeResult,
  Route,
  RoutesOptions,
  SendOptions,
  WaitOptions,
} from './api.ts'
import { AsyncQueue } from './async-queue.ts'
import type { Messages } from './inbox.ts'
import { Inbox } from './inbox.ts'
import { readKey, readPeerKey, writeKey } from './key-input.ts'
import { loadPart } from './load-part.ts'
import { decodeMessageData } from './message-data.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { messageIdOf, timeoutOf } from './options.ts'
import { pathOf } from './path-view.ts'
import { PeerHandle } from './peer-handle.ts'
import { openSession, pingPeer, sendMessage } from './peer-requests.ts'
import { presenceOf } from './presence-view.ts'
import { askExplanation, askRoutes, askStats, lookUp } from './questions.ts'
import { Requests } from './requests.ts'
import { revokeKey } from './revoke.ts'
import { statusOf } from './status.ts'
import { TypedEvents } from './typed-events.ts'
import { waitOnline } from './wait-online.ts'
import { Watchers } from './watchers.ts'

const MESSAGE_ID_BYTES = 16

export class NodeClient implements MeshNode {
  readonly key: string
  readonly #keyId: KeyId
  readonly #runtime: NodeRuntime
  readonly #requests: Requests
  readonly #events = new TypedEvents<NodeEvents>()
  readonly #peers = new Map<KeyId, PeerHandle>()
  readonly #acceptQueues = new Set<AsyncQueue<Peer>>()
  readonly #inbox: Inbox
  readonly #watchers = new Watchers((kind, key) => this.#command({ kind, key }))
  #status: NodeStatus = { state: 'connecting', servers: [] }
  #stopped: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(runtime: NodeRuntime) {
    this.#runtime = runtime
    this.key = encodeKey(runtime.publicKey)
    this.#keyId = keyIdOf(runtime.publicKey)
    this.#requests = new Requests(command => this.#command(command))
    this.#inbox = new Inbox((peer, bytes) => this.#command({ kind: 'consumed', peer, bytes }))
  }

  get status(): NodeStatus {
    return this.#status
  }

  async online({ timeoutMs, signal }: WaitOptions = {}): Promise<void> {
    if (this.#closing !== undefined) throw toMeshError(NODE_CLOSED)
    await waitOnline(this, timeoutOf(timeoutMs, DIAL_TIMEOUT_MS), signal)
  }

  async dial(key: string, options: DialOptions = {}): Promise<Peer> {
    const peer = readPeerKey(key, this.#keyId)
    await openSession(this.#requests, peer, options)
    // The news may have been followed by the end of the session before we could go on.
    const handle = this.#peers.get(peer)
    if (handle === undefined) throw toMeshError(HUNG_UP)
    return handle
  }

  accept(): AsyncIterable<Peer> {
    const queue: AsyncQueue<Peer> = new AsyncQueue(undefined, () =>
      this.#acceptQueues.delete(queue),
    )
    if (this.#closing === undefined) this.#acceptQueues.add(queue)
    else queue.close()
    return queue
  }

  async send(key: string, data: MessageData, options: SendOptions = {}): Promise<Receipt> {
    return this.sendTo(readPeerKey(key, this.#keyId), data, options)
  }

  messages(): AsyncIterable<Message> {
    return this.#inbox.messages(undefined)
  }

  async lookup(key: string, options: WaitOptions = {}): Promise<RecordView> {
    return lookUp(this.#requests, readKey(key), options)
  }

  async routes(key: string, options: RoutesOptions = {}): Promise<readonly Route[]> {
    return askRoutes(this.#requests, this.key, readPeerKey(key, this.#keyId), options)
  }

  async explain(key: string, options: WaitOptions = {}): Promise<Explanation> {
    const peer = readPeerKey(key, this.#keyId)
    return askExplanation(this.#requests, this.key, peer, () => this.#runtime.unixMs(), options)
  }

  async stats(options: WaitOptions = {}): Promise<NodeStats> {
    const { statsOf } = await loadPart(() => import('./stats-view.ts'))
    const stats = await askStats(this.#requests, options)
    return statsOf(stats, this.#peers.values(), this.#runtime.unixMs(), writeKey)
  }

  watch(key: string, listener: (presence: Presence) => void): () => void {
    return this.#watchers.add(readKey(key), listener)
  }

  async revoke(options: RevokeOptions = {}): Promise<RevokeResult> {
    const result = await revokeKey(this.key, this.#requests, this.#runtime, options)
    await this.close()
    return result
  }

  nudge(): void {
    this.#command({ kind: 'nudge' })
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  addEventListener<K extends keyof NodeEvents>(
    type: K,
    listener: (event: CustomEvent<NodeEvents[K]>) => void,
  ): void {
    this.#events.add(type, listener)
    if (type === 'message') {
      for (const message of this.#inbox.drain()) this.#events.emit('message', message)
    }
  }

  removeEventListener<K extends keyof NodeEvents>(
    type: K,
    listener: (event: CustomEvent<NodeEvents[K]>) => void,
  ): void {
    this.#events.remove(type, listener)
  }

  // ---- for PeerHandle ----

  async sendTo(peer: KeyId, data: MessageData, options: SendOptions): Promise<Receipt> {
    const id = messageIdOf(options.id) ?? this.#runtime.randomBytes(MESSAGE_ID_BYTES)
    await sendMessage(this.#requests, peer, id, data, options)
    return { id: toHex(id), status: 'delivered' }
  }

  async pingPeer(peer: KeyId, options: WaitOptions): Promise<number> {
    return pingPeer(this.#requests, peer, options)
  }

  messagesFrom(peer: KeyId): Messages {
    return this.#inbox.messages(peer)
  }

  hangUp(peer: KeyId): void {
    this.#command({ kind: 'hangUp', peer })
  }

  // ---- for the entry ----

  onEvent(event: NodeEvent): void {
    switch (event.kind) {
      case 'attachments':
        this.#setStatus(statusOf(event.attachments, this.#status, this.#runtime.unixMs()))
        return
      case 'done':
        this.#requests.done(event.request, event.outcome)
        return
      case 'failed':
        this.#requests.failed(event.request, event.failure)
        return
      case 'peerUp':
        this.#onPeerUp(event.peer, event.isIncoming)
        return
      case 'peerPath':
        this.#onPath(this.#handleOf(event.peer), event.path)
        return
      case 'peerDown':
        this.#onPeerDown(event)
        return
      case 'message':
        this.#onMessage(event.peer, event.id, event.data)
        return
      case 'presence':
        this.#watchers.tell(event.presence.key, presenceOf(event.presence))
        return
      case 'stopped':
        this.#stopped?.()
    }
  }

  #command(command: Command): void {
    if (this.#status.state === 'closed') {
      if ('request' in command) this.#requests.failed(command.request, NODE_CLOSED)
      return
    }
    this.#runtime.command(command)
  }

  #handleOf(peer: KeyId): PeerHandle {
    const known = this.#peers.get(peer)
    if (known !== undefined) return known
    const handle = new PeerHandle(encodeKey(publicKeyOf(peer)), peer, this)
    this.#peers.set(peer, handle)
    return handle
  }

  #onPeerUp(peer: KeyId, isIncoming: boolean): void {
    const handle = this.#handleOf(peer)
    if (!isIncoming) return
    this.#events.emit('peer', handle)
    for (const queue of this.#acceptQueues) queue.push(handle)
  }

  #onPath(handle: PeerHandle, view: PathView | undefined): void {
    const { servers } = this.#status
    handle.pathChanged(pathOf(view, handle.path, servers, this.#runtime.unixMs()))
  }

  #onPeerDown(event: Extract<NodeEvent, { kind: 'peerDown' }>): void {
    const handle = this.#peers.get(event.peer)
    if (handle === undefined) return
    this.#peers.delete(event.peer)
    handle.closed(event.failure === undefined ? undefined : toMeshError(event.failure))
    this.#inbox.close(event.peer)
  }

  #onMessage(peer: KeyId, id: Uint8Array, data: Uint8Array): void {
    const handle = this.#handleOf(peer)
    const message: Message = {
      id: toHex(id),
      from: handle.key,
      data: decodeMessageData(data),
      peer: handle,
      reply: (answer, options = {}) => this.sendTo(peer, answer, options),
    }
    const isHeard = this.#events.hasListener('message')
    this.#events.emit('message', message)
    this.#inbox.push(peer, message, data.length, isHeard)
  }

  #setStatus(status: NodeStatus): void {
    this.#status = status
    this.#events.emit('status', status)
  }

  async #shutDown(): Promise<void> {
    const stopped = new Promise<void>(resolve => {
      this.#stopped = resolve
    })
    this.#watchers.close()
    this.#runtime.command({ kind: 'shutdown' })
    await stopped
    this.#setStatus({ state: 'closed', servers: [] })
    this.#requests.closeAll()
    for (const peer of [...this.#peers.keys()]) this.#onPeerDown({ kind: 'peerDown', peer })
    this.#inbox.close()
    for (const queue of [...this.#acceptQueues]) queue.close()
    await this.#runtime.dispose()
  }
}
