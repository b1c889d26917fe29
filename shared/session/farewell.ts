// The last packet of a session: what it still has to acknowledge, so that a message which the application
// has got is not told as lost, and one CLOSE frame.

import { CLOSE_REASON_MAX_BYTES } from '../wire/limits.ts'
import type { SessionCloseCode } from '../wire/session-close.ts'
import { SESSION_CLOSE } from '../wire/session-close.ts'
import {
  ackMaxBytes,
  SMALL_FRAME_MAX_BYTES,
  writeAck,
  writeClose,
  writeDelivered,
} from '../wire/session-frame-writers.ts'
import type { SessionParts } from './parts.ts'

/** Type, code and length of the CLOSE frame. */
const HEAD_BYTES = 4

export function sealFarewell(
  { acks, inbox, epochs }: SessionParts,
  code: SessionCloseCode,
  reason: string,
): Uint8Array {
  const { ranges } = acks
  const frames = new Uint8Array(
    ackMaxBytes(ranges) + SMALL_FRAME_MAX_BYTES + HEAD_BYTES + CLOSE_REASON_MAX_BYTES,
  )
  let at = ranges.length > 0 ? writeAck(frames, 0, ranges, 0) : 0
  if (inbox.deliveredSeq > 0) at = writeDelivered(frames, at, inbox.deliveredSeq)
  at = writeClose(frames, at, SESSION_CLOSE[code], reason)
  return epochs.seal(frames.subarray(0, at))
}
