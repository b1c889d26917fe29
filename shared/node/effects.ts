// Everything a node does: to its host, and to its application.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { PathMode, RouteScore } from '../routes/route.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { SignedRecord } from '../wire/record.ts'
import type { ServerUrl } from './address/server-url.ts'
import type { RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import type { Explanation, RouteView } from './routes/route-views.ts'
import type { CandidatePair, RtcOptions, RtcSignal } from './rtc-host.ts'
import type { NetworkView } from './server/joining.ts'
import type { NodeStats } from './stats.ts'

export type HostEffect =
  | {
      readonly kind: 'dialLink'
      readonly link: LinkId
      readonly url: ServerUrl
      readonly isUntrusted: boolean
    }
  | { readonly kind: 'transmit'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'closeLink'; readonly link: LinkId; readonly reason: CloseReason }
  | { readonly kind: 'openRtc'; readonly link: LinkId; readonly options: RtcOptions }
  /** What the host at the other end said. */
  | { readonly kind: 'signalRtc'; readonly link: LinkId; readonly signal: RtcSignal }
  | { readonly kind: 'sendBeacon'; readonly bytes: Uint8Array }
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array | undefined }

export interface AttachmentView {
  readonly url: ServerUrl
  readonly state: 'connecting' | 'online' | 'waiting'
  readonly key?: KeyId
  readonly rttMs?: number
  readonly failure?: Failure
  /** Milliseconds until the next attempt. */
  readonly retryInMs?: number
  /** Not configured: other servers, or the local network, told of it. */
  readonly isLearned?: true
}

export interface PathView {
  readonly hops: readonly KeyId[]
  readonly rttMs?: number
  /** What this node asks of paths to the peer. */
  readonly mode?: PathMode
  /** Of a path that this node opened: nobody else's relays are known. */
  readonly score?: RouteScore
  /** Of a path over nothing but a WebRTC connection, once known. */
  readonly candidates?: CandidatePair
}

/** What became of a watched key. */
export interface PresenceView {
  readonly key: KeyId
  /** `unknown`: no server can say, or nobody has heard of the key. */
  readonly state: 'online' | 'offline' | 'unknown' | 'revoked'
  /** The newest one known, except of a revoked key. */
  readonly record?: SignedRecord
  /** Of a revoked key: the public key that takes its place. */
  readonly successor?: Uint8Array
}

export type Outcome =
  | { readonly kind: 'dialed' }
  | { readonly kind: 'found'; readonly record: SignedRecord }
  | { readonly kind: 'delivered' }
  | { readonly kind: 'pong'; readonly rttMs: number }
  /** Best first. */
  | { readonly kind: 'routes'; readonly routes: readonly RouteView[] }
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'stats'; readonly stats: NodeStats }
  /** `servers`: how many keep the revocation. */
  | { readonly kind: 'revoked'; readonly servers: number; readonly successor?: Uint8Array }

export type NodeEvent =
  | { readonly kind: 'attachments'; readonly attachments: readonly AttachmentView[] }
  | { readonly kind: 'done'; readonly request: RequestId; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly request: RequestId; readonly failure: Failure }
  | { readonly kind: 'peerUp'; readonly peer: KeyId; readonly isIncoming: boolean }
  | { readonly kind: 'peerPath'; readonly peer: KeyId; readonly path: PathView | undefined }
  /** Told once at the beginning of a watch, and for each change. */
  | { readonly kind: 'presence'; readonly presence: PresenceView }
  /** `failure` is absent when one of the two sides closed on purpose. */
  | { readonly kind: 'peerDown'; readonly peer: KeyId; readonly failure?: Failure }
  | {
      readonly kind: 'message'
      readonly peer: KeyId
      readonly id: Uint8Array
      readonly data: Uint8Array
    }
  /** Servers: what an operator sees of the network. */
  | { readonly kind: 'network'; readonly view: NetworkView }
  /** Servers: what a key published here lies at so many other servers now. */
  | { readonly kind: 'replicated'; readonly key: KeyId; readonly copies: number }
  | { readonly kind: 'stopped' }

export type NodeEffect = HostEffect | NodeEvent

/** What a node holds, for metrics. */
export interface NodeLoad {
  readonly links: number
  readonly peers: number
  readonly records: number
  /** Other servers that a server has reached. */
  readonly knownServers: number
  readonly circuits: number
}
