// Which links are live and which circuits run over them. Looks up and allocates; decides nothing and
// sends nothing. Wire ids: per link, from 1 upwards, with the highest bit of the side that dialed.

import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import { INITIATOR_BIT } from '../wire/circuit-cells.ts'
import type { Circuit, CircuitId, Endpoint, Port } from './circuit.ts'

export class CircuitTable {
  readonly #ports = new Map<LinkId, Port>()
  readonly #newestByPeer = new Map<KeyId, Port>()
  readonly #circuits = new Map<CircuitId, Circuit>()
  readonly #ownKey: KeyId
  #lastId = 0

  constructor(ownKey: KeyId) {
    this.#ownKey = ownKey
  }

  /** Circuits in all roles. */
  get size(): number {
    return this.#circuits.size
  }

  addPort(link: LinkId, peer: KeyId, isServer: boolean, isInitiator: boolean): void {
    const port: Port = {
      kind: 'port',
      link,
      peer,
      isServer,
      isInitiator,
      isPaused: false,
      isMisbehaved: false,
      circuits: undefined,
      incoming: 0,
      lastWireId: 0,
      waiting: undefined,
      older: this.#newestByPeer.get(peer),
    }
    this.#ports.set(link, port)
    this.#newestByPeer.set(peer, port)
  }

  /** The caller closes its circuits. */
  removePort(port: Port): void {
    this.#ports.delete(port.link)
    const newest = this.#newestByPeer.get(port.peer)
    if (newest === port) {
      if (port.older === undefined) this.#newestByPeer.delete(port.peer)
      else this.#newestByPeer.set(port.peer, port.older)
    }
    for (let other = newest; other !== undefined; other = other.older) {
      if (other.older === port) other.older = port.older
    }
  }

  port(link: LinkId): Port | undefined {
    return this.#ports.get(link)
  }

  /** The live link to that key over which circuits go: the newest, to a server of those that stay. */
  portTo(peer: KeyId): Port | undefined {
    for (const port of this.portsTo(peer)) if (this.#stays(port)) return port
    return this.#newestByPeer.get(peer)
  }

  /** Every live link to that key, the newest first. */
  *portsTo(peer: KeyId): IterableIterator<Port> {
    for (let port = this.#newestByPeer.get(peer); port !== undefined; port = port.older) yield port
  }

  /** Circuits that this node carries from one key on to another, over all links of both. */
  carriedFor(previous: KeyId, next: KeyId): number {
    let count = 0
    for (const port of this.portsTo(next)) {
      for (const circuit of port.circuits?.values() ?? []) {
        if (circuit.kind !== 'relay' || circuit.forward.port !== port) continue
        if (circuit.backward.port.peer === previous) count += 1
      }
    }
    return count
  }

  nextCircuitId(): CircuitId {
    this.#lastId += 1
    return this.#lastId as CircuitId
  }

  /** A wire id for a circuit that we open over that link. Ids are free again once destroyed. */
  freeWireId(port: Port): number {
    const bit = port.isInitiator ? INITIATOR_BIT : 0
    do {
      port.lastWireId = (port.lastWireId + 1) % INITIATOR_BIT
    } while (port.lastWireId === 0 || port.circuits?.has(bit + port.lastWireId))
    return bit + port.lastWireId
  }

  /** Whether that wire id is one for the peer to choose. */
  isPeersWireId(port: Port, wireId: number): boolean {
    return wireId >= INITIATOR_BIT !== port.isInitiator
  }

  circuit(id: CircuitId): Circuit | undefined {
    return this.#circuits.get(id)
  }

  circuits(): IterableIterator<Circuit> {
    return this.#circuits.values()
  }

  add(circuit: Circuit): void {
    this.#circuits.set(circuit.id, circuit)
    for (const { port, wireId } of legsOf(circuit)) {
      port.circuits ??= new Map()
      port.circuits.set(wireId, circuit)
      if (this.isPeersWireId(port, wireId)) port.incoming += 1
    }
  }

  remove(circuit: Circuit): void {
    this.#circuits.delete(circuit.id)
    for (const { port, wireId } of legsOf(circuit)) {
      if (this.isPeersWireId(port, wireId)) port.incoming -= 1
      port.circuits?.delete(wireId)
      if (port.circuits?.size === 0) port.circuits = undefined
    }
  }

  /** Of two links between servers, one opened by each, that of the lower key does: the other ends without circuits. */
  #stays({ isServer, isInitiator, peer }: Port): boolean {
    return !isServer || isInitiator === this.#ownKey < peer
  }
}

/** Whether it is one of our own, not one that we carry or hold for others. */
export function isEndpoint(circuit: Circuit): circuit is Endpoint {
  return circuit.kind === 'origin' || circuit.kind === 'end'
}

export function legsOf(circuit: Circuit): readonly { port: Port; wireId: number }[] {
  return circuit.kind === 'relay' ? [circuit.backward, circuit.forward] : [circuit]
}
