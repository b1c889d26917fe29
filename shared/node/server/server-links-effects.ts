// What the links between servers want done, and tell. Data only.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { ClosedLink } from '../homes/attachments.ts'
import type { RpcClientEffect } from '../registry/rpc-client.ts'
import type { Reached } from './server-addresses.ts'
import type { ServerRequest } from './server-request.ts'

export type ServerAnswer = Extract<RpcClientEffect<ServerRequest>, { kind: 'answer' }>

/** Why we close a link. */
export type ClosedHere = 'normal' | 'timeout' | 'refused'

export type ServerLinksEffect =
  | RpcClientEffect<ServerRequest>
  /** The parent dials and answers with `dialing`. */
  | {
      readonly kind: 'dial'
      readonly dial: number
      readonly url: ServerUrl
      readonly isUntrusted: boolean
    }
  | { readonly kind: 'close'; readonly link: LinkId; readonly reason: ClosedHere }
  | { readonly kind: 'unanswered'; readonly owner: ServerRequest }
  /** `newLink`: opened for it, and kept. */
  | {
      readonly kind: 'reached'
      readonly reached: Reached
      readonly newLink: LinkId | undefined
    }
  | {
      readonly kind: 'unreachable'
      /** As dialed, or not even dialed. */
      readonly origin: string
      readonly key: KeyId | undefined
      readonly closed: ClosedLink
    }
