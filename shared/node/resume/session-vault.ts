// What a node keeps of its sessions for its next life, and took over from its last (docs/PROTOCOL.md 7.7): writes
// what changed as `save` effects, sealed, and erases what has ended. Told of everything by resuming-node.ts.
// What was shown is written in the same step as it is shown; messages of our own after a moment.

import type { CryptoSuite } from '../../crypto/suite.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { publicKeyOf } from '../../identity/node-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { RandomBytes, Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import type { SavedIds, SavedMessage } from '../../session/saved-session.ts'
import { encodeSavedIds, encodeSavedMessage, encodeSavedPeer } from '../../session/saved-session.ts'
import type { SeenIds } from '../../session/seen-ids.ts'
import { StateSeal } from '../../session/state-seal.ts'
import { MAX_SESSIONS, MESSAGE_TIMEOUT_MS, SESSION_ALIVE_MS } from '../../wire/limits.ts'
import type { HostEffect } from '../effects.ts'
import type { Command, RequestId } from '../inputs.ts'
import { seenByPeer } from '../peers/seen-by-peer.ts'
import { KeptIds } from './kept-ids.ts'
import { KeptMessages } from './kept-messages.ts'
import type { Restored, RestoredPeer } from './restore.ts'
import { idsName, messageName, peerName, restoreSessions } from './restore.ts'

export type SaveEffect = Extract<HostEffect, { kind: 'save' }>
export type SendCommand = Extract<Command, { kind: 'send' }>

export interface VaultConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  /** Of the identity, 32 bytes; a copy is kept until `wipe`. */
  readonly seed: Uint8Array
  /** Values that `save` kept in an earlier life; others than this part's are let alone. */
  readonly saved: Iterable<readonly [name: string, value: Uint8Array]>
}

interface KeptPeer {
  readonly key: KeyId
  readonly name: string
  readonly ids: KeptIds
  isOurs: boolean
  isUp: boolean
  /** When its session was last known to be alive, if there was one. */
  aliveAtUnixMs: number | undefined
}

export class SessionVault {
  /** What the last life left: for the resumption to take up or to drop. */
  readonly restored: readonly RestoredPeer[]
  /** What other parts of the node kept in earlier lives. */
  readonly others: Restored['others']
  readonly #seal: StateSeal
  readonly #peers = new Map<KeyId, KeptPeer>()
  readonly #dirty = new Set<KeptPeer>()
  readonly #seen = seenByPeer()
  /** Those of the last life, which are wanted however many peers there are meanwhile. */
  readonly #recalled = new Map<KeyId, SeenIds>()
  readonly #messages = new KeptMessages()
  /** What the application said last, by peer: it outlives sessions, as a stricter mode must not be forgotten. */
  readonly #modes = new LruMap<KeyId, PathMode>(MAX_SESSIONS)
  readonly #effects = new EffectQueue<SaveEffect>()
  #order = 0
  #aliveAt: number | undefined

