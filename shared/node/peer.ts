// One peer of this node: at most one session, its paths, the reach for another, and whoever waits for any
// of that. Invariants:
//   1. while somebody waits or the session is ours to keep, a path is up or an attempt runs or is due;
//   2. a session is replaced, never doubled: what was unconfirmed goes out again in the new one, in order;
//   3. every request is answered once, and `peerDown` follows `peerUp`.

import type { KeyId } from '../identity/node-id.ts'
import { earliest } from '../machine/earliest.ts'
import type { Time } from '../machine/machine.ts'
import type { CircuitId } from '../routing/circuit.ts'
import type { SessionEffect } from '../session/effects.ts'
import type { SessionSecrets } from '../session/handshake.ts'
import { SeenIds } from '../session/seen-ids.ts'
import { Session } from '../session/session.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import type { NodeRecord } from '../wire/record.ts'
import type { SessionCloseCode } from '../wire/session-close.ts'
import { encodeAnswer } from '../wire/session-setup.ts'
import type { Outcome } from './effects.ts'
import type { RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import type { PeerContext } from './peer-context.ts'
import {
  ABORTED,
  failureOfClose,
  failureOfMessage,
  HUNG_UP,
  QUEUE_FULL,
} from './peer-failure.ts'
import { circuitOf, PeerPaths, pathOf } from './peer-paths.ts'
import { PendingSends } from './pending-sends.ts'
import type { Reached } from './reach.ts'
import { Reach } from './reach.ts'

export class Peer {
  readonly keyId: KeyId
  readonly reach: Reach
  readonly #context: PeerContext
  readonly #seen = new SeenIds()
  readonly #sends = new PendingSends()
  readonly #dials = new Set<RequestId>()
  readonly #pings = new Set<RequestId>()
  readonly #paths: PeerPaths
  #session: Session | undefined
  /** We made the session, so we keep a path for it; the peer makes one only when it has something to say. */
  #isKeeper = false
  #isUp = false
  #isIncoming = false
  /** When messages that were sent must leave. */
  #flushAt: number | undefined

  constructor(context: PeerContext, keyId: KeyId) {
    this.#context = context
    this.keyId = keyId
    this.reach = new Reach(context, keyId)
    this.#paths = new PeerPaths(context.circuits)
  }

  /** Nothing is held for this peer any more: it can be forgotten. */
  get isIdle(): boolean {
    return this.#session === undefined && !this.reach.isActive
  }

  get sessionTag(): Uint8Array | undefined {
    return this.#session?.tag
  }

  // ---- what the application asks ----

  dial(time: Time, request: RequestId): void {
    if (this.#isUp) {
      this.#done(request, { kind: 'dialed' })
      return
    }
    this.#dials.add(request)
    this.#ensurePath(time)
  }

  send(time: Time, request: RequestId, id: Uint8Array, data: Uint8Array): void {
    if (this.#session !== undefined) {
      this.#sends.track(request, id)
      this.#session.handle(time, { kind: 'send', id, data })
      // In the next macrotask: what the application sends in one go shares packets and large cells.
      this.#flushAt ??= time.now
    } else if (this.#sends.enqueue(request, { id, data })) {
      this.#ensurePath(time)
    } else {
      this.#failed(request, QUEUE_FULL)
    }
  }

  ping(time: Time, request: RequestId): void {
    this.#pings.add(request)
    if (this.#session === undefined) this.#ensurePath(time)
    else this.#session.handle(time, { kind: 'ping', id: request })
    this.#drain(time)
  }

  /** Gives a request up: its time ran out, or its caller does not want it any more. */
  giveUp(
    time: Time,
    request: RequestId,
    messageId: Uint8Array | undefined,
    why: 'TIMEOUT' | 'ABORTED',
  ): void {
    this.#dials.delete(request)
    this.#pings.delete(request)
    if (messageId !== undefined) {
      this.#sends.settle(messageId)
      if (!this.#sends.dropQueued(messageId)) {
        this.#session?.handle(time, { kind: 'cancel', id: messageId })
      }
    }
    this.#failed(request, why === 'ABORTED' ? ABORTED : this.#timeoutReason)
    this.#drain(time)
    if (this.#session === undefined && !this.#isWanted) this.reach.stop(time)
  }

  consumed(time: Time, bytes: number): void {
    this.#session?.handle(time, { kind: 'consumed', bytes })
    this.#drain(time)
  }

  /** Ends the session; the other side is told. */
  hangUp(time: Time): void {
    this.#session?.handle(time, { kind: 'close', code: 'NORMAL' })
    this.#drain(time)
    this.#end(time, undefined)
  }

  // ---- what happens below ----

  /** A server was attached: whatever waits for one goes on. */
  serversChanged(time: Time): void {
    if (this.reach.serversChanged(time)) this.#ensurePath(time)
  }

  lookedUp(time: Time, record: NodeRecord | 'absent' | 'noAnswer'): void {
    this.#onReached(time, this.reach.lookedUp(time, record))
  }

  circuitOpened(time: Time, circuit: CircuitId, data: Uint8Array): void {
    this.#onReached(time, this.reach.circuitOpened(time, circuit, data))
  }

  circuitClosed(time: Time, circuit: CircuitId, reason: DestroyReason): void {
    if (!this.#paths.remove(circuit)) {
      this.#onReached(time, this.reach.circuitClosed(time, circuit, reason))
      return
    }
    this.#session?.handle(time, { kind: 'pathDown', path: pathOf(circuit) })
    this.#drain(time)
    this.#reportPath()
    if (this.#isKeeper) this.#ensurePath(time)
  }

  circuitData(time: Time, circuit: CircuitId, bytes: Uint8Array): void {
    this.#session?.handle(time, { kind: 'packet', path: pathOf(circuit), bytes })
    this.#drain(time)
  }

  circuitRoom(time: Time): void {
    if (this.#session !== undefined) this.#paths.pump(time, this.#session)
  }

  /** The peer dialed us and was let in. @param message the handshake's answer */
  accepted(
    time: Time,
    circuit: CircuitId,
    relays: readonly KeyId[],
    secrets: SessionSecrets,
    message: Uint8Array,
  ): void {
    this.reach.stop(time)
    this.#isIncoming = this.#dials.size === 0
    this.#context.circuits.answer(time, circuit, encodeAnswer({ kind: 'handshake', message }))
    this.#startSession(time, secrets, circuit, relays)
  }

  /** The peer brings another circuit for the session that runs. */
  attached(time: Time, circuit: CircuitId, relays: readonly KeyId[], packet: Uint8Array): void {
    const answer = this.#session?.acceptAttach(time, packet)
    const { circuits } = this.#context
    if (answer === undefined) {
      circuits.answer(time, circuit, encodeAnswer({ kind: 'refused', reason: 'unknownSession' }))
      return
    }
    circuits.answer(time, circuit, encodeAnswer({ kind: 'attach', packet: answer }))
    this.#addPath(time, circuit, relays)
  }

  timeout(time: Time): void {
    if (this.reach.timeout(time)) this.#ensurePath(time)
    this.#session?.handle(time, { kind: 'timeout' })
    this.#drain(time)
  }

  nextTimeout(): number | undefined {
    return earliest(this.#session?.nextTimeout(), this.reach.retryAt, this.#flushAt)
  }

  // ---- paths ----

  get #isWanted(): boolean {
    return this.#dials.size > 0 || this.#sends.size > 0 || this.#pings.size > 0
  }

  #ensurePath(time: Time): void {
    if (this.#paths.size === 0) this.reach.start(time, this.#session)
  }

  #onReached(time: Time, reached: Reached | undefined): void {
    switch (reached?.kind) {
      case 'session':
        this.#startSession(time, reached.secrets, reached.circuit, reached.relays)
        return
      case 'path':
        this.#addPath(time, reached.circuit, reached.relays)
        return
      case 'sessionUnknown':
        this.#retire(time)
        this.#ensurePath(time)
        return
      case 'failed':
        // A running session waits for its next path; its messages are told when their time is up.
        if (this.#session === undefined) this.#end(time, reached.failure)
    }
  }

  #addPath(time: Time, circuit: CircuitId, relays: readonly KeyId[]): void {
    if (this.#session === undefined) return
    this.reach.succeeded()
    this.#paths.add(time, this.#session, circuit, relays)
    this.#drain(time)
    this.#reportPath()
  }

  // ---- the session ----

  #startSession(
    time: Time,
    secrets: SessionSecrets,
    circuit: CircuitId,
    relays: readonly KeyId[],
  ): void {
    this.#retire(time)
    const session = new Session({ ...this.#context.handshake, seen: this.#seen }, secrets, time)
    this.#session = session
    this.#isKeeper = secrets.role === 'initiator'
    for (const { id, data } of this.#sends.takeQueued()) {
      session.handle(time, { kind: 'send', id, data })
    }
    for (const request of this.#pings) session.handle(time, { kind: 'ping', id: request })
    this.#addPath(time, circuit, relays)
  }

  /** The old session makes way: what it has not confirmed waits for the next one. */
  #retire(time: Time): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    this.#sends.requeue(session.unfinished())
    session.handle(time, { kind: 'close', code: 'REPLACED' })
    this.#paths.pump(time, session)
    this.#paths.clear(time)
  }

  #drain(time: Time): void {
    const session = this.#session
    this.#flushAt = undefined
    if (session === undefined) return
    this.#paths.pump(time, session)
    for (let effect = session.poll(); effect !== undefined; effect = session.poll()) {
      this.#apply(time, session, effect)
    }
  }

  #apply(time: Time, session: Session, effect: SessionEffect): void {
    switch (effect.kind) {
      case 'message':
        this.#context.emit({ kind: 'message', peer: this.keyId, id: effect.id, data: effect.data })
        return
      case 'delivered':
        this.#messageSettled(effect.id, undefined)
        return
      case 'failed':
        this.#messageSettled(effect.id, failureOfMessage(effect.code))
        return
      case 'pong':
        if (!this.#pings.delete(effect.id)) return
        this.#done(effect.id, { kind: 'pong', rttMs: effect.rttMs })
        return
      case 'ready':
        this.#ready()
        return
      case 'path':
        this.#paths.measured(effect.path, effect.rttMs)
        this.#reportPath()
        return
      case 'needPath':
        this.#ensurePath(time)
        return
      case 'pathSuspect':
        this.#context.circuits.destroy(time, circuitOf(effect.path), 'timeout')
        return
      case 'closed':
        if (session === this.#session) this.#sessionClosed(time, session, effect.code)
        return
      case 'writable':
        return
    }
  }

  #ready(): void {
    if (!this.#isUp) {
      this.#isUp = true
      this.#context.emit({ kind: 'peerUp', peer: this.keyId, isIncoming: this.#isIncoming })
    }
    for (const request of this.#dials) this.#done(request, { kind: 'dialed' })
    this.#dials.clear()
  }

  #sessionClosed(time: Time, session: Session, code: SessionCloseCode): void {
    if (code === 'EXPIRED' && this.#isWanted) {
      this.#retire(time)
      this.#ensurePath(time)
      return
    }
    // The farewell, if there is one.
    this.#paths.pump(time, session)
    this.#end(time, failureOfClose(code))
  }

  // ---- what the application hears ----

  #end(time: Time, failure: Failure | undefined): void {
    this.reach.stop(time)
    this.#paths.clear(time)
    this.#session = undefined
    const requests = [...this.#dials, ...this.#pings, ...this.#sends.settleAll()]
    this.#dials.clear()
    this.#pings.clear()
    for (const request of requests) this.#failed(request, failure ?? HUNG_UP)
    if (!this.#isUp) return
    this.#isUp = false
    this.#context.emit({
      kind: 'peerDown',
      peer: this.keyId,
      ...(failure !== undefined && { failure }),
    })
  }

  #messageSettled(id: Uint8Array, failure: Failure | undefined): void {
    const request = this.#sends.settle(id)
    if (request === undefined) return
    if (failure === undefined) this.#done(request, { kind: 'delivered' })
    else this.#failed(request, failure.code === 'TIMEOUT' ? this.#timeoutReason : failure)
  }

  #reportPath(): void {
    if (!this.#isUp) return
    this.#context.emit({ kind: 'peerPath', peer: this.keyId, path: this.#paths.view })
  }

  get #timeoutReason(): Failure {
    return this.#paths.size > 0 ? failureOfMessage('TIMEOUT') : this.reach.reason
  }

  #done(request: RequestId, outcome: Outcome): void {
    this.#context.emit({ kind: 'done', request, outcome })
  }

  #failed(request: RequestId, failure: Failure): void {
    this.#context.emit({ kind: 'failed', request, failure })
  }
}
