// What the registry machine wants done (docs/PROTOCOL.md 4), and the ids by which answers find back.

import type { CborMap } from '../bytes/cbor.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { RegistryValue } from '../wire/registry-value.ts'
import type { DhtMethod, RpcErrorCode } from '../wire/rpc-messages.ts'
import type { SignedService } from '../wire/service.ts'
import type { Contact } from './contact.ts'

export type CallId = number & { readonly brand: 'CallId' }
export type QueryId = number & { readonly brand: 'QueryId' }

export type DhtEffect =
  /** One `Dht.answer` for each. */
  | {
      readonly kind: 'call'
      readonly call: CallId
      readonly contact: Contact
      readonly method: DhtMethod
      readonly body: CborMap
    }
  /** Please dial it, or use a link that we opened; answered by `Dht.verified` or `Dht.unreachable`. */
  | { readonly kind: 'check'; readonly contact: Contact }
  /** First the first valid value, if it comes before the end; then, `isFinal`, what all paths came to. */
  | {
      readonly kind: 'found'
      readonly query: QueryId
      readonly value: RegistryValue | undefined
      readonly isFinal: boolean
      /** Servers that answered so far. */
      readonly answers: number
    }
  /** Verified, one per key, the freshest first. */
  | {
      readonly kind: 'foundServices'
      readonly query: QueryId
      readonly ads: readonly SignedService[]
      readonly isFinal: true
    }
  /** A newer value is kept here. */
  | { readonly kind: 'changed'; readonly key: KeyId; readonly value: RegistryValue }
  /** A value that was offered here lies at so many other servers now. */
  | { readonly kind: 'replicated'; readonly key: KeyId; readonly copies: number }
  /** What was offered here belongs to a key that is revoked. */
  | { readonly kind: 'revoked'; readonly key: KeyId; readonly value: RegistryValue }
  | { readonly kind: 'save'; readonly key: string; readonly value: Uint8Array | undefined }

/** What became of a call. */
export type CallAnswer =
  | {
      readonly kind: 'ok'
      readonly body: CborMap
      /** Of the link it came over; `undefined` counts toward no cap. */
      readonly network?: string | undefined
    }
  | { readonly kind: 'error'; readonly code: RpcErrorCode; readonly hint: string | undefined }
  | { readonly kind: 'noAnswer' }

/** What a neighbour is answered. */
export type RpcAnswerOut =
  | { readonly kind: 'ok'; readonly body: CborMap }
  | { readonly kind: 'error'; readonly code: RpcErrorCode; readonly hint: string }
