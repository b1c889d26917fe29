// What the server's part of a node is told once, and what it wants done. Data only.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { RegistryValue } from '../../wire/registry-value.ts'
import type { RelayLimits } from '../config.ts'
import type { RequestId } from '../inputs.ts'
import type { ServerMeshConfig, ServerMeshEffect } from './server-mesh-types.ts'

export type ServerSideEffect =
  | Exclude<
      ServerMeshEffect,
      { kind: 'found' | 'foundServices' | 'changed' | 'revoked' | 'watched' }
    >
  | {
      readonly kind: 'lookedUp'
      readonly request: RequestId
      readonly value: RegistryValue | undefined
    }

export interface ServerSideConfig extends Omit<ServerMeshConfig, 'networkOf'> {
  readonly relay: RelayLimits | undefined
  /** As of NodeConfig. */
  readonly stunPort?: (() => number | undefined) | undefined
  /** Open links to that key. */
  readonly linksOf: (key: KeyId) => readonly LinkId[]
  /** The best round trip of these, in milliseconds. */
  readonly rttTo: (key: KeyId) => number | undefined
}
