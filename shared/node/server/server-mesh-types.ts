// What a server among servers is told once, and what it wants done and tells (docs/PROTOCOL.md 4). Data only.

import type { CborMap } from '../../bytes/cbor.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import type { DhtEffect } from '../../dht/dht.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { NetworkName } from '../host.ts'
import type { NetworkView } from './joining.ts'
import type { OwnRequest } from './server-request.ts'

export interface ServerMeshConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
  /** Where to find into the network. */
  readonly join: readonly ServerUrl[]
  readonly allowsPlainDials: boolean
  /** Whether circuits run over that link. */
  readonly isCarrying: (link: LinkId) => boolean
  /** From which an open link is, when that counts. */
  readonly networkOf: (link: LinkId) => NetworkName | undefined
}

export type ServerMeshEffect =
  | {
      readonly kind: 'dial'
      readonly dial: number
      readonly url: ServerUrl
      readonly isUntrusted: boolean
    }
  | { readonly kind: 'close'; readonly link: LinkId; readonly reason: CloseReason }
  | { readonly kind: 'misbehaved'; readonly link: LinkId }
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | Extract<
      DhtEffect,
      { kind: 'save' | 'found' | 'changed' | 'revoked' | 'replicated' | 'foundServices' }
    >
  /** We reached it ourselves: it is the server that it says it is. */
  | { readonly kind: 'proven'; readonly server: KeyId }
  /** There is no way to the server that `reach` asked for. */
  | { readonly kind: 'noLink'; readonly server: KeyId }
  /** What a server answered to `ask`, if it did. */
  | { readonly kind: 'answered'; readonly owner: OwnRequest; readonly body: CborMap | undefined }
  | { readonly kind: 'network'; readonly view: NetworkView }
