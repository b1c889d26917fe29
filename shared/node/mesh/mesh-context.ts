// What sessions for signals alone share: the application's circuits, ways and modes, and nothing that the application
// sees. Direct connections know which of the two kinds of session there are with a peer.

import type { KeyId } from '../../identity/node-id.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { DirectPort } from '../direct/direct-port.ts'
import type { NodeEvent } from '../effects.ts'
import { HeldMessages } from '../peers/held-messages.ts'
import type { CircuitPort, PeerContext } from '../peers/peer-context.ts'
import { seenByPeer } from '../peers/seen-by-peer.ts'
import { SessionTags } from '../peers/session-tags.ts'
import { RouteLog } from '../routes/route-log.ts'

export interface MeshContextConfig {
  /** The application's. */
  readonly context: PeerContext
  /** @param onOpen told of each circuit that is opened, and to whom it leads */
  circuits(onOpen: (circuit: CircuitId, key: KeyId) => void): CircuitPort
}

export interface MeshListeners {
  emit(event: NodeEvent): void
  ownCircuit(circuit: CircuitId, key: KeyId): void
}

export function meshContext(
  { context, circuits }: MeshContextConfig,
  { emit, ownCircuit }: MeshListeners,
): PeerContext {
  const { direct } = context
  const port: DirectPort = {
    sessionUp: (time, key) => direct.sessionUp(time, key, { kind: 'signals' }),
    sessionDown: (time, key) => direct.sessionDown(time, key, 'signals'),
    // The application's peers say it.
    modeChanged: () => undefined,
    heard: (time, key, signal) => direct.heard(time, key, signal),
    view: (time, key) => direct.view(time, key),
    pairOf: link => direct.pairOf(link),
  }
  return {
    ...context,
    isSignalOnly: true,
    circuits: circuits(ownCircuit),
    direct: port,
    held: new HeldMessages(),
    log: new RouteLog(),
    tags: new SessionTags(),
    seenIds: seenByPeer(),
    emit,
  }
}
