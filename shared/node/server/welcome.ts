// What a server tells a peer that has just logged in (docs/PROTOCOL.md 3.1, WELCOME): its limits, its record,
// where it answers STUN, and some of the servers that it knows. Pure.

import type { Time } from '../../machine/machine.ts'
import {
  PING_INTERVAL_MS,
  WELCOME_CLIENT_SAMPLE,
  WELCOME_MAX_SAMPLE,
  WS_MAX_MESSAGE_BYTES,
} from '../../wire/limits.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { NodeType } from '../../wire/record.ts'
import type { ServerSideConfig } from './server-side-types.ts'

/** Records of servers for a peer of that type. */
export function sampleSize(type: NodeType): number {
  return type === 'server' ? WELCOME_MAX_SAMPLE : WELCOME_CLIENT_SAMPLE
}

/** The link puts in the address class. */
export function welcomeOf(
  { unixMs }: Time,
  { relay, stunPort }: Pick<ServerSideConfig, 'relay' | 'stunPort'>,
  record: Uint8Array,
  sample: readonly Uint8Array[],
): Welcome {
  const stun = stunPort?.()
  return {
    keepaliveMs: PING_INTERVAL_MS,
    timeMs: Math.round(unixMs),
    limits: {
      maxMessageBytes: WS_MAX_MESSAGE_BYTES,
      ...(relay !== undefined && { relayBytesPerS: relay.bytesPerS }),
    },
    addressClass: 'unknown',
    record,
    sample,
    ...(stun !== undefined && { stunPort: stun }),
  }
}
