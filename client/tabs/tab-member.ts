// One tab's side of a node that several tabs share: stands where a core of its own would stand, and goes on over a
// change of the tab that runs the node. What was asked and not answered is asked again, a message under its id; what
// was shown is not shown again; sessions stay, as with any path that changes (architecture D6). Knows no channels.

import type { KeyId } from '../../shared/identity/node-id.ts'
import { LruMap } from '../../shared/machine/lru-map.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { Command } from '../../shared/node/inputs.ts'
import { ABORTED, HUNG_UP } from '../../shared/node/peer-failure.ts'
import { seenByPeer } from '../../shared/node/peers/seen-by-peer.ts'
import type { PathMode } from '../../shared/routes/route.ts'
import { PEER_MODES_KEPT, SESSION_PATHLESS_MS } from '../../shared/wire/limits.ts'
import { OpenRequests } from './open-requests.ts'

type Tell = (event: NodeEvent) => void
type Give = (command: Command) => void

export class TabMember {
  readonly #tell: Tell
  readonly #mode: PathMode | undefined
  readonly #requests = new OpenRequests()
  readonly #watches = new Set<KeyId>()
  readonly #seen = seenByPeer()
  /** Peers with a session as far as this tab was told. */
  readonly #peers = new Set<KeyId>()
  /** Those that the present node has not told of, and until when it may. */
  readonly #awaited = new Map<KeyId, number>()
  /** Peers whose end the application wants, told as soon as there is a node. */
  readonly #hangUps = new Set<KeyId>()
  /** Peers for which this tab said a path mode. */
  readonly #chosen = new LruMap<KeyId, true>(PEER_MODES_KEPT)
  /** Message bytes that the application was given and has not taken: of the present node, and of earlier ones. */
  readonly #held = new Map<KeyId, number>()
  readonly #stale = new Map<KeyId, number>()
  #give: Give | undefined

  /** @param mode the path mode of this tab's options: it holds whatever those of the tab say that runs the node */
  constructor(tell: Tell, mode: PathMode | undefined) {
    this.#tell = tell
    this.#mode = mode
  }

  get isAttached(): boolean {
    return this.#give !== undefined
  }

  command(now: number, command: Command): void {
    switch (command.kind) {
      case 'watch':
        this.#watches.add(command.key)
        this.#give?.(command)
        return
      case 'unwatch':
        this.#watches.delete(command.key)
        this.#give?.(command)
        return
      case 'consumed':
        this.#consumed(command.peer, command.bytes)
        return
      case 'cancel':
        this.#cancel(command)
        return
      case 'hangUp':
        this.#hangUp(command)
        return
      default:
        if ('request' in command && 'timeoutMs' in command) this.#ask(now, command)
        else this.#give?.(command)
    }
  }

  /** There is a node, another one than before. What it is given it takes in order. */
  attached(now: number, give: Give): void {
    this.detached()
    for (const { request, failure } of this.#requests.canceled()) {
      this.event({ kind: 'failed', request, failure })
    }
    for (const peer of this.#peers) {
      this.#awaited.set(peer, now + SESSION_PATHLESS_MS)
      this.#tell({ kind: 'peerPath', peer, path: undefined })
    }
    for (const [peer, bytes] of this.#held) {
      this.#stale.set(peer, (this.#stale.get(peer) ?? 0) + bytes)
    }
    this.#held.clear()
    this.#give = give
    for (const peer of this.#hangUps) give({ kind: 'hangUp', peer })
    this.#hangUps.clear()
    for (const key of this.#watches) give({ kind: 'watch', key })
    for (const request of this.#requests.again(now)) give(request)
  }

  /** There is no node, until `attached`. */
  detached(): void {
    this.#give = undefined
  }

  /** What the node tells this tab. */
  event(event: NodeEvent): void {
    switch (event.kind) {
      case 'done':
      case 'failed':
        if (this.#requests.end(event.request)) this.#tell(event)
        return
      case 'peerUp':
        this.#peerUp(event)
        return
      case 'peerDown':
        this.#awaited.delete(event.peer)
        if (this.#peers.delete(event.peer)) this.#tell(event)
        return
      case 'presence':
        if (this.#watches.has(event.presence.key)) this.#tell(event)
        return
      case 'message':
        this.#message(event)
        return
      case 'stopped':
        return
      default:
        this.#tell(event)
    }
  }

  /** Call now and then: nothing stays unanswered because there is no node. */
  check(now: number): void {
    for (const { request, failure } of this.#requests.overdue(now)) {
      this.event({ kind: 'failed', request, failure })
    }
    for (const [peer, until] of this.#awaited) {
      if (now >= until) this.event({ kind: 'peerDown', peer, failure: HUNG_UP })
    }
  }

  #ask(now: number, command: Parameters<OpenRequests['add']>[1]): void {
    const asked = this.#withMode(command)
    const failure = this.#requests.add(now, asked)
    if (failure === undefined) this.#give?.(asked)
    else this.#tell({ kind: 'failed', request: command.request, failure })
  }

  /** The node's own default is that of whichever tab runs it. */
  #withMode<T extends Command>(command: T): T {
    if (command.kind !== 'dial' && command.kind !== 'send' && command.kind !== 'ping')
      return command
    const isChosen = this.#chosen.has(command.peer)
    if (command.mode === undefined && (this.#mode === undefined || isChosen)) return command
    this.#chosen.set(command.peer, true)
    return command.mode === undefined ? { ...command, mode: this.#mode } : command
  }

  #cancel(command: Extract<Command, { kind: 'cancel' }>): void {
    const { request } = command
    if (this.#give === undefined) this.event({ kind: 'failed', request, failure: ABORTED })
    else {
      this.#requests.cancel(request)
      this.#give(command)
    }
  }

  #hangUp(command: Extract<Command, { kind: 'hangUp' }>): void {
    const { peer } = command
    if (this.#give === undefined) this.#hangUps.add(peer)
    else this.#give(command)
    // A node that has not taken the session up has nothing to say of its end.
    if (this.#give === undefined || this.#awaited.has(peer)) this.event({ kind: 'peerDown', peer })
  }

  #consumed(peer: KeyId, bytes: number): void {
    const stale = Math.min(bytes, this.#stale.get(peer) ?? 0)
    lessen(this.#stale, peer, stale)
    if (bytes === stale) return
    lessen(this.#held, peer, bytes - stale)
    this.#give?.({ kind: 'consumed', peer, bytes: bytes - stale })
  }

  #peerUp(event: Extract<NodeEvent, { kind: 'peerUp' }>): void {
    const { peer } = event
    const goesOn = this.#awaited.delete(peer)
    this.#peers.add(peer)
    if (goesOn) return
    // A session that another tab asked for comes to this one.
    const isIncoming = event.isIncoming || !this.#requests.isForPeer(peer)
    this.#tell({ ...event, isIncoming })
  }

  #message(event: Extract<NodeEvent, { kind: 'message' }>): void {
    const { peer, id, data } = event
    if (!this.#seen(peer).add(id)) {
      this.#give?.({ kind: 'consumed', peer, bytes: data.length })
      return
    }
    this.#held.set(peer, (this.#held.get(peer) ?? 0) + data.length)
    this.#tell(event)
  }
}

function lessen(table: Map<KeyId, number>, peer: KeyId, bytes: number): void {
  const left = (table.get(peer) ?? 0) - bytes
  if (left > 0) table.set(peer, left)
  else table.delete(peer)
}
