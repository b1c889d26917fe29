// The last packet of a session: one CLOSE frame.

import { CLOSE_REASON_MAX_BYTES } from '../wire/limits.ts'
import type { SessionCloseCode } from '../wire/session-close.ts'
import { SESSION_CLOSE } from '../wire/session-close.ts'
import { writeClose } from '../wire/session-frame-writers.ts'
import type { Epochs } from './epochs.ts'

/** Type, code and length of the frame. */
const HEAD_BYTES = 4

export function sealFarewell(epochs: Epochs, code: SessionCloseCode, reason: string): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + CLOSE_REASON_MAX_BYTES)
  const end = writeClose(frame, 0, SESSION_CLOSE[code], reason)
  return epochs.seal(frame.subarray(0, end))
}
