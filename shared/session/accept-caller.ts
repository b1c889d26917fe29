// The responder's whole answer to a handshake that arrived in a circuit's SETUP: clock and replay check
// included, committed last. The owner adds its own check (firewall, quota, simultaneous dial).

import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CallerCheck, HandshakeContext, HandshakeOutcome } from './handshake.ts'
import { acceptHandshake } from './handshake.ts'
import type { InitiatorTimestamps } from './initiator-timestamps.ts'

export function acceptCaller(
  context: HandshakeContext,
  time: Time,
  message: Uint8Array,
  timestamps: InitiatorTimestamps,
  admit: CallerCheck,
): HandshakeOutcome {
  let stampMs = 0
  const outcome = acceptHandshake(context, message, caller => {
    stampMs = caller.unixMs
    const verdict = timestamps.check(time, keyIdOf(caller.publicKey), caller.unixMs)
    return verdict === 'fresh' ? admit(caller) : verdict
  })
  if (outcome.kind === 'accepted') {
    timestamps.commit(time, keyIdOf(outcome.secrets.remotePublicKey), stampMs)
  }
  return outcome
}
