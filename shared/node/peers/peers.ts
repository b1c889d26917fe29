// All peers of a node by key: finds the one that an input concerns, keeps their timers in one heap, lets
// callers in, and forgets peers that hold nothing. The rules of one peer are in peer.ts.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId, EndReason } from '../../routing/circuit.ts'
import { acceptCaller } from '../../session/accept-caller.ts'
import { keepsInitiatorRole } from '../../session/handshake.ts'
import { InitiatorTimestamps } from '../../session/initiator-timestamps.ts'
import { MAX_SESSIONS, SESSIONS_FOR_OWN_DIALS } from '../../wire/limits.ts'
import type { SessionRefusal } from '../../wire/session-close.ts'
import type { AttachSetup } from '../../wire/session-setup.ts'
import { decodeSetup, encodeAnswer } from '../../wire/session-setup.ts'
import type { LookupNews } from '../attempt/path-attempt.ts'
import type { PeerRouteState } from './path-upkeep.ts'
import { Peer } from './peer.ts'
import type { PeerContext } from './peer-context.ts'
import type { Way } from './peer-paths.ts'

export class Peers {
  readonly #context: PeerContext
  readonly #acceptPeer: (publicKey: Uint8Array) => boolean
  readonly #peers = new Map<KeyId, Peer>()
  readonly #byCircuit = new Map<CircuitId, Peer>()
  readonly #timestamps = new InitiatorTimestamps()
  readonly #deadlines = new DeadlineHeap<KeyId>()

  constructor(context: PeerContext, acceptPeer: ((publicKey: Uint8Array) => boolean) | undefined) {
    this.#context = context
    this.#acceptPeer = acceptPeer ?? (() => true)
  }

  get size(): number {
    return this.#peers.size
  }

  /** Runs `work` on the peer of a key, made if it is new. @returns false when there is no room for it */
  withPeer(key: KeyId, work: (peer: Peer) => void): boolean {
    const peer = this.#peerFor(key)
    this.#run(peer, work)
    return peer !== undefined
  }

  /** Runs `work` on the peer of a key. @returns false when it is not known */
  withKnownPeer(key: KeyId, work: (peer: Peer) => void): boolean {
    const peer = this.#peers.get(key)
    this.#run(peer, work)
    return peer !== undefined
  }

  /** What is open to a key, and known of it. */
  routesOf(key: KeyId): PeerRouteState | undefined {
    return this.#peers.get(key)?.connection.routes
  }

  /** The application took message bytes of a key: its session has credit for those that it brought. */
  consumed(time: Time, key: KeyId, bytes: number): void {
    const current = this.#context.held.consumed(key, bytes)
    if (current !== undefined) this.withKnownPeer(key, peer => peer.consumed(time, current))
  }

  /** Says that to the other node itself, not to its application; dropped when there is no session. */
  signal(time: Time, key: KeyId, bytes: Uint8Array): void {
    this.withKnownPeer(key, peer => peer.connection.handle(time, { kind: 'signal', bytes }))
  }

  hasSession(key: KeyId): boolean {
    return this.#peers.get(key)?.connection.session !== undefined
  }

  /** When the session with a key last carried something of the application's, if there is one. */
  usedAt(key: KeyId): number | undefined {
    return this.#peers.get(key)?.connection.session?.usedAt
  }

