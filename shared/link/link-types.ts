// What goes into a Link, what comes out of it and what it is made with. No behaviour.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { FrameType } from '../wire/frame-type.ts'
import type { AddressClass, NodeType, Welcome } from '../wire/link-messages.ts'
import type { ResponderSteps } from './handshake-state.ts'

/** One object for all links of a node. */
export interface LinkConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly identity: Identity
  readonly type: NodeType
  /** The network's id, 16 bytes. */
  readonly net: Uint8Array
  /** Versions of the protocol that this node speaks; the highest common one is chosen. */
  readonly versions: readonly number[]
  /**
   * What a responder tells a peer that has just logged in. The link puts in its own address class, and
   * leaves away from the end of the sample what does not fit into one message.
   */
  readonly welcome?: (peer: LinkPeer, time: Time) => Welcome
  /** Judges a peer whose key is proven, on either side; a reason refuses it. */
  readonly admit?: (peer: LinkPeer, time: Time) => CloseReason | undefined
}

export interface LinkPeer {
  readonly publicKey: Uint8Array
  readonly keyId: KeyId
  readonly type: NodeType
  readonly version: number
}

export interface InitiatorSide {
  readonly role: 'initiator'
  /** The channel as dialed (binding.ts), 32 bytes. */
  readonly binding: Uint8Array
  /** The only key that may answer; left out, any valid key may. */
  readonly expect?: Uint8Array
  /** Bytes of one message on this transport; `WS_MAX_MESSAGE_BYTES` when left out. */
  readonly maxMessageBytes?: number
}

export interface ResponderSide {
  readonly role: 'responder'
  /** `responderSteps`: handed in, as who only dials need not load them. */
  readonly steps: ResponderSteps
  /** Every binding by which this node knows itself on this channel. */
  readonly bindings: readonly Uint8Array[]
  /** The only key that may log in; left out, any valid key may. */
  readonly expect?: Uint8Array
  readonly addressClass: AddressClass
  readonly maxMessageBytes?: number
}

export type LinkSide = InitiatorSide | ResponderSide

export type LinkInput =
  /** The transport is up. */
  | { readonly kind: 'opened' }
  /** One message from the transport. The link keeps no view of it, but a `frame` effect is this array. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** The transport wants no more for now. */
  | { readonly kind: 'full' }
  | { readonly kind: 'writable' }
  /** The transport is gone. */
  | { readonly kind: 'lost'; readonly reason: CloseReason }
  /** One whole frame, type byte first: a cell, request, response or push. Ignored unless open. */
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly reason: CloseReason; readonly retryAfterMs?: number }
  /** The network changed, or this host slept: the link may be dead without a word. Ignored unless open. */
  | { readonly kind: 'doubt' }
  | { readonly kind: 'timeout' }

export type LinkEffect =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  /** Both keys are proven. `welcome` is what the responder told us, `undefined` when we are the responder. */
  | { readonly kind: 'open'; readonly peer: LinkPeer; readonly welcome: Welcome | undefined }
  | { readonly kind: 'frame'; readonly type: FrameType; readonly bytes: Uint8Array }
  /** Over the soft mark: send no more until `resume`. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'rtt'; readonly ms: number }
  /** Always the last effect. The host closes the transport, unless the transport is what ended. */
  | LinkClosed

export interface LinkClosed {
  readonly kind: 'closed'
  readonly reason: CloseReason
  readonly side: 'local' | 'remote' | 'transport'
  /** The peer's wish, at most `RETRY_AFTER_MAX_MS`. */
  readonly retryAfterMs?: number
  /** One sentence for logs, without control characters. */
  readonly hint?: string
}
