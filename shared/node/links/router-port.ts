// The router as peers see it, and its quota from an operator's point of view. Adapters only.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { RelayRole } from '../../routing/relay-role.ts'
import type { Router } from '../../routing/router.ts'
import type { Relaying } from '../../routing/router-messages.ts'
import { SERVER_LINK_FACTOR } from '../../wire/limits.ts'
import type { RelayLimits } from '../config.ts'
import type { CircuitPort } from '../peers/peer-context.ts'
import type { CellCarrier } from './cell-carrier.ts'

/** @param onOpen told of each circuit that is opened, and to whom it leads */
export function circuitPort(
  router: Router,
  carrier: CellCarrier,
  onOpen: (circuit: CircuitId, peer: KeyId) => void,
): CircuitPort {
  return {
    nextId: () => router.nextCircuitId(),
    open: (time, circuit, hops, data, timeoutMs) => {
      const target = hops.at(-1)
      if (target !== undefined) onOpen(circuit, keyIdOf(target.id))
      router.handle(time, { kind: 'open', circuit, hops, data, large: true, timeoutMs })
    },
    answer: (time, circuit, data) => router.handle(time, { kind: 'answer', circuit, data }),
    send: (time, circuit, data) => {
      router.handle(time, { kind: 'send', circuit, data })
      carrier.carry(time)
    },
    destroy: (time, circuit, reason) => router.handle(time, { kind: 'destroy', circuit, reason }),
    linkOf: circuit => router.linkOf(circuit),
    room: circuit => router.room(circuit),
    capacity: circuit => router.capacity(circuit),
  }
}

/** Servers carry other servers' circuits, so a server's key gets a multiple. */
export function relaying(role: RelayRole, { bytesPerS, burstBytes }: RelayLimits): Relaying {
  return {
    role,
    policy: {
      client: { perSecond: bytesPerS, burst: burstBytes },
      server: { perSecond: bytesPerS * SERVER_LINK_FACTOR, burst: burstBytes * SERVER_LINK_FACTOR },
    },
  }
}
