// The session with one peer, if there is one, the circuits that carry it, and what becomes of those who
// wait for it. A session is replaced, never doubled. What needs a decision is left to peer.ts.

import type { KeyId } from '../../identity/node-id.ts'
import { earliest } from '../../machine/earliest.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId, EndReason } from '../../routing/circuit.ts'
import type { SessionEffect, SessionInput } from '../../session/effects.ts'
import type { SessionSecrets } from '../../session/handshake.ts'
import type { PathReport } from '../../session/path.ts'
import type { SeenIds } from '../../session/seen-ids.ts'
import { Session } from '../../session/session.ts'
import type { PathView } from '../effects.ts'
import { PathKeeper } from './path-keeper.ts'
import type { PeerContext } from './peer-context.ts'
import type { LivePath, Way } from './peer-paths.ts'
import { circuitOf, pathOf } from './peer-paths.ts'
import type { PeerRequests } from './peer-requests.ts'
import type { PeerVoice } from './peer-voice.ts'

/** What asks for a decision of the owner. */
export type PeerSessionEffect = Extract<
  SessionEffect,
  { kind: 'ready' | 'failed' | 'needPath' | 'pathDoubted' | 'pathSuspect' | 'closed' }
>

export class PeerSession {
  readonly keeper: PathKeeper
  readonly #context: PeerContext
  readonly #peer: KeyId
  readonly #requests: PeerRequests
  readonly #voice: PeerVoice
  /** Outlives every session with the peer. */
  #seen: SeenIds | undefined
  #session: Session | undefined
  #isKeeper = false
  #preferred: CircuitId | undefined
  /** The session was told which paths data is confined to. */
  #isConfined = false
  /** What the application was told that data goes over. */
  #shown: CircuitId | undefined

  constructor(context: PeerContext, peer: KeyId, requests: PeerRequests, voice: PeerVoice) {
    this.keeper = new PathKeeper(context, peer)
    this.#context = context
    this.#peer = peer
    this.#requests = requests
    this.#voice = voice
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
    return this.keeper.paths.size
  }

  /** The circuit that data goes over. */
  get activeCircuit(): CircuitId | undefined {
    const path = this.#session?.activePath
    return path === undefined ? undefined : circuitOf(path)
  }

  /** Makes one, which is of no effect before it begins. */
  make(time: Time, secrets: SessionSecrets): Session {
    this.#seen ??= this.#context.seenIds(this.#peer)
    return new Session({ ...this.#context.handshake, seen: this.#seen }, secrets, time)
  }

  /** Begins, in place of the old one if there is any: what was unconfirmed goes out again. */
  begin(time: Time, session: Session, isOurs: boolean): void {
    this.retire(time)
    this.#context.held.beginSession(this.#peer)
    this.#context.tags.add(session.tag, this.#peer)
    this.#session = session
    this.#isKeeper = isOurs
    this.keeper.begun(time)
    for (const { id, data } of this.#requests.takeQueued()) {
      this.handle(time, { kind: 'send', id, data })
    }
    for (const id of this.#requests.pings) this.handle(time, { kind: 'ping', id })
  }

  handle(time: Time, input: SessionInput): void {
    this.#session?.handle(time, input)
  }

  addPath(time: Time, way: Way): void {
    if (this.#session === undefined) return
    this.keeper.paths.add(time, this.#session, way)
    this.keeper.added()
    this.#choose(time)
  }

  /** @param reason why the circuit ended @returns whether it carried the session */
  removePath(time: Time, circuit: CircuitId, reason: EndReason): boolean {
    const path = this.keeper.paths.remove(circuit)
    if (path === undefined) return false
    const { relays, openedFor } = path
    if (openedFor !== undefined) this.#context.routes.failed(time, this.#peer, relays, reason)
    this.handle(time, { kind: 'pathDown', path: pathOf(circuit) })
    this.keeper.hurry(time)
    this.#choose(time)
    return true
  }

  /** Paths of ours that are of no use any more: data goes elsewhere before they do. */
  dropPaths(time: Time, ways: readonly Way[]): void {
    for (const { circuit } of ways) {
      this.keeper.paths.remove(circuit)
      this.handle(time, { kind: 'pathDown', path: pathOf(circuit) })
      this.#context.circuits.destroy(time, circuit, 'closed')
    }
    this.#choose(time)
  }

  /** Drops the paths that are too many. */
  trim(time: Time, isIdle: boolean): void {
    const surplus = this.keeper.surplus(time, this.activeCircuit, isIdle)
    if (surplus.length > 0) this.dropPaths(time, surplus)
  }

  /** Takes note of use, and of another path: cheap, as it is done after every input. */
  look(time: Time): void {
    if (this.#session === undefined) return
    this.keeper.noticed(time, this.#session.usedAt)
    if (this.activeCircuit !== this.#shown) this.showPath(time)
  }

  timeout(time: Time): void {
    this.handle(time, { kind: 'timeout' })
    this.#choose(time)
  }

  /** Sends what fits into the circuits. */
  pump(time: Time): void {
    if (this.#session !== undefined) this.keeper.paths.pump(time, this.#session)
  }

  poll(time: Time): PeerSessionEffect | undefined {
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
          this.#measured(time, circuitOf(effect.path), effect)
          break
        case 'signal':
          this.#voice.signal(time, effect.bytes)
          break
        case 'writable':
          break
        default:
          return effect
      }
    }
    return undefined
  }

  showPath(time: Time): void {
    const { paths, confines } = this.keeper
    const active = this.activeCircuit
    this.#shown = active
    const inUse = active === undefined ? undefined : paths.get(active)
    const path = inUse ?? paths.all().find(({ circuit }) => confines?.has(circuit) !== false)
    this.#voice.path(path && this.#viewOf(time, path))
  }

  #viewOf(time: Time, path: LivePath): PathView {
    const { circuits, direct } = this.#context
    const view = this.keeper.view(time, path)
    const link = path.relays.length === 0 ? circuits.linkOf(path.circuit) : undefined
    const candidates = link === undefined ? undefined : direct.pairOf(link)
    return candidates === undefined ? view : { ...view, candidates }
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
    this.keeper.paths.clear(time)
    if (this.#session !== undefined) this.#context.tags.delete(this.#session.tag, this.#peer)
    this.#session = undefined
    this.#isKeeper = false
    this.#preferred = undefined
    this.#isConfined = false
  }

  nextTimeout(): number | undefined {
    return this.#session && earliest(this.#session.nextTimeout(), this.keeper.nextTimeout())
  }

  #measured(time: Time, circuit: CircuitId, { rttMs, bytesPerS }: PathReport): void {
    const path = this.keeper.paths.get(circuit)
    if (path === undefined) return
    path.rttMs = rttMs
    if (path.openedFor !== undefined) {
      this.#context.routes.pathMeasured(time, this.#peer, path.relays, rttMs, bytesPerS)
    }
    this.#choose(time)
    this.trim(time, false)
    this.showPath(time)
  }

  #choose(time: Time): void {
    this.#confine(time)
    const preferred = this.keeper.preferred(time, this.#isKeeper, this.activeCircuit)
    if (preferred === this.#preferred) return
    this.#preferred = preferred
    this.handle(time, { kind: 'prefer', path: preferred && pathOf(preferred) })
  }

  #confine(time: Time): void {
    const { confines } = this.keeper
    if (confines === undefined && !this.#isConfined) return
    this.#isConfined = confines !== undefined
    const paths = confines && new Set([...confines].map(pathOf))
    this.handle(time, { kind: 'confine', paths })
  }
}
