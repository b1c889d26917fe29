// One end-to-end session with one key, above circuits and links (docs/PROTOCOL.md 7): reliable messages in
// order over whatever paths are attached. It begins with the secrets of a finished handshake. This file
// composes the parts and hands inputs to them; each rule lives in the part that is named after it.
// The owner pulls packets: after every `handle`, `pollPacket` for each path with room, then `nextTimeout`.

import type { Machine, Time } from '../machine/machine.ts'
import { SESSION_CONFIRM_MS, SESSION_MAX_PATHS, SESSION_PATHLESS_MS } from '../wire/limits.ts'
import type { SessionCloseCode } from '../wire/session-close.ts'
import { Attachments } from './attach.ts'
import type { SessionEffect, SessionInput } from './effects.ts'
import { sealFarewell } from './farewell.ts'
import type { SessionSecrets } from './handshake.ts'
import { Liveness } from './liveness.ts'
import type { UnfinishedMessage } from './outbox.ts'
import { PacketBuilder } from './packet-builder.ts'
import type { SessionConfig, SessionParts } from './parts.ts'
import { composeParts } from './parts.ts'
import type { PathId } from './path.ts'
import { Path } from './path.ts'
import type { Received } from './receiver.ts'
import { Receiver } from './receiver.ts'

export class Session implements Machine<SessionInput, SessionEffect> {
  /** 16 bytes by which the peer names this session when it attaches a path. Stays through rekeys. */
  readonly tag: Uint8Array
  readonly remotePublicKey: Uint8Array
  readonly #parts: SessionParts
  readonly #liveness: Liveness
  readonly #receiver: Receiver
  readonly #builder: PacketBuilder
  readonly #attachments: Attachments
  readonly #isInitiator: boolean
  #isClosed = false
  /** An authentic packet arrived: the peer has the keys, this is no replayed handshake. */
  #hasHeard = false
  /** Sealed in advance, so that the keys need not outlive the session. */
  #farewell: Uint8Array | undefined
  #confirmBy: number
  #pathlessUntil: number
  #hasAskedForPath = false

