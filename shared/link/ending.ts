// How a link ends: the last effect, made from a local decision or from the peer's GOODBYE.

import type { CloseReason } from '../wire/close-code.ts'
import { closeReasonOf } from '../wire/close-code.ts'
import { RETRY_AFTER_MAX_MS } from '../wire/limits.ts'
import { decodeGoodbye } from '../wire/link-messages.ts'
import type { LinkClosed } from './link-types.ts'

// Controls, format characters (bidi overrides among them) and line separators: a peer must not paint our logs.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

export function endedHere(reason: CloseReason, hint?: string, retryAfterMs?: number): LinkClosed {
  return {
    kind: 'closed',
    reason,
    side: 'local',
    ...(retryAfterMs !== undefined && { retryAfterMs: boundedRetry(retryAfterMs) }),
    ...(hint !== undefined && { hint }),
  }
}

/** @throws DecodeError */
export function endedByPeer(goodbye: Uint8Array): LinkClosed {
  const { code, retryAfterMs, reason } = decodeGoodbye(goodbye)
  return {
    kind: 'closed',
    reason: closeReasonOf(code),
    side: 'remote',
    ...(retryAfterMs !== undefined && { retryAfterMs: boundedRetry(retryAfterMs) }),
    ...(reason !== undefined && { hint: reason.replace(UNPRINTABLE, '') }),
  }
}

function boundedRetry(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), RETRY_AFTER_MAX_MS)
}
