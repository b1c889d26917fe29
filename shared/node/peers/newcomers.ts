// Sessions that a peer began and has not confirmed (docs/PROTOCOL.md 7.5). Whoever carries a handshake can hold it back,
// and bring it when the peer has long given it up: so each waits, beside whatever runs, for its first packet, which only
// a peer that goes on with it can send. Then it takes over; those that nobody confirms are forgotten, and change nothing.

import { equalBytes } from '../../bytes/equal.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { earliest } from '../../machine/earliest.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import type { Session } from '../../session/session.ts'
import { SESSIONS_UNCONFIRMED } from '../../wire/limits.ts'
import { encodeAnswer } from '../../wire/session-setup.ts'
import type { PeerContext } from './peer-context.ts'
import type { Way } from './peer-paths.ts'
import { pathOf } from './peer-paths.ts'

export interface Newcomer {
  readonly session: Session
  readonly way: Way
}

export class Newcomers {
  readonly #context: Pick<PeerContext, 'circuits' | 'tags'>
  readonly #peer: KeyId
  /** In the order of their timestamps: each later one was made by a peer that gave the earlier ones up. */
  readonly #waiting = new Map<CircuitId, Newcomer>()

  constructor(context: Pick<PeerContext, 'circuits' | 'tags'>, peer: KeyId) {
    this.#context = context
    this.#peer = peer
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** @param message the handshake's answer */
  add(time: Time, session: Session, way: Way, message: Uint8Array): void {
    const { circuits, tags } = this.#context
    const { circuit } = way
    circuits.answer(time, circuit, encodeAnswer({ kind: 'handshake', message }))
    session.handle(time, { kind: 'pathUp', path: pathOf(circuit), ...circuits.capacity(circuit) })
    tags.add(session.tag, this.#peer)
    this.#waiting.set(circuit, { session, way })
    const [oldest] = this.#waiting.values()
    if (oldest !== undefined && this.#waiting.size > SESSIONS_UNCONFIRMED) this.#drop(time, oldest)
  }

  /** By the tag of its session. */
  get(tag: Uint8Array): Newcomer | undefined {
    for (const one of this.#waiting.values()) if (equalBytes(one.session.tag, tag)) return one
    return undefined
  }

  /** @returns the one that this packet confirms: it waits here no more, and no older one does */
  heard(time: Time, circuit: CircuitId, bytes: Uint8Array): Newcomer | undefined {
    const one = this.#waiting.get(circuit)
    one?.session.handle(time, { kind: 'packet', path: pathOf(circuit), bytes })
    return one?.session.isConfirmed ? this.take(time, one) : undefined
  }

  take(time: Time, taken: Newcomer): Newcomer {
    for (const one of this.#waiting.values()) {
      if (one === taken) break
      this.#drop(time, one)
    }
    this.#waiting.delete(taken.way.circuit)
    this.#context.tags.delete(taken.session.tag, this.#peer)
    return taken
  }

  circuitClosed(time: Time, circuit: CircuitId): void {
    const one = this.#waiting.get(circuit)
    if (one !== undefined) this.#forget(time, one)
  }

  timeout(time: Time): void {
    for (const one of this.#waiting.values()) {
      one.session.handle(time, { kind: 'timeout' })
      if (one.session.isClosed) this.#drop(time, one)
    }
  }

  nextTimeout(): number | undefined {
    const all = [...this.#waiting.values()]
    return earliest(...all.map(({ session }) => session.nextTimeout()))
  }

  /** A session of our own has begun: the peer goes on with that one. */
  clear(time: Time): void {
    for (const one of this.#waiting.values()) this.#drop(time, one)
  }

  /** The peer is told that it is not wanted. */
  hangUp(time: Time): void {
    const { circuits } = this.#context
    for (const { session, way } of this.#waiting.values()) {
      session.handle(time, { kind: 'close', code: 'NORMAL' })
      const farewell = session.pollPacket(time, pathOf(way.circuit))
      const hasRoom = circuits.room(way.circuit) > 0
      if (farewell !== undefined && hasRoom) circuits.send(time, way.circuit, farewell)
    }
    this.clear(time)
  }

  #drop(time: Time, one: Newcomer): void {
    this.#forget(time, one)
    this.#context.circuits.destroy(time, one.way.circuit, 'closed')
  }

  /** Closing it wipes its keys. */
  #forget(time: Time, { session, way }: Newcomer): void {
    session.handle(time, { kind: 'close', code: 'REPLACED' })
    this.#context.tags.delete(session.tag, this.#peer)
    this.#waiting.delete(way.circuit)
  }
}
