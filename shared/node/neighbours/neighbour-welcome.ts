// What a client tells another one that has logged in to it: who it is, and nothing of others. Data only.

import type { Time } from '../../machine/machine.ts'
import { PING_INTERVAL_MS, WS_MAX_MESSAGE_BYTES } from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { SignedRecord } from '../../wire/record.ts'

export function neighbourWelcome(own: SignedRecord, time: Time): Welcome {
  return {
    keepaliveMs: PING_INTERVAL_MS,
    timeMs: Math.round(time.unixMs),
    limits: { maxMessageBytes: WS_MAX_MESSAGE_BYTES },
    addressClass: 'unknown',
    record: own.bytes,
    sample: [],
  }
}
