// What a client that relays does for links to others of its kind (docs/PROTOCOL.md 9.5): the sessions for signals that
// they are made in, apart from the application's, and the questions for who else relays. With whom, and when, is
// mesh-links.ts.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import type { Time } from '../../machine/machine.ts'
import { MESH_MAX_SESSIONS, MESH_MEET_MS } from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import { readRelaysAnswer } from '../../wire/relays-body.ts'
import type { NodeEvent } from '../effects.ts'
import type { RequestId } from '../inputs.ts'
import { Peers } from '../peers/peers.ts'
import type { RpcAnswer } from '../registry/rpc-client.ts'
import { RpcClient } from '../registry/rpc-client.ts'
import { readRelayRecord } from '../relay/relay-record.ts'
import type { MeshContextConfig } from './mesh-context.ts'
import { meshContext } from './mesh-context.ts'
import { MeshLinks } from './mesh-links.ts'
import type { MeshLinksEffect, MeshSurroundings } from './mesh-types.ts'

export type MeshEffect =
  | { readonly kind: 'sendFrame'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly link: LinkId; readonly reason: 'normal' | 'protocol' }
  /** Of a client that relays, verified: with it, it is found without asking for it. */
  | { readonly kind: 'learned'; readonly signed: SignedRecord }

export interface MeshConfig extends MeshSurroundings, MeshContextConfig {
  readonly net: Uint8Array
  readonly ownKey: KeyId
}

/** Nobody else makes requests there, and one at a time. */
const DIAL: RequestId = 0

export class MeshSide {
  /** Of sessions for signals alone. */
  readonly peers: Peers
  readonly #config: MeshConfig
  readonly #links: MeshLinks
  readonly #rpc = new RpcClient<'relays'>('highest')
  /** Those who have a session with us that we did not ask for, and until when. */
  readonly #visitors = new Map<KeyId, number>()
  readonly #events = new EffectQueue<NodeEvent>()
  readonly #effects = new EffectQueue<MeshEffect>()
  /** Whom that dial is for. */
  #dialed: KeyId | undefined
  #now: Time

  constructor(config: MeshConfig, time: Time) {
    const context = meshContext(config, {
      emit: event => this.#events.push(event),
      ownCircuit: (circuit, key) => this.peers.ownCircuit(circuit, key),
    })
    this.#config = config
    this.#now = time
    this.#links = new MeshLinks({ ...config, random: context.handshake.random })
    this.peers = new Peers(context, publicKey => this.#admits(keyIdOf(publicKey)))
  }

  /** A server of ours is there. */
  serverAttached(time: Time): void {
    this.peers.serverAttached(time)
    this.#links.hurry(time)
  }

  /** There is a link to another client, or it says more of itself. */
  linked(time: Time, key: KeyId): void {
    this.peers.serverAttached(time, key)
    this.#links.linked(time, key)
  }

  /** @param key of the other client, if it was a neighbour's link and the last one to it */
  linkClosed(time: Time, link: LinkId, key: KeyId | undefined): void {
    this.#rpc.linkDown(link)
    if (key !== undefined) this.#links.unlinked(time, key)
  }

  response(link: LinkId, bytes: Uint8Array): void {
    this.#rpc.onResponse(link, bytes)
  }

  /** Whether a link to that key is worth keeping although nothing runs over it. */
  keeps(key: KeyId): boolean {
    return this.#links.keeps(this.#now, key)
  }

  /** Whether a link to that key must not make way for another one. */
  pins(key: KeyId): boolean {
    return this.#links.pins(key)
  }

  stop(time: Time): void {
    this.peers.hangUpAll(time)
  }

  timeout(time: Time): void {
    this.peers.timeout(time)
    this.#links.timeout(time)
    this.#rpc.timeout(time)
    for (const [key, until] of this.#visitors) if (until <= time.now) this.#hangUp(time, key)
  }

  nextTimeout(): number | undefined {
    const visitors = earliest(...this.#visitors.values())
    const asked = earliest(this.#rpc.nextTimeout(), this.#links.nextTimeout())
    return earliest(this.peers.nextTimeout(), asked, visitors)
  }

  /** Call after anything was done: what has come of it goes on here first. */
  advance(time: Time): void {
    this.#now = time
    for (;;) {
      const event = this.#events.shift()
      const effect = this.#links.poll()
      const answer = this.#rpc.poll()
      if (event !== undefined) this.#heard(time, event)
      if (effect !== undefined) this.#apply(time, effect)
      if (answer?.kind === 'answer') this.#answered(time, answer.answer)
      else if (answer?.kind === 'sendFrame') this.#effects.push(answer)
      else if (answer !== undefined) this.#close(answer.link, 'protocol')
      if (event === undefined && effect === undefined && answer === undefined) return
    }
  }

  poll(): MeshEffect | undefined {
    return this.#effects.shift()
  }

  #admits(key: KeyId): boolean {
    const isFull = this.peers.size >= MESH_MAX_SESSIONS
    return !isFull && this.#links.admits(this.#now, key, this.#visitors.size)
  }

  #heard(time: Time, event: NodeEvent): void {
    switch (event.kind) {
      case 'peerUp':
        if (event.isIncoming) this.#visitors.set(event.peer, time.now + MESH_MEET_MS)
        return
      case 'failed':
        if (this.#dialed !== undefined) this.#links.failed(time, this.#dialed)
        return
      case 'peerDown':
        this.#visitors.delete(event.peer)
        this.#links.failed(time, event.peer)
        return
      case 'message':
        // Nobody is there to read it, or to wait for.
        this.peers.consumed(time, event.peer, event.data.length)
        this.#hangUp(time, event.peer)
    }
  }

  #apply(time: Time, effect: MeshLinksEffect): void {
    switch (effect.kind) {
      case 'ask':
        for (const { link } of effect.sources) {
          this.#rpc.request(time, link, 'relays', EMPTY_BODY, 'relays')
        }
        return
      case 'meet':
        this.#dialed = effect.key
        this.peers.withPeer(effect.key, peer => peer.dial(time, DIAL))
        return
      case 'part':
        this.#hangUp(time, effect.key)
        return
      case 'drop':
        this.#close(effect.link, 'normal')
    }
  }

  #answered(time: Time, answer: RpcAnswer): void {
    const { net, context } = this.#config
    const { suite } = context.handshake
    const records = answer.kind === 'ok' ? tryDecode(() => readRelaysAnswer(answer.body)) : []
    const relays = (records ?? []).flatMap(
      bytes => readRelayRecord({ suite, net }, time.unixMs, bytes) ?? [],
    )
    for (const signed of relays) this.#effects.push({ kind: 'learned', signed })
    this.#links.heard(
      time,
      relays.map(({ record }) => keyIdOf(record.key)),
    )
  }

  #hangUp(time: Time, key: KeyId): void {
    this.#visitors.delete(key)
    this.peers.withKnownPeer(key, peer => peer.hangUp(time))
  }

  #close(link: LinkId, reason: 'normal' | 'protocol'): void {
    this.#effects.push({ kind: 'close', link, reason })
  }
}
