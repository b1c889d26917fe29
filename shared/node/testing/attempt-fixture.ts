// The surroundings of one PathAttempt, for tests: servers and circuits that record what is asked of them, and
// news as lookups bring them.

import type { Identity } from '../../identity/identity.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId, EndReason } from '../../routing/circuit.ts'
import type { SetupHop } from '../../routing/onion-setup.ts'
import { HEDGE_HANDSHAKE_MS, PATH_MAX_CIRCUITS } from '../../wire/limits.ts'
import type { NodeRecord, SignedRecord } from '../../wire/record.ts'
import type { QuotaNotice } from '../../wire/registry-bodies.ts'
import type { AttemptOptions, AttemptResult, LookupNews } from '../attempt/attempt-types.ts'
import { PathAttempt } from '../attempt/path-attempt.ts'
import type { CircuitPort, EntryServer, ServerPort } from '../peers/peer-context.ts'
import type { RouteFinder } from '../routes/route-finder.ts'
import { RouteLog } from '../routes/route-log.ts'
import { START_UNIX_MS } from './mini-world.ts'
import { identityOf, recordOf } from './records.ts'
import { routesForTests } from './routes.ts'

export const BOB = identityOf(1)

const OURS = new Map(['one', 'two', 'three'].map((name, at) => [name, identityOf(10 + at)]))
const FOREIGN = new Map(['x', 'y', 'z', 'u', 'v'].map((name, at) => [name, identityOf(20 + at)]))
const STRANGERS = new Map<string, Identity>(
  Array.from({ length: 8 }, (_, at) => [`m${at + 1}`, identityOf(30 + at)]),
)

interface OpenedCircuit {
  readonly circuit: CircuitId
  readonly hops: readonly SetupHop[]
  readonly timeoutMs: number
}

/**
 * Our servers are `one`, `two`, `three`; those of the peer that are not ours `x`, `y`, `z`, `u`, `v`; those that we are
 * told of `m1` to `m8`.
 */
export function serverNamed(name: string): Identity {
  const identity = OURS.get(name) ?? FOREIGN.get(name) ?? STRANGERS.get(name)
  if (identity === undefined) throw new Error(`no server ${name}`)
  return identity
}

/** The record of a server. @param generation other onion keys, and a higher sequence */
export function serverRecord(name: string, generation = 1, expiresMs?: number): NodeRecord {
  return signedServer(name, generation, expiresMs).record
}

function signedServer(name: string, generation = 1, expiresMs?: number): SignedRecord {
  const onion = [
    {
      key: new Uint8Array(32).fill(generation),
      expiresMs: expiresMs ?? START_UNIX_MS + 86_400_000,
    },
  ]
  const seq = START_UNIX_MS + generation
  return recordOf(serverNamed(name), { type: 'server', seq, onion, relay: 1 })
}

export class AttemptFixture {
  time: Time = { now: 1, unixMs: START_UNIX_MS }
  entries: string[] = []
  isLinked = false
  /** Lookups ask somebody: a server may be attached, and no circuit start there. */
  hasOpenServer = true
  isConnecting = false
  /** Somebody who was asked for routes has not answered. */
  isAskingRoutes = false
  quota: QuotaNotice | undefined
  result: AttemptResult | undefined
  readonly opened: OpenedCircuit[] = []
  readonly destroyed: CircuitId[] = []
  /** Who was looked up: `bob` or the name of a server; lookup 1 is the first. */
  readonly lookups: string[] = []
  readonly cancelled: number[] = []
  readonly log = new RouteLog()
  readonly attempt: PathAttempt
  readonly #options: Partial<AttemptOptions>
  readonly #routes: RouteFinder
  #generation = 0

  constructor(options: Partial<AttemptOptions> = {}, routes = routesForTests()) {
    this.#options = options
    this.#routes = routes
    const context = {
      circuits: this.#circuits(),
      servers: this.#servers(),
      routes: this.#routes,
      log: this.log,
      askRoutes: () => {},
      isAskingRoutes: () => this.isAskingRoutes,
    }
    this.attempt = new PathAttempt(context, BOB.keyId, () => new Uint8Array(0), {
      mode: 'fast',
      maxCircuits: PATH_MAX_CIRCUITS,
      minHedgeMs: HEDGE_HANDSHAKE_MS,
      ...options,
    })
  }

  /** The ways that were tried, oldest first: `one`, `one-x`, or `direct`. */
  get tried(): string[] {
    return this.opened.map(({ hops }) => {
      const relays = hops.slice(0, -1).map(({ id }) => nameOf(id))
      return relays.join('-') || 'direct'
    })
  }