  /** Takes over the keys in `secrets`. */
  constructor(config: SessionConfig, secrets: SessionSecrets, time: Time) {
    this.tag = secrets.tag
    this.remotePublicKey = secrets.remotePublicKey
    this.#isInitiator = secrets.role === 'initiator'
    this.#parts = composeParts(config, secrets, time.now)
    this.#liveness = new Liveness(this.#parts)
    this.#receiver = new Receiver(this.#parts, this.#liveness, () => this.#hear())
    this.#builder = new PacketBuilder(this.#parts)
    this.#attachments = new Attachments(config.random, this.#parts.epochs)
    this.#confirmBy = this.#isInitiator ? Number.POSITIVE_INFINITY : time.now + SESSION_CONFIRM_MS
    this.#pathlessUntil = time.now + SESSION_PATHLESS_MS
    if (this.#isInitiator) this.#parts.effects.push({ kind: 'ready' })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The peer proved that it has the keys. */
  get isReady(): boolean {
    return this.isConfirmed && !this.#isClosed
  }

  /** The same, also after it was closed. */
  get isConfirmed(): boolean {
    return this.#isInitiator || this.#hasHeard
  }

  /** Messages not settled, and their bytes. */
  get queuedMessages(): number {
    return this.#parts.outbox.messages
  }

  get queuedBytes(): number {
    return this.#parts.outbox.bytes
  }

  /** When the application last sent or received something, or a message of it was confirmed. */
  get usedAt(): number {
    return this.#parts.probes.usedAt
  }

  /** The path that carries data, if any can. */
  get activePath(): PathId | undefined {
    return this.#parts.preference.active()
  }

  handle(time: Time, input: SessionInput): void {
    if (this.#isClosed) {
      this.#refuse(input)
      return
    }
    switch (input.kind) {
      case 'pathUp':
        this.#pathUp(time.now, new Path(input.path, input))
        break
      case 'pathDown':
        this.#pathDown(time.now, input.path)
        break
      case 'prefer':
        this.#parts.preference.prefer(input.path)
        break
      case 'confine':
        this.#parts.preference.confine(input.paths)
        break
      case 'packet':
        this.#take(time, input.path, input.bytes)
        break
      case 'send':
        this.#parts.probes.used(time.now)
        this.#parts.outbox.add(time.now, input.id, input.data)
        break
      case 'cancel':
        this.#parts.outbox.cancel(input.id)
        break
      case 'ping':
        this.#parts.probes.used(time.now)
        this.#parts.pings.add([input.id])
        break
      case 'signal':
        this.#parts.signalsOut.add(input.bytes)
        break
      case 'consumed':
        this.#parts.inbox.consumed(input.bytes)
        break
      case 'close':
        this.#close(input.code, 'local', input.reason ?? '')
        break
      case 'timeout':
        this.#expire(time.now)
        break
    }
    this.#evaluate(time)
  }

  poll(): SessionEffect | undefined {
    return this.#parts.effects.shift()
  }

  nextTimeout(): number | undefined {
    if (this.#isClosed) return undefined
    const { acks, outbox, epochs, rekey, paths, probes } = this.#parts
    const next = Math.min(
      acks.deadline,
      outbox.nextExpiry(),
      epochs.nextExpiry(),
      this.#liveness.nextTimeout(),
      probes.nextTimeout(),
      paths.size > 0 ? rekey.nextTimeout() : this.#pathlessUntil,
      this.#confirmBy,
    )
    return next === Number.POSITIVE_INFINITY ? undefined : next
  }

  /** Whether `pollPacket` has something for this path. */
  wantsToSend(path: PathId): boolean {
    if (this.#isClosed) return this.#farewell !== undefined
    const known = this.#parts.paths.get(path)
    return known !== undefined && this.#builder.wants(known, this.isConfirmed)
  }

  /** The next packet for `path`, within its capacity. It counts as sent. Moves `nextTimeout`. */
  pollPacket(time: Time, path: PathId): Uint8Array | undefined {
    if (this.#isClosed) return this.#takeFarewell()
    const known = this.#parts.paths.get(path)
    if (known === undefined || this.#parts.epochs.current.isExhausted(time.now)) return undefined
    return this.#builder.build(time.now, known, this.isConfirmed)
  }

  /** Messages that are not settled, in order, for a replacement session: also after `closed`. */
  unfinished(): UnfinishedMessage[] {
    return this.#parts.outbox.unfinished()
  }

  /** The packet that asks the peer, in a circuit's SETUP, to attach that circuit to this session. */
  askAttach(): Uint8Array | undefined {
    return this.#isClosed ? undefined : this.#attachments.ask()
  }

  /** @returns the packet for the answer, `undefined` when the question is forged or was seen before. */
  acceptAttach(time: Time, packet: Uint8Array): Uint8Array | undefined {
    const nonce = this.#attachNonceIn(time, packet)
    return nonce && !this.#isClosed ? this.#attachments.answer(nonce) : undefined
  }

  /** @returns whether the answer is the peer's and answers a question of ours. Then: `pathUp`. */
  confirmAttach(time: Time, packet: Uint8Array): boolean {
    const nonce = this.#attachNonceIn(time, packet)
    return nonce !== undefined && this.#attachments.confirm(nonce)
  }

  #pathUp(now: number, path: Path): void {
    const { paths, probes } = this.#parts
    if (paths.has(path.id) || paths.size >= SESSION_MAX_PATHS) return
    paths.set(path.id, path)
    probes.added(path, now)
    this.#hasAskedForPath = false
    // The responder waits for the first packet before it believes in us.
    if (this.#isInitiator && !this.#hasHeard) path.isPingDue = true
  }

  #pathDown(now: number, id: PathId): void {
    const path = this.#parts.paths.get(id)
    if (path === undefined) return
    this.#parts.paths.delete(id)
    this.#liveness.died(path)
    if (this.#parts.paths.size === 0) this.#pathlessUntil = now + SESSION_PATHLESS_MS
  }

  #take(time: Time, path: PathId | undefined, packet: Uint8Array): Received {
    if (this.#isClosed) return { kind: 'ignored' }
    const received = this.#receiver.receive(time, path, packet)
    if (received.kind === 'violated') this.#close('PROTOCOL', 'local', received.rule)
    if (received.kind === 'closed') this.#close(received.code, 'remote', received.reason)
    return received
  }

  #hear(): void {
    if (this.#hasHeard) return
    this.#hasHeard = true
    this.#confirmBy = Number.POSITIVE_INFINITY
    if (!this.#isInitiator) this.#parts.effects.push({ kind: 'ready' })
  }

  #attachNonceIn(time: Time, packet: Uint8Array): Uint8Array | undefined {
    const received = this.#take(time, undefined, packet)
    this.#evaluate(time)
    return received.kind === 'taken' ? received.attachNonce : undefined
  }

  #expire(now: number): void {
    const { acks, outbox, epochs, paths, probes } = this.#parts
    acks.expire(now)
    outbox.expire(now)
    epochs.expire(now)
    this.#liveness.expire(now)
    probes.expire(now)
    const isPathless = paths.size === 0 && now >= this.#pathlessUntil
    if (isPathless || now >= this.#confirmBy) this.#close('TIMEOUT', 'local', '')
  }

  /** After every input: what follows from the new state. */
  #evaluate(time: Time): void {
    if (this.#isClosed) return
    const { epochs, rekey, paths, outbox, pings, receiveCredit, effects, preference } = this.#parts
    // An announcement, new or not, goes where data goes: the responder sees by it which path to follow.
    if (preference.takeMove()) receiveCredit.lost()
    if (epochs.current.isExhausted(time.now)) {
      this.#close('EXPIRED', 'local', '')
      return
    }
    if (paths.size > 0) rekey.evaluate(time)
    const hasData = outbox.messages > 0 || pings.isDue
    const isStuck =
      paths.size === 0 ? hasData || receiveCredit.isAnnouncementDue : hasData && preference.isShut
    if (!isStuck || this.#hasAskedForPath) return
    this.#hasAskedForPath = true
    effects.push({ kind: 'needPath' })
  }

  #close(code: SessionCloseCode, side: 'local' | 'remote', reason: string): void {
    const { epochs, paths, acks, sent, inbox, rekey, pings, effects } = this.#parts
    this.#isClosed = true
    if (side === 'local' && paths.size > 0 && code !== 'EXPIRED') {
      this.#farewell = sealFarewell(this.#parts, code, reason)
    }
    epochs.wipe()
    rekey.wipe()
    this.#attachments.clear()
    paths.clear()
    acks.clear()
    sent.clear()
    inbox.clear()
    pings.clear()
    this.#parts.signalsOut.clear()
    this.#parts.signalsIn.clear()
    effects.push({ kind: 'closed', code, side, reason })
  }

  #takeFarewell(): Uint8Array | undefined {
    const farewell = this.#farewell
    this.#farewell = undefined
    return farewell
  }

  #refuse(input: SessionInput): void {
    if (input.kind !== 'send') return
    this.#parts.effects.push({ kind: 'failed', id: input.id, code: 'CLOSED' })
  }
}
