// Everything a node does: to its host, and to its application.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { SignedRecord } from '../wire/record.ts'
import type { RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import type { ServerUrl } from './server-url.ts'

export type HostEffect =
  | { readonly kind: 'dialLink'; readonly link: LinkId; readonly url: ServerUrl }
  | { readonly kind: 'transmit'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'closeLink'; readonly link: LinkId; readonly reason: CloseReason }
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array | undefined }

export interface AttachmentView {
  readonly url: ServerUrl
  readonly state: 'connecting' | 'online' | 'waiting'
  readonly key?: KeyId
  readonly rttMs?: number
  readonly failure?: Failure
  /** Milliseconds until the next attempt. */
  readonly retryInMs?: number
}

export interface PathView {
  readonly hops: readonly KeyId[]
  readonly rttMs?: number
}

export type Outcome =
  | { readonly kind: 'dialed' }
  | { readonly kind: 'found'; readonly record: SignedRecord }
  | { readonly kind: 'delivered' }
  | { readonly kind: 'pong'; readonly rttMs: number }

export type NodeEvent =
  | { readonly kind: 'attachments'; readonly attachments: readonly AttachmentView[] }
  | { readonly kind: 'done'; readonly request: RequestId; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly request: RequestId; readonly failure: Failure }
  | { readonly kind: 'peerUp'; readonly peer: KeyId; readonly isIncoming: boolean }
  | { readonly kind: 'peerPath'; readonly peer: KeyId; readonly path: PathView | undefined }
  /** `failure` is absent when one of the two sides closed on purpose. */
  | { readonly kind: 'peerDown'; readonly peer: KeyId; readonly failure?: Failure }
  | {
      readonly kind: 'message'
      readonly peer: KeyId
      readonly id: Uint8Array
      readonly data: Uint8Array
    }
  | { readonly kind: 'stopped' }

export type NodeEffect = HostEffect | NodeEvent
