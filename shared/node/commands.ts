// What the application asks, from command to settled: each request is given to the part that does it,
// timed, and answered exactly once.

import type { Time } from '../machine/machine.ts'
import { MESSAGE_TIMEOUT_MS } from '../wire/limits.ts'
import type { LookupNews } from './attempt/path-attempt.ts'
import type { NodeEvent } from './effects.ts'
import type { HomeServers } from './homes/home-servers.ts'
import type { Command, RequestId } from './inputs.ts'
import type { Failure } from './mesh-error.ts'
import {
  ABORTED,
  failureOfRevocation,
  NODE_CLOSED,
  NOT_FOUND,
  PEER_SILENT,
  SERVERS_BUSY,
  SERVERS_SILENT,
  TOO_MANY_PEERS,
} from './peer-failure.ts'
import type { Peer } from './peers/peer.ts'
import type { PeerModes } from './peers/peer-modes.ts'
import type { Peers } from './peers/peers.ts'
import type { LookedUp } from './registry/lookups.ts'
import type { RevokeEnded } from './registry/revoke-rounds.ts'
import { RequestTable } from './request-table.ts'
import type { QuestionContext } from './routes/route-questions.ts'
import { RouteQuestions } from './routes/route-questions.ts'

type PeerCommand = Extract<
  Command,
  {
    kind:
      | 'dial'
      | 'lookup'
      | 'routes'
      | 'explain'
      | 'watch'
      | 'unwatch'
      | 'revoke'
      | 'send'
      | 'ping'
      | 'cancel'
      | 'consumed'
      | 'hangUp'
  }
>
type Send = Extract<Command, { kind: 'send' }>
type OnPeer = Extract<Command, { kind: 'dial' | 'ping' | 'send' }>
/** What is done once there is a server. */
type Waiting = Extract<Command, { kind: 'lookup' | 'revoke' }>

export class Commands {
  readonly #peers: Peers
  /** All whose dials wait for what lookups find. */
  readonly #seekers: readonly Peers[]
  readonly #homes: HomeServers
  readonly #questions: RouteQuestions
  readonly #modes: PeerModes
  readonly #emit: (event: NodeEvent) => void
  readonly #requests = new RequestTable()
  readonly #waiting = new Map<RequestId, Waiting>()
  /** What lookups have found while they go on: better than nothing when the time is up. */
  readonly #foundSoFar = new Map<RequestId, LookedUp['result']>()

  /** @param seekers all whose dials look for somebody */
  constructor(
    context: QuestionContext,
    peers: Peers,
    homes: HomeServers,
    seekers: readonly Peers[] = [peers],
  ) {
    this.#peers = peers
    this.#seekers = seekers
    this.#homes = homes
    this.#questions = new RouteQuestions(context, peers, homes)
    this.#modes = context.modes
    this.#emit = context.emit
  }

