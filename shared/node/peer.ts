// One peer of this node: its session, the reach for it, and who waits for any of that. Invariants:
//   1. while somebody waits or the session is ours to keep, a path is up or an attempt runs or is due;
//   2. a session is replaced, never doubled: what was unconfirmed goes out again in the new one, in order;
//   3. every request is answered once, and `peerDown` follows `peerUp`.

import type { KeyId } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SessionSecrets } from '../session/handshake.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import { SESSION_MAX_PATHS, SESSION_PATHLESS_MS } from '../wire/limits.ts'
import type { SessionCloseCode, SessionRefusal } from '../wire/session-close.ts'
import type { SessionAnswer } from '../wire/session-setup.ts'
import { encodeAnswer } from '../wire/session-setup.ts'
import type { RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import type { LookupNews } from './path-attempt.ts'
import type { PeerContext } from './peer-context.ts'
import {
  ABORTED,
  failureOfClose,
  failureOfMessage,
  isPassing,
  MESSAGES_UNTAKEN,
  PEER_SILENT,
} from './peer-failure.ts'
import { circuitOf, pathOf } from './peer-paths.ts'
import { PeerRequests } from './peer-requests.ts'
import type { PeerSessionEffect } from './peer-session.ts'
import { PeerSession } from './peer-session.ts'
import { PeerVoice } from './peer-voice.ts'
import type { Reached, Way } from './reach.ts'
import { Reach } from './reach.ts'

export class Peer {
  readonly keyId: KeyId
  readonly #context: PeerContext
  readonly #reach: Reach
  readonly #requests: PeerRequests
  readonly #session: PeerSession
  readonly #voice: PeerVoice
  #isIncoming = false
  /** When messages that were sent must leave. */
  #flushAt: number | undefined
  /** The peer is up but has lost the session: until then another one must be there. */
  #lostUntil: number | undefined

  constructor(context: PeerContext, keyId: KeyId) {
    this.#context = context
    this.keyId = keyId
    this.#reach = new Reach(context, keyId)
    this.#requests = new PeerRequests(context.emit)
    this.#voice = new PeerVoice(context, keyId)
    this.#session = new PeerSession(context, this.#requests, this.#voice)
  }

  /** Nothing is held for this peer any more: it can be forgotten. */
  get isIdle(): boolean {
    return !this.#session.isLive && !this.#reach.isActive
  }

  get isShakingHands(): boolean {
    return this.#reach.isShakingHands
  }

  get sessionTag(): Uint8Array | undefined {
    return this.#session.current?.tag
  }

  dial(time: Time, request: RequestId): void {
    this.#requests.addDial(request)
    if (this.#voice.isUp) this.#requests.allDialed()
    else this.#ensurePath(time)
  }

  send(time: Time, request: RequestId, id: Uint8Array, data: Uint8Array): void {
    if (this.#session.isLive) {
      const isFirst = this.#session.current?.queuedMessages === 0
      this.#requests.addSend(request, id)
      this.#session.handle(time, { kind: 'send', id, data })
      // A lone message leaves at once; what follows it in one go shares packets, in the next macrotask.
      if (isFirst) this.#drain(time)
      else this.#flushAt ??= time.now
    } else if (this.#requests.queueSend(request, { id, data })) {
      this.#ensurePath(time)
    }
  }

  ping(time: Time, request: RequestId): void {
    this.#requests.addPing(request)
    if (!this.#session.isLive) this.#ensurePath(time)
    this.#session.handle(time, { kind: 'ping', id: request })
    this.#drain(time)
  }

  /** Gives a request up: its time ran out, or its caller does not want it any more. */
  giveUp(time: Time, request: RequestId, why: 'TIMEOUT' | 'ABORTED', messageId?: Uint8Array) {
    const failure = why === 'ABORTED' ? ABORTED : this.#timeoutReason(messageId !== undefined)
    const isInSession = this.#requests.giveUp(request, messageId, failure)
    if (isInSession && messageId !== undefined) {
      this.#session.handle(time, { kind: 'cancel', id: messageId })
      this.#drain(time)
    }
    const isWanted = this.#session.isLive || this.#voice.isUp || !this.#requests.isEmpty
    if (!isWanted) this.#reach.stop(time)
  }

  consumed(time: Time, bytes: number): void {
    this.#session.handle(time, { kind: 'consumed', bytes })
    this.#drain(time)
  }

  /** Ends the session; the other side is told. */
  hangUp(time: Time): void {
    this.#session.handle(time, { kind: 'close', code: 'NORMAL' })
    this.#drain(time)
    this.#end(time, undefined)
  }

  /** A server was attached: what waits for one goes on, and what was put off is tried now. */
  serverAttached(time: Time): void {
    const wasPutOff = this.#reach.hurry()
    this.serversChanged(time)
    if (wasPutOff) this.#ensurePath(time)
  }

  serversChanged(time: Time): void {
    this.#onReached(time, this.#reach.serversChanged(time))
  }

  lookedUp(time: Time, news: LookupNews): void {
    this.#onReached(time, this.#reach.lookedUp(time, news))
  }

  circuitOpened(time: Time, circuit: CircuitId, data: Uint8Array): void {
    this.#onReached(time, this.#reach.circuitOpened(time, circuit, data))
    this.#drain(time)
  }

  circuitClosed(time: Time, circuit: CircuitId, reason: DestroyReason): void {
    if (!this.#session.removePath(time, circuit)) {
      this.#onReached(time, this.#reach.circuitClosed(time, circuit, reason))
      return
    }
    this.#drain(time)
    this.#session.showPath()
    if (this.#session.isKeeper) this.#ensurePath(time)
  }

  circuitData(time: Time, circuit: CircuitId, bytes: Uint8Array): void {
    this.#session.handle(time, { kind: 'packet', path: pathOf(circuit), bytes })
    this.#drain(time)
  }

  circuitRoom(time: Time): void {
    this.#session.pump(time)
  }

  /** The peer dialed us and was let in. @param message the handshake's answer */
  accepted(time: Time, way: Way, secrets: SessionSecrets, message: Uint8Array): void {
    this.#reach.stop(time)
    this.#answer(time, way, { kind: 'handshake', message })
    this.#begin(time, secrets, way)
  }

  /** The peer brings another circuit for the session that runs. @returns why not */
  attached(time: Time, way: Way, packet: Uint8Array): SessionRefusal | undefined {
    if (this.#session.paths >= SESSION_MAX_PATHS) return 'busy'
    const answer = this.#session.current?.acceptAttach(time, packet)
    if (answer !== undefined) {
      this.#answer(time, way, { kind: 'attach', packet: answer })
      this.#addPath(time, way)
    }
    this.#drain(time)
    return answer === undefined ? 'unknownSession' : undefined
  }

  timeout(time: Time): void {
    if (this.#lostUntil !== undefined && time.now >= this.#lostUntil) {
      this.#end(time, this.#reach.reason)
      return
    }
    if (this.#reach.timeout(time)) this.#ensurePath(time)
    this.#session.handle(time, { kind: 'timeout' })
    this.#drain(time)
  }

  nextTimeout(): number | undefined {
    const sought = earliest(this.#reach.retryAt, this.#lostUntil)
    return earliest(sought, this.#session.nextTimeout(), this.#flushAt)
  }

  #answer(time: Time, { circuit }: Way, answer: SessionAnswer): void {
    this.#context.circuits.answer(time, circuit, encodeAnswer(answer))
  }

  #ensurePath(time: Time): void {
    if (this.#session.paths > 0) return
    const isOverfull = !this.#session.isLive && this.#context.held.forbidsDial(this.keyId)
    if (isOverfull) this.#end(time, MESSAGES_UNTAKEN)
    else this.#onReached(time, this.#reach.start(time, this.#session.current))
  }

  #onReached(time: Time, reached: Reached | undefined): void {
    switch (reached?.kind) {
      case 'session':
        this.#begin(time, reached.secrets, reached)
        return
      case 'path':
        this.#addPath(time, reached)
        return
      case 'sessionUnknown':
        this.#lose(time)
        return
      case 'failed':
        this.#failedToReach(time, reached.failure)
    }
  }

  /** What waits for a path is told when its own time is up; a first dial at once, and all of a revoked key. */
  #failedToReach(time: Time, failure: Failure): void {
    const isKept = this.#session.isLive || (this.#voice.isUp && isPassing(failure))
    if (isKept && failure.code !== 'REVOKED') this.#reach.retryLater(time)
    else this.#end(time, failure)
  }

  #addPath(time: Time, { circuit, relays }: Way): void {
    this.#reach.succeeded()
    this.#session.addPath(time, circuit, relays)
    this.#drain(time)
    this.#session.showPath()
  }

  #begin(time: Time, secrets: SessionSecrets, way: Way): void {
    this.#lostUntil = undefined
    this.#isIncoming = secrets.role === 'responder' && !this.#requests.hasDials
    this.#session.begin(time, secrets)
    this.#addPath(time, way)
  }

  /** The session is of no use any more: for a while another one is sought. */
  #lose(time: Time): void {
    this.#session.retire(time)
    if (this.#voice.isUp) this.#lostUntil = time.now + SESSION_PATHLESS_MS
    this.#session.showPath()
    this.#ensurePath(time)
  }

  #drain(time: Time): void {
    this.#flushAt = undefined
    this.#session.pump(time)
    for (let effect = this.#session.poll(); effect !== undefined; effect = this.#session.poll()) {
      this.#apply(time, effect)
    }
  }

  #apply(time: Time, effect: PeerSessionEffect): void {
    switch (effect.kind) {
      case 'ready':
        this.#voice.up(this.#isIncoming)
        this.#session.showPath()
        this.#requests.allDialed()
        return
      case 'failed':
        this.#requests.undelivered(
          effect.id,
          effect.code === 'TIMEOUT' ? this.#timeoutReason(true) : failureOfMessage(effect.code),
        )
        return
      case 'needPath':
        this.#ensurePath(time)
        return
      case 'pathSuspect':
        this.#context.circuits.destroy(time, circuitOf(effect.path), 'timeout')
        return
      case 'closed':
        this.#closed(time, effect.code)
    }
  }

  #closed(time: Time, code: SessionCloseCode): void {
    if (code === 'EXPIRED' && !this.#requests.isEmpty) this.#lose(time)
    else this.#end(time, failureOfClose(code))
  }

  #end(time: Time, failure: Failure | undefined): void {
    this.#reach.stop(time)
    this.#session.end(time)
    this.#lostUntil = undefined
    this.#requests.allFailed(failure)
    this.#voice.down(failure)
  }

  /** Of the reasons for running out of time the one to act on: the way to the peer, if there is none. */
  #timeoutReason(isMessage: boolean): Failure {
    if (this.#session.paths === 0) return this.#reach.reason
    return isMessage ? failureOfMessage('TIMEOUT') : PEER_SILENT
  }
}
