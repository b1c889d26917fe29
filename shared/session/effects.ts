// What can happen to a session, and everything it can say.

import type { SessionCloseCode } from '../wire/session-close.ts'
import type { PathCapacity, PathId, PathReport } from './path.ts'

export type SessionInput =
  | ({ readonly kind: 'pathUp'; readonly path: PathId } & PathCapacity)
  | { readonly kind: 'pathDown'; readonly path: PathId }
  /** Data goes over this path while it answers; over any that does when left out. The responder follows. */
  | { readonly kind: 'prefer'; readonly path: PathId | undefined }
  /** Messages and pings go over these paths or wait; over any when left out. The rest of the session goes on. */
  | { readonly kind: 'confine'; readonly paths: ReadonlySet<PathId> | undefined }
  | { readonly kind: 'packet'; readonly path: PathId; readonly bytes: Uint8Array }
  /** `id` (16 bytes) and `data` belong to the session from here on: do not change them. */
  | { readonly kind: 'send'; readonly id: Uint8Array; readonly data: Uint8Array }
  | { readonly kind: 'cancel'; readonly id: Uint8Array }
  /** Asks for a `pong` with the round-trip time to the peer itself. `id` is the owner's. */
  | { readonly kind: 'ping'; readonly id: number }
  /**
   * Says something to the peer's owner, beside the messages and before them: 1 to `SIGNAL_MAX_BYTES`. Dropped without
   * a word when `SIGNAL_WINDOW_BYTES` are unacknowledged, or with the session: whoever waits gives up by itself.
   */
  | { readonly kind: 'signal'; readonly bytes: Uint8Array }
  /** The application took this many bytes of messages, in the order in which they came. */
  | { readonly kind: 'consumed'; readonly bytes: number }
  | { readonly kind: 'close'; readonly code: SessionCloseCode; readonly reason?: string }
  | { readonly kind: 'timeout' }

/** Why one message failed: the outbox is full (wait for `writable`), over the size limit, given up. */
export type FailureCode = 'FULL' | 'TOO_LARGE' | 'TIMEOUT' | 'ABORTED' | 'CLOSED'

export type SessionEffect =
  | { readonly kind: 'message'; readonly id: Uint8Array; readonly data: Uint8Array }
  /** Of the peer's owner: once, in order among signals, without regard to messages. */
  | { readonly kind: 'signal'; readonly bytes: Uint8Array }
  | { readonly kind: 'delivered'; readonly id: Uint8Array }
  | { readonly kind: 'failed'; readonly id: Uint8Array; readonly code: FailureCode }
  | { readonly kind: 'pong'; readonly id: number; readonly rttMs: number }
  /** The peer proved that it has the keys: now, for an initiator; with its first packet, for a responder. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'writable' }
  /** Something waits and no path is left that may carry it. Said once until a path comes up. */
  | { readonly kind: 'needPath' }
  | ({ readonly kind: 'path'; readonly path: PathId } & PathReport)
  /** Something is overdue here, and nothing else was heard. Over another path, if there is one, data goes on. */
  | { readonly kind: 'pathDoubted'; readonly path: PathId }
  /** Two probes went unanswered. What was in flight there waits for another path. */
  | { readonly kind: 'pathSuspect'; readonly path: PathId }
  /** The last effect. `unfinished()` still answers. */
  | {
      readonly kind: 'closed'
      readonly code: SessionCloseCode
      readonly side: 'local' | 'remote'
      readonly reason: string
    }
