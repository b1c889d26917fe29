// The circuits that carry one peer's session, and the pump that fills them: it pulls packets from the
// session while a circuit has room. Opens and judges nothing.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { PathId } from '../session/path.ts'
import type { Session } from '../session/session.ts'
import type { PathView } from './effects.ts'
import type { CircuitPort } from './peer-context.ts'

interface LivePath {
  readonly relays: readonly KeyId[]
  rttMs: number | undefined
}

export class PeerPaths {
  readonly #circuits: CircuitPort
  readonly #live = new Map<CircuitId, LivePath>()

  constructor(circuits: CircuitPort) {
    this.#circuits = circuits
  }

  get size(): number {
    return this.#live.size
  }

  /** The path that the application sees. */
  get view(): PathView | undefined {
    const [first] = this.#live.values()
    if (first === undefined) return undefined
    const { relays, rttMs } = first
    return rttMs === undefined ? { hops: relays } : { hops: relays, rttMs }
  }

  add(time: Time, session: Session, circuit: CircuitId, relays: readonly KeyId[]): void {
    this.#live.set(circuit, { relays, rttMs: undefined })
    const capacity = this.#circuits.capacity(circuit)
    session.handle(time, { kind: 'pathUp', path: pathOf(circuit), ...capacity })
  }

  /** @returns whether the circuit was one of these */
  remove(circuit: CircuitId): boolean {
    return this.#live.delete(circuit)
  }

  measured(path: PathId, rttMs: number): void {
    const live = this.#live.get(circuitOf(path))
    if (live !== undefined) live.rttMs = rttMs
  }

  pump(time: Time, session: Session): void {
    for (const circuit of this.#live.keys()) {
      while (this.#circuits.room(circuit) > 0) {
        const packet = session.pollPacket(time, pathOf(circuit))
        if (packet === undefined) break
        this.#circuits.send(time, circuit, packet)
      }
    }
  }

  /** Its last packets are out: the circuits go. */
  clear(time: Time): void {
    for (const circuit of this.#live.keys()) this.#circuits.destroy(time, circuit, 'closed')
    this.#live.clear()
  }
}

export function isSamePath(a: PathView | undefined, b: PathView | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const { hops } = b
  const isSameWay = a.hops.length === hops.length && a.hops.every((hop, at) => hop === hops[at])
  return isSameWay && a.rttMs === b.rttMs
}

/** A circuit is a path of the session above it: the same number under another name. */
export function pathOf(circuit: CircuitId): PathId {
  return circuit as number as PathId
}

export function circuitOf(path: PathId): CircuitId {
  return path as number as CircuitId
}
