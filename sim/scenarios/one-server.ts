// Many clients at one server: each attaches, half of them dial the other half by key, and every pair
// exchanges numbered messages both ways in virtual time, while faults happen. Whatever happened, each
// message must arrive once, in order, and be confirmed to its sender.

import type { KeyId } from '../../shared/identity/node-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { NodeEvent } from '../../shared/node/effects.ts'
import type { ErrorCode } from '../../shared/node/mesh-error.ts'
import { serverRole } from '../../shared/node/server/server-role.ts'
import { RELAY_BURST_BYTES, RELAY_BYTES_PER_S } from '../../shared/wire/limits.ts'
import { restartNode } from '../faults.ts'
import type { MeshOptions, MeshProgram } from '../mesh-program.ts'
import { bootMesh, meshProgram } from '../mesh-program.ts'
import type { DeliveryReport, Percentiles } from '../observers.ts'
import { DeliveryObserver, Samples } from '../observers.ts'
import type { Rng } from '../rng.ts'
import type { SimNode } from '../sim-node.ts'
import { numberedMessage, numberOf } from '../testing/numbered.ts'
import type { Topology } from '../topology.ts'
import type { Leftovers } from '../world.ts'
import { World } from '../world.ts'

export interface OneServerOptions {
  readonly clients: number
  /** In each direction of each pair. */
  readonly messages: number
  /** Pause between two messages of one sender, mean; default 100. */
  readonly sendEveryMs?: number
  readonly topology?: Topology
  /** Both of a pair dial, within 100 ms, instead of one. */
  readonly isMutual?: boolean
  /** Wall clock error of a client, drawn in ± this. */
  readonly skewMs?: number
  /** Called when every client is online, before the first dial. */
  readonly fault?: (run: OneServer) => void
  /** Virtual time for dials and traffic; default 60,000. */
  readonly withinMs?: number
}

export interface OneServerReport {
  /** From a client's start until it is attached. */
  readonly onlineMs: Percentiles
  readonly dialMs: Percentiles
  readonly delivery: DeliveryReport
  /** How often requests failed, by code. */
  readonly failures: Readonly<Partial<Record<ErrorCode, number>>>
  /** How often a client was told that a peer came up, or went. */
  readonly peersUp: number
  readonly peersDown: number
  /** How often a client that was online stopped being so. */
  readonly detachments: number
  readonly virtualMs: number
  /** Entries of the trace: messages, timers, openings and so on. */
  readonly events: number
  readonly trace: string
  /** After every node was closed. */
  readonly leftovers: Leftovers
}

export interface Client {
  readonly node: SimNode
  readonly program: MeshProgram
  readonly rng: Rng
  readonly startedAtMs: number
  onlineAtMs: number | undefined
  /** Virtual times at which it lost its only attachment, and got it again. */
  readonly detachedAtMs: number[]
  readonly attachedAtMs: number[]
}

const URL: ServerUrl = { scheme: 'ws', host: 'one.test', port: 80 }
/** Clients start in a row, this far apart on average. */
const START_EVERY_MS = 10
const MAX_MESSAGE_BYTES = 2_000

export function runOneServer(seed: string | number, options: OneServerOptions): OneServerReport {
  const run = new OneServer(seed, options)
  run.startClients()
  run.faultBaseMs = run.world.nowMs
  options.fault?.(run)
  run.talk()
  return run.finish()
}

export class OneServer {
  readonly world: World
  readonly server: SimNode
  readonly clients: Client[] = []
  /** Virtual time at which all clients were online and faults and traffic began. */
  faultBaseMs = 0
  readonly #options: OneServerOptions
  readonly #serverOptions: MeshOptions
  readonly #byKey = new Map<KeyId, Client>()
  readonly #dials = new Samples()
  readonly #observer = new DeliveryObserver()
  #peersUp = 0
  #peersDown = 0
  readonly #failures: Partial<Record<ErrorCode, number>> = {}

  constructor(seed: string | number, options: OneServerOptions) {
    const { topology } = options
    this.#options = options
    this.world = new World(seed, topology === undefined ? {} : { topology })
    this.server = this.world.addNode('server', {
      listen: { origins: [originOf(URL)], addressClass: 'public' },
    })
    this.#serverOptions = {
      seed: this.server.rng.fork('seed').bytes(32),
      type: 'server',
      serverRole,
      net: new Uint8Array(16),
      servers: [],
      endpoints: [{ url: originOf(URL) }],
      relay: { bytesPerS: RELAY_BYTES_PER_S, burstBytes: RELAY_BURST_BYTES },
    }
    bootMesh(this.server, this.#serverOptions)
  }

