// Everything that can happen to a node: what its host tells it and what its application asks of it.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { PathMode } from '../routes/route.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { ServerEndpoint } from '../wire/record.ts'
import type { AcceptedChannel, DialedChannel } from './host.ts'
import type { HeardDatagram } from './lan/lan.ts'
import type { CandidatePair, RtcSignal } from './rtc-host.ts'

/** Names one thing that the application waits for; chosen by it, unique in one node. */
export type RequestId = number

export type HostInput =
  | { readonly kind: 'linkOpened'; readonly link: LinkId; readonly channel: DialedChannel }
  | { readonly kind: 'linkAccepted'; readonly link: LinkId; readonly channel: AcceptedChannel }
  | { readonly kind: 'linkMessage'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'linkFull'; readonly link: LinkId }
  | { readonly kind: 'linkWritable'; readonly link: LinkId }
  | { readonly kind: 'linkLost'; readonly link: LinkId; readonly reason: CloseReason }
  /** For the host at the other end. */
  | { readonly kind: 'rtcSignal'; readonly link: LinkId; readonly signal: RtcSignal }
  /** Which candidates a WebRTC link goes over. */
  | { readonly kind: 'rtcPaired'; readonly link: LinkId; readonly pair: CandidatePair }
  | { readonly kind: 'storageChanged'; readonly isWorking: boolean }
  | LanInput
  | { readonly kind: 'timeout' }

export type LanInput =
  | { readonly kind: 'lanOpened'; readonly port: number | undefined }
  | { readonly kind: 'beaconHeard'; readonly datagram: HeardDatagram }
  | { readonly kind: 'lanChanged' }

/** Each command with a `request` is answered by exactly one `done` or `failed` effect. */
export type Command =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'dial'
      readonly request: RequestId
      readonly peer: KeyId
      readonly timeoutMs: number
      /** For this peer from now on. Left out: as before, at first the node's own. */
      readonly mode?: PathMode
    }
  | {
      readonly kind: 'lookup'
      readonly request: RequestId
      readonly key: KeyId
      readonly timeoutMs: number
    }
  /** The ways to a key, best first. Looks it up, opens nothing. Left out, the mode is the one in force. */
  | {
      readonly kind: 'routes'
      readonly request: RequestId
      readonly key: KeyId
      readonly timeoutMs: number
      readonly mode?: PathMode
    }
  /** Why a key is reached as it is, or is not. Looks it up, opens nothing. Without an answer it tells so. */
  | {
      readonly kind: 'explain'
      readonly request: RequestId
      readonly key: KeyId
      readonly timeoutMs: number
    }
  /** What is open, and what went over it. Answered at once. */
  | { readonly kind: 'stats'; readonly request: RequestId; readonly timeoutMs: number }
  /** From now on `presence` effects tell of this key. Over MAX_WATCHES it is ignored: whoever asks counts. */
  | { readonly kind: 'watch'; readonly key: KeyId }
  | { readonly kind: 'unwatch'; readonly key: KeyId }
  /** The end of this node's own key. Nothing of the node works for long afterwards: shut it down. */
  | {
      readonly kind: 'revoke'
      readonly request: RequestId
      /** The 32-byte seed of the key that takes its place; whoever gives it wipes it after the answer. */
      readonly successor?: Uint8Array
      readonly timeoutMs: number
    }
  | {
      readonly kind: 'send'
      readonly request: RequestId
      readonly peer: KeyId
      /** 16 random bytes; the peer shows an id once. */
      readonly id: Uint8Array
      readonly data: Uint8Array
      readonly timeoutMs: number
      /** As for `dial`. */
      readonly mode?: PathMode
    }
  | {
      readonly kind: 'ping'
      readonly request: RequestId
      readonly peer: KeyId
      readonly timeoutMs: number
      /** As for `dial`. */
      readonly mode?: PathMode
    }
  /** Gives up a request: it fails with ABORTED. Unknown or settled ids are ignored. */
  | { readonly kind: 'cancel'; readonly request: RequestId }
  /** The application took this many message bytes of this peer, whichever of its sessions brought them. */
  | { readonly kind: 'consumed'; readonly peer: KeyId; readonly bytes: number }
  | { readonly kind: 'hangUp'; readonly peer: KeyId }
  | { readonly kind: 'nudge' }
  /** The process may be about to go without a `shutdown`: what is to be kept of sessions is saved at once. */
  | { readonly kind: 'suspend' }
  /** Servers, before `start`: where others may dial this one. */
  | { readonly kind: 'endpoints'; readonly endpoints: readonly ServerEndpoint[] }
  | { readonly kind: 'shutdown'; readonly retryAfterMs?: number }

export type NodeInput = HostInput | Command
