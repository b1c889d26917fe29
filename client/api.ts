// The public face of keymesh: what createNode gives, in browsers and in Node alike. Types only.

import type { ErrorCode, MeshError } from '../shared/node/mesh-error.ts'
import type {
  DialOptions,
  Explanation,
  Failure,
  ModeOptions,
  PathMode,
  Route,
  RouteScore,
  RoutesOptions,
} from './route-types.ts'
import type { CandidatePair, NodeStats } from './stats-types.ts'

export interface BackupOptions {
  /** Where the identity is kept, as for `NodeOptions`. */
  readonly data?: string
}

export interface RestoreOptions extends BackupOptions {
  /** Allows another identity that is kept there, or a damaged one, to be lost. Default: false. */
  readonly replace?: boolean
}

export interface WaitOptions {
  /** Default 10,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface SendOptions extends ModeOptions {
  /**
   * An id of your own for the message: 32 random hex digits. Sent once more under the same id, after a restart
   * that left its fate unknown, it is shown to the peer's application once. Default: a new one.
   */
  readonly id?: string
  /** How long to wait for delivery. Default and most: 30,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** A message can be text or bytes; what was sent as text arrives as text. */
export type MessageData = string | Uint8Array

export interface Receipt {
  /** 32 hex digits, the same on both sides. */
  readonly id: string
  /** `delivered`: the peer's node handed the message to its application. */
  readonly status: 'delivered'
}

export interface Message {
  readonly id: string
  /** The sender's key, proven by the session. */
  readonly from: string
  readonly data: MessageData
  readonly peer: Peer
  reply(data: MessageData, options?: SendOptions): Promise<Receipt>
}

export interface Path {
  /**
   * `direct`: nobody in between. `relay`: servers, one or more. `mesh`: it begins at another client, which relays
   * for us. `private`: three nodes or more, as mode `private` has it, none of which knows both ends.
   */
  readonly kind: 'direct' | 'relay' | 'mesh' | 'private'
  /** Keys of the nodes between us, nearest first. Of a path that the peer opened only the last is known, the nearest to us. */
  readonly hops: readonly string[]
  /** Smoothed round-trip time; `undefined` until measured. */
  readonly rttMs?: number
  /** The mode that it keeps to. */
  readonly mode?: PathMode
  /** What it costs, against other routes; absent where the peer opened the path. */
  readonly score?: RouteScore
  /**
   * Of a direct one over WebRTC: how the connection found its way; absent for a moment after it opened. A direct path
   * without them is a link on the local network.
   */
  readonly candidates?: CandidatePair
  /** Milliseconds since 1970. */
  readonly since: number
}

/** Event names of a peer, each with its `detail`. */
export interface PeerEvents {
  /** The path changed; `detail` is the new one, `undefined` while there is none. Messages wait meanwhile. */
  path: Path | undefined
  /** The session ended for good; `error` is absent when one of the two sides closed on purpose. */
  close: { readonly error?: MeshError }
}

export interface Peer {
  readonly key: string
  readonly path: Path | undefined
  readonly isClosed: boolean
  /**
   * Sends one message; messages to one peer arrive in order, once.
   * @returns when the peer's node has delivered it.
   * @throws {MeshError} `TOO_LARGE`, `QUOTA`, `TIMEOUT`, `OFFLINE`, `ABORTED`, `CLOSED`
   */
  send(data: MessageData, options?: SendOptions): Promise<Receipt>
  /** Measures one round trip to the peer's node, in milliseconds. @throws {MeshError} as `send` */
  ping(options?: WaitOptions): Promise<number>
  /** Messages of this peer only, from now on. Ends when the peer or the node is closed. */
  messages(): AsyncIterable<Message>
  /** Ends the session; the other side is told. */
  close(): Promise<void>
  addEventListener<K extends keyof PeerEvents>(
    type: K,
    listener: (event: CustomEvent<PeerEvents[K]>) => void,
  ): void
  removeEventListener<K extends keyof PeerEvents>(
    type: K,
    listener: (event: CustomEvent<PeerEvents[K]>) => void,
  ): void
}

export interface ServerStatus {
  readonly url: string
  /** Not one of the `servers` option: the node learned of it, and may drop it again. */
  readonly isLearned?: true
  readonly state: 'connecting' | 'online' | 'waiting'
  /** The server's key, once proven. */
  readonly key?: string
  readonly rttMs?: number
  /** Why it is not online: the reason stays while it is tried again. */
  readonly error?: Failure
  /** When the next attempt is due, milliseconds since 1970. */
  readonly retryAt?: number
}

export interface NodeStatus {
  /** `online` with at least one server; `connecting` while the first attempts run; `offline` else. */
  readonly state: 'connecting' | 'online' | 'offline' | 'closed'
  readonly servers: readonly ServerStatus[]
}

/** What the registry says of a key. Signed by that key and checked here. */
export interface RecordView {
  readonly key: string
  readonly type: 'client' | 'server'
  /** Milliseconds since 1970. */
  readonly lastSeen: number
  readonly sequence: number
  /** Keys of the servers it is attached to (clients). */
  readonly servers: readonly string[]
  /** Addresses (servers only: a client's record carries none). */
  readonly endpoints: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
}

/** What became of a watched key. */
export interface Presence {
  readonly key: string
  /** `unknown`: no server can say, or none has heard of the key. `revoked`: its holder has given it up for good. */
  readonly state: 'online' | 'offline' | 'unknown' | 'revoked'
  /** The newest one known, except of a revoked key. */
  readonly record?: RecordView
  /** Of a revoked key: the key that takes its place, if its holder named one. That one has signed for it. */
  readonly successor?: string
}

export interface RevokeOptions extends WaitOptions {
  /**
   * The identity that takes the place of this one, told to everybody who asks for the old key: its 32-byte
   * seed, or where it is kept (`data`, as for `NodeOptions`).
   */
  readonly successor?: Uint8Array | { readonly data: string }
}

export interface RevokeResult {
  /** The key that is no more. */
  readonly key: string
  readonly successor?: string
  /** How many servers keep the revocation; they pass it on to the others. */
  readonly servers: number
}

/** Event names of a node, each with its `detail`. */
export interface NodeEvents {
  status: NodeStatus
  message: Message
  /** A peer dialled us, or a session from before a restart of this node goes on. */
  peer: Peer
}

export interface MeshNode {
  /** `key_…`: your address. */
  readonly key: string
  readonly status: NodeStatus
  /** Settles when at least one server is attached. @throws {MeshError} `UNREACHABLE`, `TIMEOUT`, `ABORTED`, `CLOSED` */
  online(options?: WaitOptions): Promise<void>
  /**
   * Opens an end-to-end encrypted session with the holder of `key`, or gives the one that is open.
   * Always settles within its timeout.
   * @throws {MeshError} `INVALID_KEY`, `NOT_FOUND`, `OFFLINE`, `REFUSED`, `REVOKED`, `NO_PATH`, `UNREACHABLE`, `TIMEOUT`, `ABORTED`, `CLOSED`, `INCOMPATIBLE`, `QUOTA`
   */
  dial(key: string, options?: DialOptions): Promise<Peer>
  /** Peers that dial us, from now on. */
  accept(): AsyncIterable<Peer>
  /** Dials if need be and sends one message. @throws {MeshError} as `dial` and `Peer.send` */
  send(key: string, data: MessageData, options?: SendOptions): Promise<Receipt>
  /**
   * Messages of every peer, from now on. Taking them slowly slows their senders down.
   * Ends when the node is closed.
   */
  messages(): AsyncIterable<Message>
  /**
   * The signed record of a key: the newest that any of the servers asked can find.
   * @throws {MeshError} `INVALID_KEY`, `NOT_FOUND`, `REVOKED` (its hint names the successor, if there is one),
   *   `UNREACHABLE`, `TIMEOUT`, `ABORTED`, `CLOSED`
   */
  lookup(key: string, options?: WaitOptions): Promise<RecordView>
  /**
   * The routes to a key, the one in use first and then by cost, those that are open or failed included. Opens none.
   * @throws {MeshError} as `lookup`, and `REFUSED` for your own key
   */
  routes(key: string, options?: RoutesOptions): Promise<readonly Route[]>
  /**
   * Why a key is reached as it is, or is not: its record, the servers, each route with the parts of its cost,
   * and what was tried. Opens no route: whoever wants to see one fail dials first.
   * @throws {MeshError} `INVALID_KEY`, `REFUSED` for your own key, `TIMEOUT`, `ABORTED`, `CLOSED`
   */
  explain(key: string, options?: WaitOptions): Promise<Explanation>
  /**
   * The links that are open, what went over them and over those before, and the sessions with their paths. Asks nobody.
   * @throws {MeshError} `ABORTED`, `CLOSED`, `UNREACHABLE` when the code for it cannot be loaded (in browsers), `TIMEOUT`
   *   while no tab runs the node that several tabs share
   */
  stats(options?: WaitOptions): Promise<NodeStats>
  /**
   * Calls `listener` with what is known of a key now, and with each change: it comes online, goes offline
   * (told after a few seconds, as it may only have moved), moves to other servers, publishes a new record, is
   * revoked. Goes on until it is stopped or the node is closed; a node without a server resumes by itself.
   * @returns stops it; harmless afterwards
   * @throws {MeshError} `INVALID_KEY`, `CLOSED`, `QUOTA` for more than 256 keys at once
   */
  watch(key: string, listener: (presence: Presence) => void): () => void
  /**
   * Revokes this node's own key, for good: no record of it counts any more, and whoever asks for it is told,
   * with the successor if one is given. The node closes itself once at least one server keeps the revocation;
   * when this fails it goes on as before.
   * @throws {MeshError} `USAGE` when the key is to succeed itself, `UNREACHABLE`, `TIMEOUT`, `QUOTA`,
   *   `STORAGE`, `REFUSED`, `ABORTED`, `CLOSED`; of reading `data`: `NOT_FOUND`, `CORRUPT`, `STORAGE`
   * @throws {RangeError} for a seed that has not 32 bytes
   */
  revoke(options?: RevokeOptions): Promise<RevokeResult>
  /** Asks to try every server now: the network changed, the page came back. */
  nudge(): void
  /** Tells everybody goodbye and lets the process exit. */
  close(): Promise<void>
  addEventListener<K extends keyof NodeEvents>(
    type: K,
    listener: (event: CustomEvent<NodeEvents[K]>) => void,
  ): void
  removeEventListener<K extends keyof NodeEvents>(
    type: K,
    listener: (event: CustomEvent<NodeEvents[K]>) => void,
  ): void
}

export type * from './node-options.ts'
export type * from './route-types.ts'
export type * from './stats-types.ts'
export type { ErrorCode, MeshError }
