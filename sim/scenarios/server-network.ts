// A network of whole server nodes with clients attached to any of them: real cores, links, crypto and registry
// in virtual time. Servers join through the first one, or through those they are told; clients know one or two
// servers each and nothing else. Tests bring the faults; what is asked for and seen is kept here.

import { nodeSuite } from '../../host/node/node-suite.ts'
import type { KeyId } from '../../shared/identity/node-id.ts'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { ClientRelaying } from '../../shared/node/config.ts'
import { directRole } from '../../shared/node/direct/direct-role.ts'
import type { NodeEvent, PathView, PresenceView } from '../../shared/node/effects.ts'
import type { ErrorCode } from '../../shared/node/mesh-error.ts'
import { serverRole } from '../../shared/node/server/server-role.ts'
import { RELAY_BURST_BYTES, RELAY_BYTES_PER_S } from '../../shared/wire/limits.ts'
import type { Answer, MeshOptions, MeshProgram } from '../mesh-program.ts'
import { meshProgram } from '../mesh-program.ts'
import type { DeliveryReport } from '../observers.ts'
import { DeliveryObserver } from '../observers.ts'
import type { SimNode } from '../sim-node.ts'
import type { Nat } from '../sim-rtc.ts'
import { numberedMessage, numberOf } from '../testing/numbered.ts'
import type { Topology } from '../topology.ts'
import { World } from '../world.ts'

export interface ServerNetworkOptions {
  readonly servers: number
  readonly topology?: Topology
  /** Default `ws`, as in a lab: clients then dial no servers that they only hear of. */
  readonly scheme?: 'ws' | 'wss'
  /** Numbers of the servers that one is told to join; default: the first one. */
  readonly seedsOf?: (server: number) => readonly number[]
}

export interface ClientOptions {
  readonly seed?: Uint8Array
  /** Of a client with WebRTC. */
  readonly nat?: Nat
  readonly clientRelay?: ClientRelaying
}

/** A node of the network, through all its lives. */
export interface Member {
  readonly node: SimNode
  readonly options: MeshOptions
  /** Of its last life. */
  program: MeshProgram
  /** When its first life began. */
  readonly startedAtMs: number
  /** All but messages, which the observer counts. */
  readonly events: { readonly atMs: number; readonly event: NodeEvent }[]
}

export interface Server extends Member {
  readonly number: number
  readonly url: ServerUrl
}

const PORT = { ws: 80, wss: 443 } as const
/** Servers start in a row, this far apart. */
const START_EVERY_MS = 50

export class ServerNetwork {
  readonly world: World
  readonly servers: Server[] = []
  readonly clients: Member[] = []
  readonly observer = new DeliveryObserver()
  /** How often messages failed, by code. */
  readonly failures: Partial<Record<ErrorCode, number>> = {}
  readonly #options: ServerNetworkOptions
  readonly #names = new Map<KeyId, string>()

  constructor(seed: string | number, options: ServerNetworkOptions) {
    const { topology } = options
    this.#options = options
    this.world = new World(seed, topology === undefined ? {} : { topology })
    for (let number = 0; number < options.servers; number += 1) this.#addServer(number)
  }

