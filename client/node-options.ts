// What createNode is told. Types only.

import type { PathMode } from './route-types.ts'

export interface NodeOptions {
  /**
   * Servers to attach to, all of them at once: `wss://one.example`, `http://localhost:8080`,
   * `wss://10.0.0.2:8443/#key_…`. In a browser the default is the server that the page came from.
   */
  readonly servers?: readonly string[]
  /** A 32-byte seed of your own, or `ephemeral` for a key that is forgotten on close. Default: made on first start and kept. */
  readonly identity?: Uint8Array | 'ephemeral'
  /** Where identity and state are kept: a folder (Node, default `~/.keymesh`) or a database name (browser, default `keymesh`). */
  readonly data?: string
  /** Network id, 32 hex digits. Default: the open network. */
  readonly network?: string
  /**
   * Whether to let this key in. Called once for each incoming session, before anything is answered; while this node
   * relays also for others that do, before they get a direct link to it. Default: everybody.
   */
  readonly acceptPeer?: (key: string) => boolean
  /**
   * Node: finds other nodes on the local network, without any server, and is found by them: whoever is on that
   * network sees this node's key. Default: false.
   */
  readonly lan?: boolean
  /**
   * Carries messages of others over the links that this node has anyway, to neighbours and to its servers: they stay
   * encrypted, and none of these others can make it connect to anybody. Default: off.
   */
  readonly relay?: RelayOptions
  /**
   * Connects directly to peers by WebRTC, beside the path over servers; in mode `fast` only, as the peer then sees this
   * device's address. Default: true, where the platform has WebRTC.
   */
  readonly webrtc?: boolean | WebRtcOptions
  /** Which paths to peers may be used, unless `dial` or `send` says otherwise. Default: `fast`. */
  readonly mode?: PathMode
  /** Allows plain `ws://` to hosts other than this machine. */
  readonly insecure?: boolean
  /**
   * Whether to attach to other servers of the network while fewer than two of `servers` can be reached, so
   * that the end of one server is not the end of the node. They are learned from the servers. Default: true.
   */
  readonly discoverServers?: boolean
  /**
   * Browser: shares one node among the tabs of this origin that keep their identity in the same `data`. One of them runs
   * it, with its own options, and when that one ends or freezes another goes on. Default: true; a node with an
   * `identity` of its own is never shared.
   */
  readonly tabs?: boolean
  /** Gives up creating the node. */
  readonly signal?: AbortSignal
}

export interface RelayOptions {
  /**
   * Bytes to pass on for others in 24 hours, at least 1,048,576; about as many are received for it. A restart gives
   * none back where the identity is kept.
   */
  readonly bytesPerDay: number
  /** Browser: also while the browser says that the connection is a metered one. Default: false. */
  readonly onMetered?: boolean
}

export interface WebRtcOptions {
  /**
   * STUN and TURN servers, as of RTCConfiguration; none for an empty list. Default: the STUN responders of this node's
   * servers.
   */
  readonly iceServers?: readonly IceServer[]
  /** Connects by TURN servers only, so that peers do not see this device's address. Default: false. */
  readonly relayOnly?: boolean
  /** Tells peers also the addresses that this device has on its local network. Default: false; a browser hides them by itself. */
  readonly localAddresses?: boolean
}

export interface IceServer {
  /** `stun:host:port`, `turn:host:port?transport=tcp`, `turns:host:port`. */
  readonly urls: string | readonly string[]
  readonly username?: string
  readonly credential?: string
}
