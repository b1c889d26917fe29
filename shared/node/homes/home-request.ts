// What a client asks its servers, so that each answer finds its way back. Data only.

import type { KeyId } from '../../identity/node-id.ts'

export type HomeRequest =
  | { readonly kind: 'publish' }
  | { readonly kind: 'ownSequence' }
  | { readonly kind: 'lookup'; readonly lookup: number }
  | { readonly kind: 'watch'; readonly key: KeyId }
  /** Its answer says nothing. */
  | { readonly kind: 'unwatch' }
  /** For others that the server knows. */
  | { readonly kind: 'servers' }
  | { readonly kind: 'revoke'; readonly request: number }
