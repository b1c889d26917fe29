// The session with one peer, if there is one, the circuits that carry it, and what becomes of those who
// wait for it. A session is replaced, never doubled. What needs a decision is left to peer.ts.

import type { KeyId } from '../identity/node-id.ts'
import { keyIdOf } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SessionEffect, SessionInput } from '../session/effects.ts'
import type { SessionSecrets } from '../session/handshake.ts'
import { SeenIds } from '../session/seen-ids.ts'
import { Session } from '../session/session.ts'
import type { PeerContext } from './peer-context.ts'
import { PeerPaths, pathOf } from './peer-paths.ts'
import type { PeerRequests } from './peer-requests.ts'
import type { PeerVoice } from './peer-voice.ts'

/** What asks for a decision of the owner. */
export type PeerSessionEffect = Extract<
  SessionEffect,
  { kind: 'ready' | 'failed' | 'needPath' | 'pathSuspect' | 'closed' }
>

export class PeerSession {
  readonly #context: PeerContext
  readonly #requests: PeerRequests
  readonly #voice: PeerVoice
  readonly #paths: PeerPaths
  /** Outlives every session with the peer. */
  readonly #seen = new SeenIds()
  #session: Session | undefined
  #isKeeper = false

  constructor(context: PeerContext, requests: PeerRequests, voice: PeerVoice) {
    this.#context = context
    this.#requests = requests
    this.#voice = voice
    this.#paths = new PeerPaths(context.circuits)
  }

  /** For whoever attaches a path to it. */
  get current(): Session | undefined {
    return this.#session
  }

  get isLive(): boolean {
    return this.#session !== undefined
  }

  /** We made it, so we keep a path for it; the peer makes one only when it has something to say. */
  get isKeeper(): boolean {
    return this.#isKeeper
  }

  get paths(): number {
    return this.#paths.size
  }

  /** Begins one, in place of the old one if there is any: what was unconfirmed goes out again. */
  begin(time: Time, secrets: SessionSecrets): void {
    this.retire(time)
    this.#context.held.beginSession(keyIdOf(secrets.remotePublicKey))
    const config = { ...this.#context.handshake, seen: this.#seen }
    this.#session = new Session(config, secrets, time)
    this.#isKeeper = secrets.role === 'initiator'
    for (const { id, data } of this.#requests.takeQueued()) {
      this.handle(time, { kind: 'send', id, data })
    }
    for (const id of this.#requests.pings) this.handle(time, { kind: 'ping', id })
  }

  handle(time: Time, input: SessionInput): void {
    this.#session?.handle(time, input)
  }

  addPath(time: Time, circuit: CircuitId, relays: readonly KeyId[]): void {
    if (this.#session !== undefined) this.#paths.add(time, this.#session, circuit, relays)
  }

  /** @returns whether the circuit carried the session */
  removePath(time: Time, circuit: CircuitId): boolean {
    if (!this.#paths.remove(circuit)) return false
    this.handle(time, { kind: 'pathDown', path: pathOf(circuit) })
    return true
  }

  /** Sends what fits into the circuits. */
  pump(time: Time): void {
    if (this.#session !== undefined) this.#paths.pump(time, this.#session)
  }

  poll(): PeerSessionEffect | undefined {
    for (let effect = this.#session?.poll(); effect !== undefined; effect = this.#session?.poll()) {
      switch (effect.kind) {
        case 'message':
          this.#voice.message(effect.id, effect.data)
          break
        case 'delivered':
          this.#requests.delivered(effect.id)
          break
        case 'pong':
          this.#requests.ponged(effect.id, effect.rttMs)
          break
        case 'path':
          this.#paths.measured(effect.path, effect.rttMs)
          this.showPath()
          break
        case 'writable':
          break
        default:
          return effect
      }
    }
    return undefined
  }

  showPath(): void {
    this.#voice.path(this.#paths.view)
  }

  /** The session makes way: what it has not confirmed waits for the next one. */
  retire(time: Time): void {
    if (this.#session === undefined) return
    this.#requests.requeue(this.#session.unfinished())
    this.handle(time, { kind: 'close', code: 'REPLACED' })
    this.end(time)
  }

  /** A session that was closed goes, its last packet first and then its circuits. */
  end(time: Time): void {
    this.pump(time)
    this.#paths.clear(time)
    this.#session = undefined
    this.#isKeeper = false
  }

  nextTimeout(): number | undefined {
    return this.#session?.nextTimeout()
  }
}
