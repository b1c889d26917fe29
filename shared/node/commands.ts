// What the application asks, from command to settled: each request is given to the part that does it,
// timed, and answered exactly once.

import type { KeyId } from '../identity/node-id.ts'
import type { Time } from '../machine/machine.ts'
import { MESSAGE_TIMEOUT_MS } from '../wire/limits.ts'
import type { NodeEvent } from './effects.ts'
import type { HomeServers, HomeServersEffect } from './home-servers.ts'
import type { Command, RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import { ABORTED, TOO_MANY_PEERS } from './peer-failure.ts'
import type { Peers } from './peers.ts'
import { RequestTable } from './request-table.ts'

type PeerCommand = Extract<
  Command,
  { kind: 'dial' | 'lookup' | 'send' | 'ping' | 'cancel' | 'consumed' | 'hangUp' }
>
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
        if (this.#homes.hasOpenServer) this.serversChanged(time)
        return
      case 'cancel':
        this.#giveUp(time, command.request, 'ABORTED')
        return
      case 'consumed':
        this.#peers.withKnownPeer(command.peer, peer => peer.consumed(time, command.bytes))
        return
      case 'hangUp':
        this.#peers.withKnownPeer(command.peer, peer => peer.hangUp(time))
    }
  }

  /** A server was attached: lookups that waited for one start. */
  serversChanged(time: Time): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [request, key] of waiting) {
      this.#homes.lookup(time, key, { kind: 'request', request })
    }
  }

  lookedUp(time: Time, { owner, result, isFinal }: LookedUp): void {
    if (owner.kind === 'dial') {
      this.#peers.lookedUp(time, owner.peer, typeof result === 'string' ? result : result.record)
      return
    }
    if (!isFinal) return
    const { request } = owner
    if (typeof result !== 'string') {
      this.#emit({ kind: 'done', request, outcome: { kind: 'found', record: result } })
    } else {
      this.#emit({ kind: 'failed', request, failure: LOOKUP_FAILURES[result] })
    }
  }

  /** @returns false when the request had been settled before */
  settle(request: RequestId): boolean {
    this.#waiting.delete(request)
    return this.#requests.take(request) !== undefined
  }

  timeout(time: Time): void {
    let request = this.#requests.takeExpired(time.now)
    for (; request !== undefined; request = this.#requests.takeExpired(time.now)) {
      this.#giveUp(time, request, 'TIMEOUT')
    }
  }

  stop(): void {
    this.#requests.clear()
    this.#waiting.clear()
  }

  nextTimeout(): number | undefined {
    return this.#requests.nextTimeout()
  }

  #send(time: Time, command: Extract<Command, { kind: 'send' }>): void {
    const { request, peer, id, data, timeoutMs } = command
    // The session sees to the usual limit by itself.
    const atMs = timeoutMs < MESSAGE_TIMEOUT_MS ? time.now + timeoutMs : undefined
    this.#requests.add(request, { kind: 'send', peer, messageId: id }, atMs)
    this.#onPeer(peer, request, target => target.send(time, request, id, data))
  }

  #onPeer(key: KeyId, request: RequestId, work: Parameters<Peers['withPeer']>[1]): void {
    if (this.#peers.withPeer(key, work)) return
    this.#emit({ kind: 'failed', request, failure: TOO_MANY_PEERS })
  }

  #giveUp(time: Time, request: RequestId, why: 'TIMEOUT' | 'ABORTED'): void {
    const pending = this.#requests.get(request)
    if (pending === undefined) return
    if (pending.kind === 'lookup') {
      this.#emit({ kind: 'failed', request, failure: this.#lookupFailure(request, why) })
      return
    }
    const messageId = pending.kind === 'send' ? pending.messageId : undefined
    this.#peers.withKnownPeer(pending.peer, peer => peer.giveUp(time, request, messageId, why))
  }

  #lookupFailure(request: RequestId, why: 'TIMEOUT' | 'ABORTED'): Failure {
    if (why === 'ABORTED') return ABORTED
    return this.#waiting.has(request) ? this.#homes.failure() : LOOKUP_FAILURES.noAnswer
  }
}

const LOOKUP_FAILURES = {
  absent: { code: 'NOT_FOUND', message: 'No server knows this key.' },
  noAnswer: { code: 'TIMEOUT', message: 'The servers did not answer in time.' },
} as const satisfies Record<string, Failure>