  handle(time: Time, command: PeerCommand): void {
    switch (command.kind) {
      case 'dial':
        this.#requests.add(command.request, command, time.now + command.timeoutMs)
        this.#onPeer(time, command, peer => peer.dial(time, command.request))
        return
      case 'ping':
        this.#requests.add(command.request, command, time.now + command.timeoutMs)
        this.#onPeer(time, command, peer => peer.ping(time, command.request))
        return
      case 'send':
        this.#send(time, command)
        return
      case 'lookup':
      case 'revoke':
        this.#requests.add(command.request, { kind: command.kind }, time.now + command.timeoutMs)
        this.#waiting.set(command.request, command)
        if (this.#homes.hasOpenServer) this.serverAttached(time)
        return
      case 'routes':
      case 'explain':
        this.#requests.add(command.request, { kind: 'lookup' }, time.now + command.timeoutMs)
        this.#questions.ask(time, command)
        return
      case 'watch':
        this.#homes.watch(time, command.key)
        return
      case 'unwatch':
        this.#homes.unwatch(time, command.key)
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

  serversChanged(time: Time): void {
    this.#questions.serversChanged(time)
  }

  /** What waited for a server starts. */
  serverAttached(time: Time): void {
    this.#questions.serversChanged(time)
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [request, one] of waiting) {
      if (one.kind === 'lookup') this.#homes.lookup(time, one.key, { kind: 'request', request })
      else this.#homes.revoke(time, request, one.successor)
    }
  }

  lookedUp(time: Time, news: LookedUp): void {
    const { owner, result, isFinal } = news
    if (owner.kind === 'dial') {
      // It waits as well, and what it may learn meanwhile is no news of the peer.
      if (!isFinal && result === 'busy') return
      for (const seeker of this.#seekers) seeker.lookedUp(time, owner.peer, newsForDial(news))
    } else if (this.#questions.has(owner.request)) {
      this.#questions.lookedUp(time, owner.request, news)
    } else if (isFinal) this.#answerLookup(owner.request, result)
    else if (this.#requests.get(owner.request)) this.#foundSoFar.set(owner.request, result)
  }

  revokeEnded({ request, result }: RevokeEnded): void {
    if ('code' in result) {
      this.#failed(request, result)
      return
    }
    const { servers, revocation } = result
    const { successor } = revocation
    const outcome = { kind: 'revoked', servers, ...(successor && { successor }) } as const
    this.#emit({ kind: 'done', request, outcome })
  }

  /** @returns false when the request had been settled before */
  settle(request: RequestId): boolean {
    this.#waiting.delete(request)
    this.#foundSoFar.delete(request)
    this.#questions.forget(request)
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

  #send(time: Time, command: Send): void {
    const { request, peer, id, data, timeoutMs } = command
    const pending = { kind: 'send', peer, id } as const
    if (timeoutMs < MESSAGE_TIMEOUT_MS) this.#requests.add(request, pending, time.now + timeoutMs)
    else this.#requests.addUsual(request, pending, time.now + MESSAGE_TIMEOUT_MS)
    this.#onPeer(time, command, target => target.send(time, request, id, data))
  }

  #onPeer(time: Time, command: OnPeer, work: (peer: Peer) => void): void {
    const { peer: key, request, mode } = command
    const isKnown = this.#peers.withPeer(key, peer => {
      if (mode !== undefined) peer.setMode(time, mode)
      work(peer)
    })
    if (isKnown) return
    if (mode !== undefined) this.#modes.set(key, mode)
    this.#failed(request, TOO_MANY_PEERS)
  }

  #giveUp(time: Time, request: RequestId, why: 'TIMEOUT' | 'ABORTED'): void {
    const pending = this.#requests.get(request)
    if (pending === undefined) return
    if (why === 'TIMEOUT' && this.#questions.has(request)) {
      this.#questions.answer(time, request)
      return
    }
    const found = this.#foundSoFar.get(request)
    if (found !== undefined && why === 'TIMEOUT') {
      this.#answerLookup(request, found)
      return
    }
    if (pending.kind === 'lookup' || pending.kind === 'revoke') {
      this.#failed(request, why === 'ABORTED' ? ABORTED : this.#serverFailure(request))
      return
    }
    const messageId = pending.kind === 'send' ? pending.id : undefined
    const isKnown = this.#peers.withKnownPeer(pending.peer, peer =>
      peer.giveUp(time, request, why, messageId),
    )
    if (!isKnown) this.#failed(request, why === 'ABORTED' ? ABORTED : PEER_SILENT)
  }

  #answerLookup(request: RequestId, result: LookedUp['result']): void {
    if (result === 'absent') this.#failed(request, NOT_FOUND)
    else if (result === 'busy') this.#failed(request, SERVERS_BUSY)
    else if (result === 'noAnswer') this.#failed(request, SERVERS_SILENT)
    else if (result.kind === 'revocation') {
      this.#failed(request, failureOfRevocation(result.signed.revocation.successor))
    } else {
      const outcome = { kind: 'found', record: result.signed } as const
      this.#emit({ kind: 'done', request, outcome })
    }
  }

  #serverFailure(request: RequestId): Failure {
    return this.#waiting.has(request) ? this.#homes.failure() : SERVERS_SILENT
  }

  #failed(request: RequestId, failure: Failure): void {
    this.#emit({ kind: 'failed', request, failure })
  }
}

function newsForDial({ lookup, result, servers, isFinal }: LookedUp): LookupNews {
  if (result === 'busy') return { lookup, record: 'noAnswer', servers, isFinal }
  if (typeof result === 'string') return { lookup, record: result, servers, isFinal }
  if (result.kind === 'record') return { lookup, record: result.signed.record, servers, isFinal }
  const { successor } = result.signed.revocation
  return { lookup, record: 'revoked', servers, isFinal, ...(successor && { successor }) }
}
