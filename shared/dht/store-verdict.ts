// Something is offered to a server's stores: from where, and what became of it.

import type { KeyId } from '../identity/node-id.ts'
import type { RpcErrorCode } from '../wire/rpc-messages.ts'

export interface Offer {
  /** Given by the key itself over its own link: only then is a value kept however far it lies. */
  readonly isHome: boolean
  /** Whether this server is among those that should keep the key. */
  readonly isNear: boolean
  /** The peer that stores. */
  readonly source: KeyId
  /** The network it comes from, when that counts. */
  readonly network?: string | undefined
}

export interface StoreRefusal {
  readonly error: RpcErrorCode
  /** One short sentence for people. */
  readonly hint: string
}

/** `known`: the very same bytes are kept already. */
export type StoreVerdict = 'stored' | 'known' | StoreRefusal

export function refusal(error: RpcErrorCode, hint: string): StoreRefusal {
  return { error, hint }
}