  /** `silent`: by a power cut, of which nobody is told. */
  restartServer(downMs: number, how: { readonly silent?: boolean } = {}): void {
    const program = meshProgram(this.#serverOptions, () => {})
    restartNode(this.server, program, downMs, how)
  }

  /** @throws Error when a client does not get online */
  startClients(): void {
    const { clients, skewMs = 0 } = this.#options
    const rng = this.world.rng.fork('clients')
    for (let number = 0; number < clients; number += 1) {
      const skew = Math.round(rng.between(-skewMs, skewMs))
      this.world.after(rng.between(0, clients * START_EVERY_MS), () =>
        this.#addClient(number, skew),
      )
    }
    const isOnline = () => this.clients.every(({ onlineAtMs }) => onlineAtMs !== undefined)
    this.world.runFor(clients * START_EVERY_MS)
    if (!this.world.runUntil(isOnline, 30_000)) throw new Error('Some client did not get online.')
  }

  /** Dials and traffic, until all is confirmed or the time is over. */
  talk(): void {
    const { messages, withinMs = 60_000 } = this.#options
    const order = this.world.rng.fork('pairs').shuffle(this.clients)
    for (let at = 0; at + 1 < order.length; at += 2) {
      this.#pairUp(order[at] as Client, order[at + 1] as Client)
    }
    const expected = Math.floor(order.length / 2) * 2 * messages
    this.world.runUntil(() => this.#observer.confirmedCount >= expected, withinMs)
  }

  finish(): OneServerReport {
    const virtualMs = this.world.nowMs
    const online = new Samples()
    for (const { onlineAtMs, startedAtMs } of this.clients) {
      if (onlineAtMs !== undefined) online.add(onlineAtMs - startedAtMs)
    }
    const delivery = this.#observer.report()
    const failures = { ...this.#failures }
    const [peersUp, peersDown] = [this.#peersUp, this.#peersDown]
    const detachments = this.clients.reduce((sum, client) => sum + client.detachedAtMs.length, 0)
    for (const { program } of this.clients) program.shutdown()
    this.world.runFor(2_000)
    this.server.kill()
    this.world.runFor(60_000)
    return {
      onlineMs: online.percentiles(),
      dialMs: this.#dials.percentiles(),
      delivery,
      failures,
      peersUp,
      peersDown,
      detachments,
      virtualMs,
      events: this.world.trace.count,
      trace: this.world.trace.digest(),
      leftovers: this.world.leftovers(),
    }
  }

  #addClient(number: number, skewMs: number): void {
    const node = this.world.addNode(`client ${number}`, { skewMs })
    const rng = node.rng.fork('application')
    const options: MeshOptions = {
      seed: rng.bytes(32),
      type: 'client',
      net: new Uint8Array(16),
      servers: [URL],
    }
    const program = bootMesh(node, options, ({ key }, event) =>
      this.#onEvent(this.#byKey.get(key), event),
    )
    const client: Client = {
      node,
      program,
      rng,
      startedAtMs: this.world.nowMs,
      onlineAtMs: undefined,
      detachedAtMs: [],
      attachedAtMs: [],
    }
    this.clients.push(client)
    this.#byKey.set(program.key, client)
  }

  #onEvent(client: Client | undefined, event: NodeEvent): void {
    if (client === undefined) return
    const { nowMs } = this.world
    if (event.kind === 'attachments') {
      const wasOnline = client.attachedAtMs.length > client.detachedAtMs.length
      if (client.program.isOnline === wasOnline) return
      if (!wasOnline) client.onlineAtMs ??= nowMs
      ;(wasOnline ? client.detachedAtMs : client.attachedAtMs).push(nowMs)
    } else if (event.kind === 'peerUp') {
      this.#peersUp += 1
    } else if (event.kind === 'peerDown') {
      this.#peersDown += 1
    } else if (event.kind === 'message') {
      const sender = this.#byKey.get(event.peer)?.node.name ?? 'a stranger'
      this.#observer.received(sender, client.node.name, numberOf(event.data), nowMs)
      client.program.consume(event)
    }
  }

  #pairUp(a: Client, b: Client): void {
    const { messages, isMutual = false } = this.#options
    const startMs = a.rng.between(0, 1_000)
    this.world.after(startMs, () => {
      this.#dial(a, b)
      this.#sendLater(a, b, messages)
      this.#sendLater(b, a, messages)
    })
    if (isMutual) this.world.after(startMs + b.rng.between(0, 100), () => this.#dial(b, a))
  }

  #dial(from: Client, to: Client): void {
    const dialedAtMs = this.world.nowMs
    from.node.enqueue(() =>
      from.program.dial(to.program.key, answer => {
        if (answer.kind === 'done') this.#dials.add(this.world.nowMs - dialedAtMs)
        else this.#countFailure(answer.failure.code)
      }),
    )
  }

  #sendLater(from: Client, to: Client, left: number): void {
    if (left === 0) return
    const { sendEveryMs = 100 } = this.#options
    this.world.after(from.rng.between(0, 2 * sendEveryMs), () => {
      from.node.enqueue(() => this.#send(from, to))
      this.#sendLater(from, to, left - 1)
    })
  }

  #send(from: Client, to: Client): void {
    const number = this.#observer.sent(from.node.name, to.node.name, this.world.nowMs)
    const data = numberedMessage(number, 4 + from.rng.below(MAX_MESSAGE_BYTES))
    from.program.send(to.program.key, data, answer => {
      if (answer.kind === 'done') this.#observer.confirmed()
      else this.#countFailure(answer.failure.code)
    })
  }

  #countFailure(code: ErrorCode): void {
    this.#failures[code] = (this.#failures[code] ?? 0) + 1
  }
}
