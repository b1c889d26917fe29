// One peer's session, the reach for it and what became of both. Invariants:
//   1. while somebody waits or the session is ours to keep, a path is up or an attempt runs or is due;
//   2. a session is replaced, never doubled: what was unconfirmed goes out again in the new one, in order;
//   3. `peerDown` follows `peerUp`, and whoever waits for the peer is told when it is given up.
// Who waits, and for what, is in peer.ts.

import type { KeyId } from '../../identity/node-id.ts'
import { earliest } from '../../machine/earliest.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import type { CircuitId, EndReason } from '../../routing/circuit.ts'
import type { SessionInput } from '../../session/effects.ts'
import type { SessionSecrets } from '../../session/handshake.ts'
import type { Session } from '../../session/session.ts'
import { SESSION_MAX_PATHS, SESSION_PATHLESS_MS } from '../../wire/limits.ts'
import type { SessionRefusal } from '../../wire/session-close.ts'
import type { AttachSetup } from '../../wire/session-setup.ts'
import { encodeAnswer } from '../../wire/session-setup.ts'
import type { Reached, ReachNews } from '../attempt/reach.ts'
import { Reach } from '../attempt/reach.ts'
import type { Failure } from '../mesh-error.ts'
import {
  failureOfClose,
  failureOfMessage,
  isPassing,
  MESSAGES_UNTAKEN,
  PEER_SILENT,
} from '../peer-failure.ts'
import type { Newcomer } from './newcomers.ts'
import { Newcomers } from './newcomers.ts'
import type { PeerRouteState } from './path-upkeep.ts'
import { PathUpkeep } from './path-upkeep.ts'
import type { PeerContext } from './peer-context.ts'
import type { Way } from './peer-paths.ts'
import { circuitOf, pathOf } from './peer-paths.ts'
import type { PeerRequests } from './peer-requests.ts'
import type { PeerSessionEffect } from './peer-session.ts'
import { PeerSession } from './peer-session.ts'
import { PeerVoice } from './peer-voice.ts'

export class PeerConnection {
  readonly #context: PeerContext
  readonly #peer: KeyId
  readonly #requests: PeerRequests
  readonly #reach: Reach
  readonly #session: PeerSession
  readonly #voice: PeerVoice
  readonly #upkeep: PathUpkeep
  readonly #newcomers: Newcomers
  #isIncoming = false
  /** When messages that were sent must leave. */
  #flushAt: number | undefined
  /** The peer is up but has lost the session: until then another one must be there. */
  #lostUntil: number | undefined

  constructor(context: PeerContext, peer: KeyId, requests: PeerRequests) {
    this.#context = context
    this.#peer = peer
    this.#requests = requests
    this.#reach = new Reach(context, peer)
    this.#voice = new PeerVoice(context, peer)
    this.#session = new PeerSession(context, peer, requests, this.#voice)
    this.#newcomers = new Newcomers(context, peer)
    this.#upkeep = new PathUpkeep(context, peer, this.#session, this.#reach)
  }

  /** Nothing is held for this peer any more: it can be forgotten. */
  get isIdle(): boolean {
    return !this.#session.isLive && !this.#reach.isActive && this.#newcomers.isEmpty
  }

  /** So the application was told, and data can go to the peer as its mode wants. */
  get isReached(): boolean {
    return this.#voice.isUp && !this.#session.keeper.isShut
  }

  get session(): Session | undefined {
    return this.#session.current
  }

  get routes(): PeerRouteState {
    return this.#upkeep.state
  }

  get isShakingHands(): boolean {
    return this.#reach.isShakingHands
  }

