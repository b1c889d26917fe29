// What the links among clients that relay are given, and what they say. Types only.

import type { KeyId } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import type { LinkedNeighbour } from '../neighbours/linked-neighbour.ts'
import type { RouteSource } from '../routes/route-queries.ts'

export interface MeshSurroundings {
  /** Whether this node carries circuits for others right now. */
  isRelaying(time: Time): boolean
  /** All other clients that there is a link to, each key once. */
  linked(): readonly LinkedNeighbour[]
  /** Whom to ask for clients that relay: servers and neighbours. */
  sources(): readonly RouteSource[]
  /** Whether one more connection leaves enough for the application. */
  hasRoom(): boolean
  /** Whether that key may have a link to us, and see our addresses. */
  isAllowed(key: KeyId): boolean
  /** Whether circuits run over that link, or the application talks to its other end. */
  isInUse(link: LinkId, key: KeyId): boolean
}

export interface MeshLinksConfig extends MeshSurroundings {
  readonly random: RandomBytes
  readonly ownKey: KeyId
}

export type MeshLinksEffect =
  /** For clients that relay: the answers are told by `heard`. */
  | { readonly kind: 'ask'; readonly sources: readonly RouteSource[] }
  /** A session for signals is to be had with that key: a link comes of it, `failed`, or nothing. */
  | { readonly kind: 'meet'; readonly key: KeyId }
  /** That session is of no use any more. */
  | { readonly kind: 'part'; readonly key: KeyId }
  /** Another link is worth more. */
  | { readonly kind: 'drop'; readonly link: LinkId }