  /** @param linked who it is, if it is no server but another client */
  serverAttached(time: Time, linked?: KeyId): void {
    for (const one of [...this.#peers.values()]) {
      this.#run(one, peer => peer.connection.serverAttached(time, peer.keyId === linked))
    }
  }

  serversChanged(time: Time): void {
    for (const one of [...this.#peers.values()]) {
      this.#run(one, peer => peer.connection.heard(time, { kind: 'servers' }))
    }
  }

  lookedUp(time: Time, key: KeyId, news: LookupNews): void {
    this.withKnownPeer(key, peer => peer.connection.heard(time, { kind: 'lookup', news }))
  }

  /** Somebody told of routes to a key. */
  heard(time: Time, { key }: { readonly key: KeyId }): void {
    this.withKnownPeer(key, peer => peer.connection.heard(time, { kind: 'routes' }))
  }

  circuitOpened(time: Time, circuit: CircuitId, data: Uint8Array): void {
    this.#run(this.#byCircuit.get(circuit), peer =>
      peer.connection.circuitOpened(time, circuit, data),
    )
  }

  circuitClosed(time: Time, circuit: CircuitId, reason: EndReason): void {
    const known = this.#byCircuit.get(circuit)
    this.#byCircuit.delete(circuit)
    this.#run(known, peer => peer.connection.circuitClosed(time, circuit, reason))
  }

  circuitData(time: Time, circuit: CircuitId, bytes: Uint8Array): void {
    const peer = this.#byCircuit.get(circuit)
    if (peer === undefined) return
    const { held } = this.#context
    const before = held.costOf(peer.keyId)
    peer.connection.circuitData(time, circuit, bytes)
    const isMore = held.costOf(peer.keyId) > before
    if (isMore && held.isBeyondShare(peer.keyId)) peer.hangUp(time)
    this.#settle(peer)
  }

  circuitRoom(time: Time, circuit: CircuitId): void {
    const peer = this.#byCircuit.get(circuit)
    if (peer === undefined) return
    peer.connection.circuitRoom(time)
    this.#settle(peer)
  }

  /** Whether a circuit with that setup is for these. */
  isFor(data: Uint8Array): boolean {
    const setup = tryDecode(() => decodeSetup(data))
    const { isSignalOnly, tags } = this.#context
    if (setup?.kind === 'attach') return tags.peerOf(setup.tag) !== undefined
    return setup?.isSignalOnly === isSignalOnly
  }

  /** A circuit that somebody built to us. @param from the neighbour it came over */
  incoming(time: Time, circuit: CircuitId, from: KeyId, data: Uint8Array): void {
    const setup = tryDecode(() => decodeSetup(data))
    if (setup === undefined) this.#refuse(time, circuit, 'malformed')
    else if (setup.kind === 'attach') this.#attach(time, circuit, from, setup)
    else if (setup.isSignalOnly !== this.#context.isSignalOnly) {
      this.#refuse(time, circuit, 'refused')
    } else this.#handshake(time, circuit, from, setup.message)
  }

  hangUpAll(time: Time): void {
    for (const one of [...this.#peers.values()]) this.#run(one, peer => peer.hangUp(time))
  }

  timeout(time: Time): void {
    for (const key of this.#deadlines.takeAllExpired(time.now)) {
      this.withKnownPeer(key, peer => peer.connection.timeout(time))
    }
  }

  nextTimeout(): number | undefined {
    return this.#deadlines.next()
  }

  /** For the peer whose circuit is being opened, so that its end finds the way back. */
  ownCircuit(circuit: CircuitId, key: KeyId): void {
    const peer = this.#peers.get(key)
    if (peer !== undefined) this.#byCircuit.set(circuit, peer)
  }

  #handshake(time: Time, circuit: CircuitId, from: KeyId, message: Uint8Array): void {
    const { handshake } = this.#context
    const outcome = acceptCaller(handshake, time, message, this.#timestamps, caller =>
      this.#admit(caller.publicKey),
    )
    if (outcome.kind === 'refused') {
      this.#refuse(time, circuit, outcome.reason)
      return
    }
    const { secrets } = outcome
    const key = keyIdOf(secrets.remotePublicKey)
    const caller = this.#peers.get(key) ?? this.#add(key)
    this.#byCircuit.set(circuit, caller)
    const way = incomingWay(circuit, from, key)
    this.#run(caller, peer => peer.connection.accepted(time, way, secrets, outcome.message))
  }

  #admit(publicKey: Uint8Array): SessionRefusal | undefined {
    const key = keyIdOf(publicKey)
    const peer = this.#peers.get(key)
    const mostIncoming = MAX_SESSIONS - SESSIONS_FOR_OWN_DIALS
    if (peer === undefined && this.#peers.size >= mostIncoming) return 'busy'
    if (this.#context.held.forbidsCaller(key)) return 'busy'
    if (!this.#acceptPeer(publicKey)) return 'refused'
    // Both dialed at once: the lower key's handshake goes on.
    const isOurs =
      peer?.connection.isShakingHands === true &&
      keepsInitiatorRole(this.#context.handshake.identity.publicKey, publicKey)
    return isOurs ? 'superseded' : undefined
  }

  #attach(time: Time, circuit: CircuitId, from: KeyId, setup: AttachSetup): void {
    const key = this.#context.tags.peerOf(setup.tag)
    const peer = key === undefined ? undefined : this.#peers.get(key)
    if (peer === undefined) {
      this.#refuse(time, circuit, 'unknownSession')
      return
    }
    this.#byCircuit.set(circuit, peer)
    const refusal = peer.connection.attached(time, incomingWay(circuit, from, peer.keyId), setup)
    if (refusal !== undefined) this.#refuse(time, circuit, refusal)
    this.#settle(peer)
  }

  /** The reason travels in the answer; then the circuit goes. */
  #refuse(time: Time, circuit: CircuitId, reason: SessionRefusal): void {
    const { circuits } = this.#context
    circuits.answer(time, circuit, encodeAnswer({ kind: 'refused', reason }))
    circuits.destroy(time, circuit, 'closed')
  }

  #peerFor(key: KeyId): Peer | undefined {
    const known = this.#peers.get(key)
    if (known !== undefined) return known
    return this.#peers.size >= MAX_SESSIONS ? undefined : this.#add(key)
  }

  #add(key: KeyId): Peer {
    const peer = new Peer(this.#context, key)
    this.#peers.set(key, peer)
    return peer
  }

  #run(peer: Peer | undefined, work: (peer: Peer) => void): void {
    if (peer === undefined) return
    work(peer)
    this.#settle(peer)
  }

  /** After every input of a peer: its timer, and whether it stays. */
  #settle(peer: Peer): void {
    const { keyId } = peer
    // A circuit of one that was forgotten may end after the key is back with another one.
    if (this.#peers.get(keyId) !== peer) return
    const next = peer.connection.nextTimeout()
    if (peer.connection.isIdle) this.#peers.delete(keyId)
    if (next === undefined || peer.connection.isIdle) this.#deadlines.delete(keyId)
    else this.#deadlines.set(keyId, next)
  }
}

/** Of the relays of a path that the peer opened only the last one is known, to which we have the link. */
function incomingWay(circuit: CircuitId, from: KeyId, peer: KeyId): Way {
  return { circuit, relays: from === peer ? [] : [from], openedFor: undefined }
}