  setMode(time: Time, mode: PathMode): void {
    if (this.#upkeep.setMode(time, mode)) this.ensurePath(time)
    this.#drain(time)
  }

  /** Opens a path if there is none, unless an attempt runs or is due later. */
  ensurePath(time: Time): void {
    if (!this.#upkeep.lacksPath) return
    const isOverfull = !this.#session.isLive && this.#context.held.forbidsDial(this.#peer)
    if (isOverfull) this.#end(time, MESSAGES_UNTAKEN)
    else this.#onReached(time, this.#upkeep.ensure(time))
  }

  handle(time: Time, input: SessionInput): void {
    this.#session.handle(time, input)
    this.#drain(time)
  }

  /** The same, but what it makes of it leaves with what else comes in this go, in the next macrotask. */
  handleSoon(time: Time, input: SessionInput): void {
    this.#session.handle(time, input)
    this.#flushAt ??= time.now
  }

  /** Nobody waits for the peer any more. */
  letGo(time: Time): void {
    if (!this.#session.isLive && !this.#voice.isUp) this.#reach.stop(time)
  }

  /** Ends the session; the other side is told. */
  hangUp(time: Time): void {
    this.handle(time, { kind: 'close', code: 'NORMAL' })
    this.#newcomers.hangUp(time)
    this.#end(time, undefined)
  }

  /** A server was attached, or (`isLinked`) the peer itself linked: what waits for one goes on, and what was put off is tried now. */
  serverAttached(time: Time, isLinked: boolean): void {
    const wasPutOff = this.#reach.hurry()
    this.#session.keeper.hurry(time)
    if (isLinked && this.#session.isLive) this.#session.keeper.wake(time)
    this.heard(time, { kind: 'servers' })
    if (wasPutOff) this.ensurePath(time)
  }

  /** What may lead to the peer has changed. */
  heard(time: Time, news: ReachNews): void {
    this.#onReached(time, this.#reach.heard(time, news))
  }

  circuitOpened(time: Time, circuit: CircuitId, data: Uint8Array): void {
    this.#onReached(time, this.#reach.circuitOpened(time, circuit, data))
    this.#drain(time)
  }

  circuitClosed(time: Time, circuit: CircuitId, reason: EndReason): void {
    this.#newcomers.circuitClosed(time, circuit)
    if (this.#session.removePath(time, circuit, reason)) {
      this.#drain(time)
      this.#session.showPath(time)
      if (this.#session.isKeeper) this.ensurePath(time)
    } else this.#onReached(time, this.#reach.circuitClosed(time, circuit, reason))
  }

  circuitData(time: Time, circuit: CircuitId, bytes: Uint8Array): void {
    const caller = this.#newcomers.heard(time, circuit, bytes)
    if (caller !== undefined) this.#begin(time, caller, false)
    else this.#session.handle(time, { kind: 'packet', path: pathOf(circuit), bytes })
    this.#drain(time)
  }

  circuitRoom(time: Time): void {
    this.#session.pump(time)
  }

  /** The peer dialed us and was let in: its session begins when it confirms it. @param message the handshake's answer */
  accepted(time: Time, way: Way, secrets: SessionSecrets, message: Uint8Array): void {
    this.#reach.giveWay(time)
    this.#newcomers.add(time, this.#session.make(time, secrets), way, message)
  }

  /** The peer brings another circuit for one of its sessions. @returns why not */
  attached(time: Time, way: Way, { tag, packet }: AttachSetup): SessionRefusal | undefined {
    const caller = this.#newcomers.get(tag)
    if (caller === undefined && this.#session.paths >= SESSION_MAX_PATHS) return 'busy'
    const answer = (caller?.session ?? this.#session.current)?.acceptAttach(time, packet)
    if (caller?.session.isConfirmed) this.#begin(time, this.#newcomers.take(time, caller), false)
    if (answer !== undefined) {
      const bytes = encodeAnswer({ kind: 'attach', packet: answer })
      this.#context.circuits.answer(time, way.circuit, bytes)
      this.#addPath(time, way)
    }
    this.#drain(time)
    return answer === undefined ? 'unknownSession' : undefined
  }

  /** Of the reasons for running out of time the one to act on: the way to the peer, if there is none. */
  timeoutReason(isMessage: boolean): Failure {
    const late = isMessage ? failureOfMessage('TIMEOUT') : PEER_SILENT
    return this.#upkeep.lacksPath ? this.#reach.reason : late
  }

  timeout(time: Time): void {
    const isLost = this.#lostUntil !== undefined && time.now >= this.#lostUntil
    if (isLost) this.#end(time, this.#reach.reason)
    if (this.#reach.timeout(time)) this.ensurePath(time)
    this.#onReached(time, this.#reach.hedge(time))
    this.#newcomers.timeout(time)
    this.#session.timeout(time)
    this.#onReached(time, this.#upkeep.timeout(time))
    this.#drain(time)
  }

  nextTimeout(): number | undefined {
    const sought = earliest(this.#reach.nextTimeout(), this.#newcomers.nextTimeout())
    return earliest(sought, this.#session.nextTimeout(), this.#lostUntil, this.#flushAt)
  }

  #onReached(time: Time, reached: Reached | undefined): void {
    if (reached === undefined) return
    const { kind } = reached
    if (kind === 'session') {
      const session = this.#session.make(time, reached.secrets)
      this.#begin(time, { session, way: reached }, true)
    } else if (kind === 'path') this.#addPath(time, reached)
    else if (kind === 'sessionUnknown') this.#lose(time)
    else if (kind === 'failed') this.#failedToReach(time, reached.failure)
    else {
      this.#session.keeper.noSpare(time)
      this.ensurePath(time)
    }
  }

  /** Dials are told at once, as is all that waits for a revoked key; the rest when its own time is up. */
  #failedToReach(time: Time, failure: Failure): void {
    const isKept = this.#session.isLive || (this.#voice.isUp && isPassing(failure))
    if (isKept && failure.code !== 'REVOKED') {
      this.#requests.dialsFailed(failure)
      this.#reach.retryLater(time)
    } else this.#end(time, failure)
  }

  #addPath(time: Time, way: Way): void {
    this.#reach.succeeded()
    this.#session.addPath(time, way)
    this.#session.trim(time, false)
    this.#drain(time)
    this.#session.showPath(time)
  }

  #begin(time: Time, { session, way }: Newcomer, isOurs: boolean): void {
    this.#reach.stop(time)
    if (isOurs) this.#newcomers.clear(time)
    this.#lostUntil = undefined
    this.#isIncoming = !isOurs && !this.#requests.hasDials
    this.#session.begin(time, session, isOurs)
    this.#addPath(time, way)
  }

  /** The session is of no use any more: for a while another one is sought. */
  #lose(time: Time): void {
    this.#session.retire(time)
    if (this.#voice.isUp) this.#lostUntil = time.now + SESSION_PATHLESS_MS
    this.#session.showPath(time)
    this.ensurePath(time)
  }

  #drain(time: Time): void {
    this.#flushAt = undefined
    this.#session.pump(time)
    for (let effect = this.#session.poll(time); effect; effect = this.#session.poll(time)) {
      this.#apply(time, effect)
    }
    this.#session.look(time)
    if (this.#requests.hasDials && this.isReached) this.#requests.allDialed()
  }

  #apply(time: Time, effect: PeerSessionEffect): void {
    switch (effect.kind) {
      case 'ready':
        this.#voice.up(time, this.#isIncoming)
        this.#session.showPath(time)
        return
      case 'failed':
        this.#requests.undelivered(
          effect.id,
          effect.code === 'TIMEOUT' ? this.timeoutReason(true) : failureOfMessage(effect.code),
        )
        return
      case 'needPath':
        this.ensurePath(time)
        return
      case 'pathDoubted':
        this.#session.keeper.doubted(time)
        return
      case 'pathSuspect':
        this.#context.circuits.destroy(time, circuitOf(effect.path), 'timeout')
        return
      case 'closed':
        if (effect.code === 'EXPIRED' && !this.#requests.isEmpty) this.#lose(time)
        else this.#end(time, failureOfClose(effect.code))
    }
  }

  #end(time: Time, failure: Failure | undefined): void {
    this.#reach.stop(time)
    this.#session.end(time)
    this.#lostUntil = undefined
    this.#requests.allFailed(failure)
    this.#voice.down(time, failure)
  }
}
