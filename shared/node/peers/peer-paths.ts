// The circuits that carry one peer's session, and the pump that fills them: it pulls packets from the
// session while a circuit has room. Opens and judges nothing.

import type { Time } from '../../machine/machine.ts'
import type { PathMode, Relays } from '../../routes/route.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { PathId } from '../../session/path.ts'
import type { Session } from '../../session/session.ts'
import type { PathView } from '../effects.ts'
import type { CircuitPort } from './peer-context.ts'

/** A circuit to the peer, and the relays it goes over. */
export interface Way {
  readonly circuit: CircuitId
  readonly relays: Relays
  /** The mode that we opened it for; `undefined` when the peer opened it, of whose relays we know the last one. */
  readonly openedFor: PathMode | undefined
}

export interface LivePath extends Way {
  /** `Time.now`. */
  readonly addedAt: number
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

  /** The oldest first. */
  all(): LivePath[] {
    return [...this.#live.values()]
  }

  /** Those that we opened, the oldest first. */
  own(): LivePath[] {
    return this.all().filter(({ openedFor }) => openedFor !== undefined)
  }

  get(circuit: CircuitId): LivePath | undefined {
    return this.#live.get(circuit)
  }

  add(time: Time, session: Pick<Session, 'handle'>, way: Way): void {
    const { circuit, relays, openedFor } = way
    this.#live.set(circuit, { circuit, relays, openedFor, addedAt: time.now, rttMs: undefined })
    const capacity = this.#circuits.capacity(circuit)
    session.handle(time, { kind: 'pathUp', path: pathOf(circuit), ...capacity })
  }

  /** @returns what it was, if it was one of these */
  remove(circuit: CircuitId): LivePath | undefined {
    const path = this.#live.get(circuit)
    this.#live.delete(circuit)
    return path
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

/** The score follows from the others, and from what happens elsewhere: it is no news by itself. */
export function isSamePath(a: PathView | undefined, b: PathView | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  const { hops } = b
  const isSameWay = a.hops.length === hops.length && a.hops.every((hop, at) => hop === hops[at])
  const isSameLink = a.candidates === b.candidates
  return isSameWay && isSameLink && a.rttMs === b.rttMs && a.mode === b.mode
}

/** A circuit is a path of the session above it: the same number under another name. */
export function pathOf(circuit: CircuitId): PathId {
  return circuit as number as PathId
}

export function circuitOf(path: PathId): CircuitId {
  return path as number as CircuitId
}
