// What a client's part for its servers is told once, and what it wants done. Data only.

import type { KeyId } from '../../identity/node-id.ts'
import type { NodeRecord } from '../../wire/record.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { RegistryClientConfig, RegistryClientEffect } from '../registry/registry-client.ts'
import type { AttachmentEffect } from './attachments.ts'
import type { Discovery } from './server-discovery.ts'

export interface HomeServersConfig extends RegistryClientConfig {
  readonly servers: readonly ServerUrl[]
  /** Left out: no server is tried but the configured ones. */
  readonly discovery?: Discovery | undefined
}

export type HomeServersEffect =
  /** `dial`: the parent dials and answers with `dialing`. `changed`: what the application sees of the servers. */
  | AttachmentEffect
  | RegistryClientEffect
  /** One more server that circuits can start from. */
  | { readonly kind: 'attached' }
  /** A server's own record. */
  | { readonly kind: 'showed'; readonly record: NodeRecord }
  /** Records of servers that one of ours knows, as they came: nothing in them was verified. */
  | { readonly kind: 'sampled'; readonly source: KeyId; readonly records: readonly Uint8Array[] }
