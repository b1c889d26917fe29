// Carrying circuits for others (docs/PROTOCOL.md 6), in one piece for RouterConfig: handed in, so that a
// node which is only the ends of circuits, a browser above all, need not load it.

import { extendCircuit, relayAck, relayBackward, relayForward } from './relay-circuit.ts'
import { clearFlow, drainAllowance, drainPort } from './relay-queue.ts'
import { awaitLink, continueWaiting, forgetWaiting, refuseWaiting } from './waiting-setups.ts'

export const relayRole = {
  extendCircuit,
  relayAck,
  relayForward,
  relayBackward,
  drainPort,
  drainAllowance,
  clearFlow,
  awaitLink,
  continueWaiting,
  refuseWaiting,
  forgetWaiting,
} as const

export type RelayRole = typeof relayRole
