// What a server asks other servers, so that each answer finds its way back. Data only.

import type { CallId } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'

export type ServerRequest =
  | { readonly kind: 'dht'; readonly call: CallId }
  /** Tells a server that we dialed who we are. */
  | { readonly kind: 'announce' }
  | OwnRequest

/** For the sake of those who are attached here. */
export type OwnRequest =
  | { readonly kind: 'watch'; readonly key: KeyId; readonly server: KeyId }
  /** Which clients that relay it knows. */
  | { readonly kind: 'relays' }
