// A MeshNode without a network, for tests and for the design page: the test decides what the network
// does. Faithful to client/api.ts in order, errors and events; loaded by nothing that ships.

import type {
  DialOptions,
  Explanation,
  LinkStats,
  MeshNode,
  Message,
  NodeEvents,
  NodeStats,
  NodeStatus,
  Path,
  PathMode,
  Peer,
  PeerEvents,
  Presence,
  Receipt,
  RecordView,
  RevokeResult,
  Route,
  SendOptions,
} from '../../client/api.ts'
import { TypedEvents } from '../../client/typed-events.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'

export interface FakeNetwork {
  /** Settles a dial; throws a MeshError when the key cannot be reached. */
  dial(key: string): Promise<Path>
  /** Settles when delivered; throws a MeshError when it is not. */
  deliver(key: string, text: string, signal?: AbortSignal): Promise<void>
}

/** Keys of seeds that repeat one byte: valid, and nobody's. */
export const SAMPLE_KEYS = {
  me: 'key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9',
  ada: 'key_9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu',
  ben: 'key_GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse',
  stranger: 'key_EdmxWPmx2WH6WgFfTdu9xfkYf3k1g5wD1zccTVySEEh1',
  away: 'key_8SFqwqnq4whPhs8icwHA2hQg3hUoN1qrCLK1SBx3WKwe',
  server: 'key_AKkzLhjhyFtM9j7WAhbaqYpFe49cXeJBg2kzLRC2PnNa',
} as const

export const ONLINE: NodeStatus = {
  state: 'online',
  servers: [{ url: 'wss://relay.example', state: 'online', key: SAMPLE_KEYS.server, rttMs: 11.6 }],
}

const SCORE = { total: 27, latency: 12, hops: 10, reliability: 5, throughput: 0 } as const
const UNKNOWN = { record: 'absent', homes: [], routes: [], steps: [] } as const

export class FakeNode implements MeshNode {
  readonly key: string
  status: NodeStatus = {
    state: 'connecting',
    servers: [{ url: 'wss://relay.example', state: 'connecting' }],
  }
  isClosed = false
  nudges = 0
  /** What was asked for last, by key. */
  readonly modes = new Map<string, PathMode>()
  /** What is explained, by key, in the place of a key that nobody knows. */
  readonly explanations = new Map<string, Partial<Explanation>>()
  readonly #network: FakeNetwork
  readonly #events = new TypedEvents<NodeEvents>()
  readonly #peers = new Map<string, FakePeer>()
  readonly #watched = new Map<string, (presence: Presence) => void>()
  readonly #inbox: Message[] = []
  #inboxError: Error | undefined
  #wakeReader: (() => void) | undefined
  #messageCount = 0

  constructor(key: string, network: FakeNetwork) {
    this.key = key
    this.#network = network
  }

  // ---- what the test does ----

  setStatus(status: NodeStatus): void {
    this.status = status
    this.#events.emit('status', status)
  }

