// Everything that can happen to a node: what its host tells it and what its application asks of it.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { AcceptedChannel, DialedChannel } from './host.ts'

/** Names one thing that the application waits for; chosen by it, unique in one node. */
export type RequestId = number

export type HostInput =
  | { readonly kind: 'linkOpened'; readonly link: LinkId; readonly channel: DialedChannel }
  | { readonly kind: 'linkAccepted'; readonly link: LinkId; readonly channel: AcceptedChannel }
  | { readonly kind: 'linkMessage'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'linkFull'; readonly link: LinkId }
  | { readonly kind: 'linkWritable'; readonly link: LinkId }
  | { readonly kind: 'linkLost'; readonly link: LinkId; readonly reason: CloseReason }
  | { readonly kind: 'storageChanged'; readonly isWorking: boolean }
  | { readonly kind: 'timeout' }

/** Each command with a `request` is answered by exactly one `done` or `failed` effect. */
export type Command =
  | { readonly kind: 'start' }
  | {
      readonly kind: 'dial'
      readonly request: RequestId
      readonly peer: KeyId
      readonly timeoutMs: number
    }
  | {
      readonly kind: 'lookup'
      readonly request: RequestId
      readonly key: KeyId
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
    }
  | {
      readonly kind: 'ping'
      readonly request: RequestId
      readonly peer: KeyId
      readonly timeoutMs: number
    }
  /** Gives up a request: it fails with ABORTED. Unknown or settled ids are ignored. */
  | { readonly kind: 'cancel'; readonly request: RequestId }
  /** The application took this many message bytes of this peer, whichever of its sessions brought them. */
  | { readonly kind: 'consumed'; readonly peer: KeyId; readonly bytes: number }
  | { readonly kind: 'hangUp'; readonly peer: KeyId }
  | { readonly kind: 'nudge' }
  | { readonly kind: 'shutdown'; readonly retryAfterMs?: number }

export type NodeInput = HostInput | Command