  constructor({ suite, random, seed, saved }: VaultConfig, time: Time) {
    this.#seal = new StateSeal(suite, random, seed)
    const { peers, others, useless } = restoreSessions(this.#seal, time.unixMs, saved)
    for (const name of useless) this.#erase(name)
    for (const { key, isOurs, mode, aliveAtUnixMs, ids, messages } of peers) {
      this.#add(key, isOurs, aliveAtUnixMs, ids)
      this.#recalled.set(key, recall(this.#seen(key), ids))
      if (mode !== undefined) this.#modes.set(key, mode)
      this.#order = Math.max(this.#order, ...messages.map(({ order }) => order + 1))
    }
    this.restored = peers
    this.others = others
  }

  /** What other parts of the node keep is sealed as everything is. */
  keep({ key, value }: SaveEffect): void {
    if (value === undefined) this.#erase(key)
    else this.#save(key, value)
  }

  /** What the application said last, in this life or an earlier one. */
  get modes(): Iterable<readonly [key: KeyId, mode: PathMode]> {
    return this.#modes.entries()
  }

  /** Ids that a peer's messages are checked against. */
  seenIds(key: KeyId): SeenIds {
    return this.#recalled.get(key) ?? this.#seen(key)
  }

  peerUp(time: Time, key: KeyId, isOurs: boolean): void {
    const peer = this.#peers.get(key) ?? this.#add(key, isOurs, undefined, [])
    peer.isOurs = isOurs
    peer.isUp = true
    this.#savePeer(time, peer)
    this.#aliveAt ??= time.now + SESSION_ALIVE_MS
  }

  /** The session has ended, or was not taken up: nothing stays but messages that go on to wait. */
  forget(key: KeyId): void {
    const peer = this.#peers.get(key)
    if (peer === undefined) return
    this.#peers.delete(key)
    this.#recalled.delete(key)
    this.#dirty.delete(peer)
    this.#erase(peer.name)
    for (const place of peer.ids.places) this.#erase(idsName(peer.name, place))
  }

  /** The application was given this message. */
  shown(key: KeyId, id: Uint8Array): void {
    const peer = this.#peers.get(key)
    if (peer === undefined) return
    peer.ids.add(id)
    this.#dirty.add(peer)
  }

  /** The application said of a peer which paths may be used: so it is for all that is kept of it. */
  modeSaid(time: Time, key: KeyId, mode: PathMode): void {
    if (this.#modes.get(key) === mode) return
    this.#modes.set(key, mode)
    const peer = this.#peers.get(key)
    if (peer !== undefined) this.#savePeer(time, peer)
    for (const message of this.#messages.modeSaid(key, mode)) this.#saveMessage(message)
  }

  sent(time: Time, { request, peer, id, data, timeoutMs }: SendCommand): void {
    this.#messages.add(time, request, {
      publicKey: publicKeyOf(peer),
      mode: this.#modes.get(peer),
      order: this.#order++,
      id,
      expiresAtUnixMs: time.unixMs + Math.min(timeoutMs, MESSAGE_TIMEOUT_MS),
      data,
    })
  }

  /** A message of the last life goes on under this request. */
  resumed(request: RequestId, message: SavedMessage): void {
    this.#messages.restored(request, message)
  }

  settled(request: RequestId): void {
    const message = this.#messages.settle(request)
    if (message === undefined) return
    this.#erase(messageName(peerName(this.#seal, message.publicKey), message.order))
  }

  /** The process may be about to go: nothing waits for its time. */
  suspend(time: Time): void {
    for (const message of this.#messages.takeDue()) this.#saveMessage(message)
    this.#saveAlive(time)
  }

  timeout(time: Time): void {
    for (const message of this.#messages.takeDue(time.now)) this.#saveMessage(message)
    if (this.#aliveAt !== undefined && time.now >= this.#aliveAt) this.#saveAlive(time)
  }

  nextTimeout(): number | undefined {
    return earliest(this.#aliveAt, this.#messages.nextTimeout())
  }

  poll(): SaveEffect | undefined {
    for (const peer of this.#dirty) {
      this.#dirty.delete(peer)
      for (let block = peer.ids.take(); block !== undefined; block = peer.ids.take()) {
        this.#save(idsName(peer.name, block.place), encodeSavedIds(block))
      }
    }
    return this.#effects.shift()
  }

  wipe(): void {
    this.#seal.wipe()
  }

  #add(
    key: KeyId,
    isOurs: boolean,
    aliveAtUnixMs: number | undefined,
    saved: readonly SavedIds[],
  ): KeptPeer {
    const name = peerName(this.#seal, publicKeyOf(key))
    const peer = { key, name, ids: new KeptIds(saved), isOurs, isUp: false, aliveAtUnixMs }
    this.#peers.set(key, peer)
    return peer
  }

  #saveAlive(time: Time): void {
    let isAnyUp = false
    for (const peer of this.#peers.values()) {
      if (!peer.isUp) continue
      isAnyUp = true
      this.#savePeer(time, peer)
    }
    this.#aliveAt = isAnyUp ? time.now + SESSION_ALIVE_MS : undefined
  }

  #savePeer({ unixMs }: Time, peer: KeptPeer): void {
    const { key, name, isOurs, isUp } = peer
    if (isUp) peer.aliveAtUnixMs = unixMs
    const { aliveAtUnixMs } = peer
    if (aliveAtUnixMs === undefined) return
    const value = { publicKey: publicKeyOf(key), isOurs, mode: this.#modes.get(key), aliveAtUnixMs }
    this.#save(name, encodeSavedPeer(value))
  }

  #saveMessage(message: SavedMessage): void {
    const name = messageName(peerName(this.#seal, message.publicKey), message.order)
    this.#save(name, encodeSavedMessage(message))
  }

  #save(key: string, plaintext: Uint8Array): void {
    this.#effects.push({ kind: 'save', key, value: this.#seal.seal(key, plaintext) })
  }

  #erase(key: string): void {
    this.#effects.push({ kind: 'save', key, value: undefined })
  }
}

function recall(seen: SeenIds, saved: readonly SavedIds[]): SeenIds {
  const inOrder = [...saved].sort((a, b) => a.number - b.number)
  for (const { ids } of inOrder) for (const id of ids) seen.add(id)
  return seen
}
