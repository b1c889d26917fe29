// What the application asks about routes to a key: which there are, and why the key is reached as it is, or is not.
// Looks the key up like anybody who wants its record, and opens nothing. An explanation is always given: that no server
// answers is one, too.

import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { PathMode } from '../../routes/route.ts'
import { PeerRoutes } from '../attempt/peer-routes.ts'
import type { NodeEvent, Outcome } from '../effects.ts'
import type { HomeServers } from '../homes/home-servers.ts'
import type { Command, RequestId } from '../inputs.ts'
import type { Failure } from '../mesh-error.ts'
import { failureOfRevocation, NOT_FOUND, SERVERS_BUSY, SERVERS_SILENT } from '../peer-failure.ts'
import type { PeerContext } from '../peers/peer-context.ts'
import type { Peers } from '../peers/peers.ts'
import type { LookedUp } from '../registry/lookups.ts'
import { routeViews } from './route-list.ts'
import type { Explanation, RouteView } from './route-views.ts'

type RouteCommand = Extract<Command, { kind: 'routes' | 'explain' }>

interface Question {
  readonly command: RouteCommand
  lookup: number | undefined
  /** The newest that is known of the key. */
  result: LookedUp['result']
  servers: LookedUp['servers']
}

export type QuestionContext = Pick<
  PeerContext,
  'servers' | 'routes' | 'log' | 'modes' | 'askRoutes' | 'direct'
> & {
  emit(event: NodeEvent): void
}

export class RouteQuestions {
  readonly #context: QuestionContext
  readonly #peers: Peers
  readonly #homes: HomeServers
  readonly #open = new Map<RequestId, Question>()

  constructor(context: QuestionContext, peers: Peers, homes: HomeServers) {
    this.#context = context
    this.#peers = peers
    this.#homes = homes
  }

  has(request: RequestId): boolean {
    return this.#open.has(request)
  }

  ask(time: Time, command: RouteCommand): void {
    const { key, request } = command
    const question = { command, lookup: undefined, result: 'noAnswer', servers: [] } as const
    this.#open.set(request, { ...question })
    const modes = [this.#modeOf(command), this.#context.modes.of(key)]
    if (!modes.includes('private')) this.#context.askRoutes(time, key)
    this.serversChanged(time)
  }

  /** Those that wait for a server go on, or are answered as there will be none. */
  serversChanged(time: Time): void {
    const homes = this.#homes
    for (const [request, question] of [...this.#open]) {
      if (question.lookup !== undefined) continue
      const { key } = question.command
      if (homes.hasOpenServer)
        question.lookup = homes.lookup(time, key, { kind: 'request', request })
      else if (!homes.isConnecting) this.answer(time, request)
    }
  }

  lookedUp(time: Time, request: RequestId, { result, servers, isFinal }: LookedUp): void {
    const question = this.#open.get(request)
    if (question === undefined) return
    question.result = result
    question.servers = servers
    if (isFinal) this.answer(time, request)
  }

  /** With what is known by now. */
  answer(time: Time, request: RequestId): void {
    const question = this.#open.get(request)
    if (question === undefined) return
    const answer = this.#answerTo(time, question)
    this.forget(request)
    if ('code' in answer) this.#context.emit({ kind: 'failed', request, failure: answer })
    else this.#context.emit({ kind: 'done', request, outcome: answer })
  }

  /** It is settled. */
  forget(request: RequestId): void {
    const lookup = this.#open.get(request)?.lookup
    if (lookup !== undefined) this.#homes.cancelLookup(lookup)
    this.#open.delete(request)
  }

  #answerTo(time: Time, { command, lookup, result, servers }: Question): Outcome | Failure {
    const { key, kind } = command
    const routes = this.#routesTo(time, key)
    if (typeof result !== 'string' && result.kind === 'record') {
      routes.learn(result.signed.record, servers)
    }
    const views = this.#viewsOf(time, command, routes)
    if (kind === 'explain') {
      return {
        kind: 'explained',
        explanation: this.#explanation(time, command, result, routes, views),
      }
    }
    if (typeof result !== 'string' && result.kind === 'revocation') {
      return failureOfRevocation(result.signed.revocation.successor)
    }
    const isKnown = typeof result !== 'string' || views.length > 0
    if (isKnown) return { kind: 'routes', routes: views }
    if (result === 'busy') return SERVERS_BUSY
    if (result === 'absent') return NOT_FOUND
    return lookup === undefined ? this.#homes.failure() : SERVERS_SILENT
  }

  #explanation(
    time: Time,
    command: RouteCommand,
    result: LookedUp['result'],
    known: PeerRoutes,
    routes: readonly RouteView[],
  ): Explanation {
    const { record } = known
    const mode = this.#modeOf(command)
    const direct = this.#context.direct.view(time, command.key)
    return {
      mode,
      record: recordState(result),
      ...(record !== undefined && {
        type: record.type,
        recordAgeMs: Math.max(0, time.unixMs - record.seq),
      }),
      homes: record?.servers.map(keyIdOf) ?? [],
      servers: this.#homes.views(time),
      routes,
      ...(direct !== undefined && { direct }),
      ...(mode === 'private' && { privateFacts: known.privateFacts(time) }),
      tried: this.#context.log.of(time, command.key),
    }
  }

  #viewsOf(time: Time, command: RouteCommand, routes: PeerRoutes): RouteView[] {
    const { key } = command
    const ranked = routes.ranked(time, this.#modeOf(command))
    const failureOf = (relays: readonly KeyId[]) => this.#context.log.failureOf(key, relays)
    return routeViews(time, ranked, this.#peers.routesOf(key), failureOf)
  }

  /** With what the session with the peer knows already. */
  #routesTo(time: Time, key: KeyId): PeerRoutes {
    const routes = new PeerRoutes(this.#context, key)
    const known = this.#peers.routesOf(key)?.known?.record
    const record = known ?? this.#context.routes.relays.get(time.unixMs, key)
    if (record !== undefined) routes.learn(record, [])
    return routes
  }

  #modeOf(command: RouteCommand): PathMode {
    const asked = command.kind === 'routes' ? command.mode : undefined
    return asked ?? this.#context.modes.of(command.key)
  }
}

function recordState(result: LookedUp['result']): Explanation['record'] {
  if (result === 'busy') return 'noAnswer'
  if (typeof result === 'string') return result
  return result.kind === 'record' ? 'found' : 'revoked'
}