  /** Boots all servers, one after the other. @throws Error when one does not get to know the network */
  startServers(withinMs = 20_000): void {
    for (const { number } of this.servers) {
      this.world.after(number * START_EVERY_MS, () => this.boot(this.#server(number)))
    }
    const isJoined = (): boolean => this.servers.every(server => hasJoined(server))
    if (this.servers.length > 1 && !this.world.runUntil(isJoined, withinMs)) {
      throw new Error(`Some server is alone after ${withinMs} ms.`)
    }
  }

  /** A client of those servers, with a new key unless `seed` is given; with WebRTC where there is something between it and the world. */
  addClient(servers: readonly Server[], { seed, nat, clientRelay }: ClientOptions = {}): Member {
    const node = this.world.addNode(`client ${this.clients.length}`)
    if (nat !== undefined) node.nat = nat
    const options: MeshOptions = {
      seed: seed ?? node.rng.fork('seed').bytes(32),
      type: 'client',
      net: new Uint8Array(16),
      servers: servers.map(({ url }) => url),
      discovery: { acceptsPinnedKeys: true },
      ...(nat !== undefined && { direct: { role: directRole, candidates: 'noLocal' } }),
      ...(clientRelay !== undefined && { clientRelay }),
    }
    const client = this.#member(node, options)
    this.clients.push(client)
    this.boot(client)
    return client
  }

  /** @returns whether all clients got online */
  untilOnline(clients: readonly Member[] = this.clients, withinMs = 10_000): boolean {
    return this.world.runUntil(() => clients.every(({ program }) => program.isOnline), withinMs)
  }

  boot(member: Member): void {
    const onEvent = (program: MeshProgram, event: NodeEvent): void => {
      if (program === member.program) this.#onEvent(member, event)
    }
    member.node.boot(
      meshProgram(member.options, onEvent, program => {
        member.program = program
      }),
    )
  }

  /** Waits for the answer of something that is asked of a node. @throws Error when there is none */
  ask(member: Member, command: (onAnswer: (answer: Answer) => void) => void): Answer {
    let answer: Answer | undefined
    member.node.enqueue(() =>
      command(given => {
        answer = given
      }),
    )
    this.world.runUntil(() => answer !== undefined, 60_000)
    if (answer === undefined) throw new Error(`${member.node.name} got no answer.`)
    return answer
  }

  dial(from: Member, to: Member): Answer {
    return this.ask(from, onAnswer => from.program.dial(to.program.key, onAnswer))
  }

  /** @param key of somebody else, or of nobody */
  lookup(from: Member, key: KeyId): Answer {
    return this.ask(from, onAnswer => from.program.lookup(key, onAnswer))
  }

  /** Numbered messages, one after the other, at random pauses of `everyMs` on average. */
  talk(from: Member, to: Member, messages: number, everyMs = 100): void {
    if (messages === 0) return
    const rng = from.node.rng.fork(`talk/${messages}/${to.node.name}`)
    this.world.after(rng.between(0, 2 * everyMs), () => {
      const number = this.observer.sent(from.node.name, to.node.name, this.world.nowMs)
      const data = numberedMessage(number, 4 + rng.below(500))
      from.node.enqueue(() =>
        from.program.send(to.program.key, data, answer => {
          if (answer.kind === 'done') this.observer.confirmed()
          else this.#countFailure(answer.failure.code)
        }),
      )
      this.talk(from, to, messages - 1, everyMs)
    })
  }

  /** Runs until that many messages are confirmed, or the time is over. */
  deliveries(messages: number, withinMs: number): DeliveryReport {
    this.world.runUntil(() => this.observer.confirmedCount >= messages, withinMs)
    return this.observer.report()
  }

  /** The servers that hold a copy of something under that name: `record/…` or `revoke/…` of a key. */
  holders(kind: 'record' | 'revoke', { program }: Member): Server[] {
    const key = `${kind}/${Buffer.from(program.publicKey).toString('hex')}`
    return this.servers.filter(({ node }) => node.host !== undefined && node.disk.has(key))
  }

  /** Takes everything down and lets the world run out. */
  shutDown(): void {
    for (const { node, program } of [...this.clients, ...this.servers]) {
      if (node.host !== undefined) node.enqueue(() => program.shutdown())
    }
    this.world.runFor(120_000)
  }

  #server(number: number): Server {
    return this.servers[number] as Server
  }

  #addServer(number: number): void {
    const { scheme = 'ws', seedsOf = one => (one === 0 ? [] : [0]) } = this.#options
    const url: ServerUrl = { scheme, host: `s${number}.test`, port: PORT[scheme] }
    const node = this.world.addNode(`server ${number}`, {
      listen: { origins: [originOf(url)], addressClass: 'public' },
    })
    const seed = node.rng.fork('seed').bytes(32)
    const options: MeshOptions = {
      seed,
      type: 'server',
      serverRole,
      net: new Uint8Array(16),
      servers: [],
      join: seedsOf(number).map(other => this.#server(other).url),
      allowsPlainDials: scheme === 'ws',
      endpoints: [{ url: originOf(url) }],
      relay: { bytesPerS: RELAY_BYTES_PER_S, burstBytes: RELAY_BURST_BYTES },
    }
    const pinned = { ...url, key: nodeSuite.signPublic(seed) }
    this.servers.push({ ...this.#member(node, options), number, url: pinned })
  }

  #member(node: SimNode, options: MeshOptions): Member {
    const startedAtMs = this.world.nowMs
    // Until its first boot a node is nobody.
    return { node, options, program: undefined as unknown as MeshProgram, startedAtMs, events: [] }
  }

  #countFailure(code: ErrorCode): void {
    this.failures[code] = (this.failures[code] ?? 0) + 1
  }

  #onEvent(member: Member, event: NodeEvent): void {
    const { nowMs } = this.world
    const { node, program } = member
    this.#names.set(program.key, node.name)
    if (event.kind !== 'message') {
      member.events.push({ atMs: nowMs, event })
      return
    }
    const sender = this.#names.get(event.peer) ?? 'a stranger'
    this.observer.received(sender, node.name, numberOf(event.data), nowMs)
    program.consume(event)
  }
}

export function hasJoined({ program }: Member): boolean {
  return program?.network?.state === 'joined'
}

/** The way that a node last took to a peer. */
export function pathOf({ events }: Member, peer: Member): PathView | undefined {
  for (const { event } of events.toReversed()) {
    if (event.kind === 'peerPath' && event.peer === peer.program.key) return event.path
  }
  return undefined
}

/** What a node was told of a watched key, and when. */
export function presencesOf(
  { events }: Member,
  of: KeyId,
): { readonly atMs: number; readonly presence: PresenceView }[] {
  return events.flatMap(({ atMs, event }) =>
    event.kind === 'presence' && event.presence.key === of
      ? [{ atMs, presence: event.presence }]
      : [],
  )
}