  /** The code of the failure, or the way that was opened. */
  get outcome(): string | undefined {
    if (this.result?.kind !== 'opened') return this.result?.failure.code
    const names = this.result.relays.map(key => nameOf(Uint8Array.from(key, c => c.charCodeAt(0))))
    return `opened ${names.join('-')}`
  }

  start(...entries: string[]): this {
    this.entries = entries
    return this.advance()
  }

  /** The server of that name told us of those. */
  told(source: string, ...names: string[]): this {
    const records = names.map(name => signedServer(name).bytes)
    this.#routes.relays.sampled(serverNamed(source).keyId, records)
    return this
  }

  advance(): this {
    return this.#take(this.attempt.advance(this.time))
  }

  /** The first lookup found the peer, attached to those. Each record is newer than the one before. */
  found(homes: readonly string[], servers: readonly NodeRecord[] = [], isFinal = true): this {
    this.#generation += 1
    const { record } = recordOf(BOB, {
      seq: START_UNIX_MS + this.#generation,
      servers: homes.map(name => serverNamed(name).publicKey),
    })
    return this.news({ record, servers, isFinal, lookup: this.lookups.lastIndexOf('bob') + 1 })
  }

  /** The lookup of a server brought that. */
  foundServer(name: string, record: LookupNews['record']): this {
    return this.news({ record, lookup: this.lookups.lastIndexOf(name) + 1 })
  }

  news(news: Partial<LookupNews>): this {
    const full = { lookup: 1, record: 'absent', servers: [], isFinal: true, ...news } as const
    return this.#take(this.attempt.lookedUp(this.time, full))
  }

  /** Time goes by, and the attempt is told. */
  pass(ms: number): this {
    this.time = { now: this.time.now + ms, unixMs: this.time.unixMs + ms }
    return this.#take(this.attempt.timeout(this.time))
  }

  /** A circuit was answered, the last one unless another is named. */
  answered(circuit = this.opened.at(-1)?.circuit ?? (0 as CircuitId)): this {
    return this.#take(this.attempt.opened(this.time, circuit, new Uint8Array(0)))
  }

  /** A circuit failed, the last one unless another is named. */
  failed(reason: EndReason, circuit = this.opened.at(-1)?.circuit ?? (0 as CircuitId)): this {
    return this.#take(this.attempt.closed(this.time, circuit, reason))
  }

  /** The next attempt of the same node, which knows what this one learned of the peer. */
  again(): AttemptFixture {
    const known = this.attempt.routes
    return new AttemptFixture({ ...this.#options, known }, this.#routes).start(...this.entries)
  }

  #take(result: AttemptResult | undefined): this {
    if (result !== undefined && this.result !== undefined) throw new Error('ended twice')
    this.result ??= result
    return this
  }

  #circuits(): CircuitPort {
    const unused = (): never => {
      throw new Error('not of an attempt')
    }
    return {
      nextId: () => (this.opened.length + 1) as CircuitId,
      open: (_time, circuit, hops, _data, timeoutMs) =>
        this.opened.push({ circuit, hops, timeoutMs }),
      destroy: (_time, circuit) => this.destroyed.push(circuit),
      answer: unused,
      send: unused,
      linkOf: unused,
      room: unused,
      capacity: unused,
    }
  }

  #servers(): ServerPort {
    const isConnecting = (): boolean => this.isConnecting
    const hasOpenServer = (): boolean => this.hasOpenServer
    return {
      entries: () => this.entries.map(entryNamed),
      neighbours: () => [],
      failure: () => ({ code: 'UNREACHABLE', message: 'No server.' }),
      get hasOpenServer() {
        return hasOpenServer()
      },
      get isConnecting() {
        return isConnecting()
      },
      hasDirectLink: () => this.isLinked,
      quota: () => this.quota,
      startLookup: (_time, key, peer) => {
        if (peer !== BOB.keyId) throw new Error('for another peer')
        return this.lookups.push(key === BOB.keyId ? 'bob' : nameOfKey(key))
      },
      cancelLookup: lookup => this.cancelled.push(lookup),
    }
  }
}

function entryNamed(name: string): EntryServer {
  const { keyId, publicKey } = name === 'bob' ? BOB : serverNamed(name)
  return { key: keyId, hop: { id: publicKey, onionKey: new Uint8Array(32).fill(1) } }
}

function nameOf(publicKey: Uint8Array): string {
  return nameOfKey(String.fromCharCode(...publicKey) as KeyId)
}

function nameOfKey(key: KeyId): string {
  const known = [...OURS, ...FOREIGN, ...STRANGERS].find(([, { keyId }]) => keyId === key)
  return known?.[0] ?? 'unknown'
}