  /** A message comes in, from a peer that dialled us if there was no session. */
  receive(from: string, data: string | Uint8Array, path: Path = relayPath(12)): void {
    let peer = this.#peers.get(from)
    if (peer === undefined || peer.isClosed) {
      peer = this.#newPeer(from, path)
      this.#events.emit('peer', peer)
    }
    const id = (++this.#messageCount).toString(16).padStart(32, '0')
    const sender = peer
    this.#inbox.push({ id, from, data, peer, reply: text => sender.send(text) })
    this.#wakeReader?.()
  }

  /** Taking messages throws from now on. */
  breakInbox(error: Error): void {
    this.#inboxError = error
    this.#wakeReader?.()
  }

  /** Keys that are watched now. */
  get watched(): readonly string[] {
    return [...this.#watched.keys()]
  }

  /** Whoever watches the key is told. */
  setPresence(key: string, state: Presence['state']): void {
    this.#watched.get(key)?.({ key, state })
  }

  peerOf(key: string): FakePeer | undefined {
    return this.#peers.get(key)
  }

  // ---- MeshNode ----

  async online(): Promise<void> {
    if (this.isClosed) throw closed()
  }

  async dial(key: string, { mode }: DialOptions = {}): Promise<Peer> {
    if (this.isClosed) throw closed()
    if (mode !== undefined) this.modes.set(key, mode)
    const open = this.#peers.get(key)
    if (open !== undefined && !open.isClosed) return open
    const path = await this.#network.dial(key)
    const opened = this.#peers.get(key)
    return opened?.isClosed === false ? opened : this.#newPeer(key, path)
  }

  async *accept(): AsyncIterable<Peer> {}

  async stats(): Promise<NodeStats> {
    const none = { sentBytes: 0, receivedBytes: 0 }
    const sessions = [...this.#peers.values()].map(({ key, path }) =>
      path ? { key, path } : { key },
    )
    const links = this.status.servers.flatMap(({ key, rttMs }): LinkStats[] =>
      key === undefined || rttMs === undefined
        ? []
        : [{ ...none, key, kind: 'server', openedBy: 'us', since: 0, rttMs }],
    )
    return { links, totals: { server: none, lan: none, rtc: none }, sessions }
  }

  async send(key: string, data: string | Uint8Array, options: SendOptions = {}): Promise<Receipt> {
    return (await this.dial(key, options)).send(data, options)
  }

  async *messages(): AsyncIterable<Message> {
    while (!this.isClosed) {
      if (this.#inboxError !== undefined) throw this.#inboxError
      const message = this.#inbox.shift()
      if (message !== undefined) yield message
      else {
        await new Promise<void>(resolve => {
          this.#wakeReader = resolve
        })
      }
    }
  }

  async lookup(key: string): Promise<RecordView> {
    throw new MeshError('NOT_FOUND', `No record of ${key} was found.`)
  }

  async routes(key: string): Promise<readonly Route[]> {
    return (await this.explain(key)).routes
  }

  async explain(key: string): Promise<Explanation> {
    if (this.isClosed) throw closed()
    const mode = this.modes.get(key) ?? 'fast'
    return { ...UNKNOWN, servers: this.status.servers, ...this.explanations.get(key), key, mode }
  }

  watch(key: string, listener: (presence: Presence) => void): () => void {
    this.#watched.set(key, listener)
    return () => this.#watched.delete(key)
  }

  async revoke(): Promise<RevokeResult> {
    await this.close()
    return { key: this.key, servers: 1 }
  }

  nudge(): void {
    this.nudges++
  }

  async close(): Promise<void> {
    this.isClosed = true
    for (const peer of this.#peers.values()) await peer.close()
    this.#wakeReader?.()
  }

  addEventListener<K extends keyof NodeEvents>(
    type: K,
    listener: (event: CustomEvent<NodeEvents[K]>) => void,
  ): void {
    this.#events.add(type, listener)
  }

  removeEventListener<K extends keyof NodeEvents>(
    type: K,
    listener: (event: CustomEvent<NodeEvents[K]>) => void,
  ): void {
    this.#events.remove(type, listener)
  }

  #newPeer(key: string, path: Path): FakePeer {
    const peer = new FakePeer(key, path, (text, signal) => this.#network.deliver(key, text, signal))
    this.#peers.set(key, peer)
    return peer
  }
}

export class FakePeer implements Peer {
  readonly key: string
  path: Path | undefined
  isClosed = false
  pingCount = 0
  readonly #deliver: (text: string, signal?: AbortSignal) => Promise<void>
  readonly #events = new TypedEvents<PeerEvents>()
  #sentCount = 0

  constructor(
    key: string,
    path: Path,
    deliver: (text: string, signal?: AbortSignal) => Promise<void>,
  ) {
    this.key = key
    this.path = path
    this.#deliver = deliver
  }

  setPath(path: Path | undefined): void {
    this.path = path
    this.#events.emit('path', path)
  }

  async send(data: string | Uint8Array, { signal }: SendOptions = {}): Promise<Receipt> {
    if (this.isClosed) throw closed()
    await this.#deliver(typeof data === 'string' ? data : `${data.length} bytes`, signal)
    return { id: `${this.key}/${++this.#sentCount}`, status: 'delivered' }
  }

  async ping(): Promise<number> {
    if (this.isClosed) throw closed()
    this.pingCount++
    return this.path?.rttMs ?? 0
  }

  async *messages(): AsyncIterable<Message> {}

  async close(): Promise<void> {
    if (this.isClosed) return
    this.isClosed = true
    this.path = undefined
    this.#events.emit('close', {})
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
}

export function relayPath(rttMs: number): Path {
  return { kind: 'relay', hops: [SAMPLE_KEYS.server], rttMs, score: SCORE, since: 0 }
}

function closed(): MeshError {
  return new MeshError('CLOSED', 'The node is closed.')
}
