// What the application asks, from command to settled: each request is given to the part that does it,
// timed, and answered exactly once.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { MESSAGE_TIMEOUT_MS } from '../wire/limits.ts'
import type { NodeEvent } from './effects.ts'
import type { HomeServers, HomeServersEffect } from './home-servers.ts'
import type { Command, RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import {
  ABORTED,
  NODE_CLOSED,
  NOT_FOUND,
  PEER_SILENT,
  SERVERS_SILENT,
  TOO_MANY_PEERS,
} from './peer-failure.ts'
import type { Peers } from './peers.ts'
import { RequestTable } from './request-table.ts'

type PeerCommand = Extract<
  Command,
  { kind: 'dial' | 'lookup' | 'send' | 'ping' | 'cancel' | 'consumed' | 'hangUp' }
>
type Send = Extract<Command, { kind: 'send' }>
type LookedUp = Extract<HomeServersEffect, { kind: 'lookedUp' }>

export class Commands {
  readonly #peers: Peers
  readonly #homes: HomeServers
  readonly #emit: (event: NodeEvent) => void
  readonly #requests = new RequestTable()
  /** Lookups that wait for a server. */
  readonly #waiting = new Map<RequestId, KeyId>()

  constructor(peers: Peers, homes: HomeServers, emit: (event: NodeEvent) => void) {
    this.#peers = peers
    this.#homes = homes
    this.#emit = emit
  }

  handle(time: Time, command: PeerCommand): void {
    switch (command.kind) {
      case 'dial':
        this.#requests.add(command.request, command, time.now + command.timeoutMs)
        this.#onPeer(command.peer, command.request, peer => peer.dial(time, command.request))
        return
      case 'ping':
        this.#requests.add(command.request, command, time.now + command.timeoutMs)
        this.#onPeer(command.peer, command.request, peer => peer.ping(time, command.request))
        return
      case 'send':
        this.#send(time, command)
        return
      case 'lookup':
        this.#requests.add(command.request, { kind: 'lookup' }, time.now + command.timeoutMs)
        this.#waiting.set(command.request, command.key)
        if (this.#homes.hasOpenServer) this.serverAttached(time)
        return
      case 'cancel':
        this.#giveUp(time, command.request, 'ABORTED')
        return
      case 'consumed':
        this.#peers.consumed(time, command.peer, command.bytes)
        return
      case 'hangUp':
        this.#peers.withKnownPeer(command.peer, peer => peer.hangUp(time))
    }
  }

  /** Lookups that waited for a server start. */
  serverAttached(time: Time): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [request, key] of waiting) {
      this.#homes.lookup(time, key, { kind: 'request', request })
    }
  }

  lookedUp(time: Time, { lookup, owner, result, isFinal }: LookedUp): void {
    if (owner.kind === 'dial') {
      const record = typeof result === 'string' ? result : result.record
      this.#peers.lookedUp(time, owner.peer, { lookup, record, isFinal })
      return
    }
    if (!isFinal) return
    const { request } = owner
    if (typeof result !== 'string') {
      this.#emit({ kind: 'done', request, outcome: { kind: 'found', record: result } })
    } else {
      this.#failed(request, result === 'absent' ? NOT_FOUND : SERVERS_SILENT)
    }
  }

  /** @returns false when the request had been settled before */
  settle(request: RequestId): boolean {
    this.#waiting.delete(request)
    return this.#requests.remove(request)
  }

  /** Call after the peers' own timeouts: most messages are given up by their session. */
  timeout(time: Time): void {
    for (const request of this.#requests.expired(time.now)) this.#giveUp(time, request, 'TIMEOUT')
  }

  /** The node closes: whoever still waits is told. */
  stop(): void {
    for (const request of this.#requests.all()) this.#failed(request, NODE_CLOSED)
  }

  nextTimeout(): number | undefined {
    return this.#requests.nextTimeout()
  }

  #send(time: Time, { request, peer, id, data, timeoutMs }: Send): void {
    const pending = { kind: 'send', peer, id } as const
    if (timeoutMs < MESSAGE_TIMEOUT_MS) this.#requests.add(request, pending, time.now + timeoutMs)
    else this.#requests.addUsual(request, pending, time.now + MESSAGE_TIMEOUT_MS)
    this.#onPeer(peer, request, target => target.send(time, request, id, data))
  }

  #onPeer(key: KeyId, request: RequestId, work: Parameters<Peers['withPeer']>[1]): void {
    if (!this.#peers.withPeer(key, work)) this.#failed(request, TOO_MANY_PEERS)
  }

  #giveUp(time: Time, request: RequestId, why: 'TIMEOUT' | 'ABORTED'): void {
    const pending = this.#requests.get(request)
    if (pending === undefined) return
    if (pending.kind === 'lookup') {
      this.#failed(request, why === 'ABORTED' ? ABORTED : this.#lookupFailure(request))
      return
    }
    const messageId = pending.kind === 'send' ? pending.id : undefined
    const isKnown = this.#peers.withKnownPeer(pending.peer, peer =>
      peer.giveUp(time, request, why, messageId),
    )
    if (!isKnown) this.#failed(request, why === 'ABORTED' ? ABORTED : PEER_SILENT)
  }

  #lookupFailure(request: RequestId): Failure {
    return this.#waiting.has(request) ? this.#homes.failure() : SERVERS_SILENT
  }

  #failed(request: RequestId, failure: Failure): void {
    this.#emit({ kind: 'failed', request, failure })
  }
}
