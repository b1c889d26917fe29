// A server node that runs: the driver and the door around a core, what they tell about themselves, and
// how it ends: a goodbye to every link, a short drain, then storage and lock. Made by server-node.ts.

import type { RecordView } from '../client/api.ts'
import { readKey } from '../client/key-input.ts'
import { recordViewOf } from '../client/record-view.ts'
import { Requests } from '../client/requests.ts'
import type { FileStore } from '../host/node/file-store.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import { publicKeyOf } from '../shared/identity/node-id.ts'
import type { MeshNodeCore } from '../shared/node/core.ts'
import { Driver } from '../shared/node/driver.ts'
import type { NodeEvent } from '../shared/node/effects.ts'
import type { NetworkView } from '../shared/node/server/joining.ts'
import { DIAL_TIMEOUT_MS, DRAIN_MS } from '../shared/wire/limits.ts'
import type { Admission } from './admission.ts'
import type { ServerConfig } from './config.ts'
import { dialedFrom } from './dialed-from.ts'
import type { Endpoint } from './endpoints.ts'
import { endpointsOf, interfaceAddresses, pageUrlOf } from './endpoints.ts'
import type { Health } from './http-app.ts'
import { createHttpApp } from './http-app.ts'
import { Listener } from './listener.ts'
import type { Log } from './log.ts'
import { LoopLoad } from './loop-load.ts'
import type { ServerHost, StunView } from './server-host.ts'
import { openStun } from './stun.ts'
import type { ServerTls } from './tls.ts'

export interface ServerStats {
  readonly links: number
  readonly unauthenticatedLinks: number
  readonly connections: number
  /** Connections and links turned away since the start. */
  readonly refused: number
  readonly records: number
  /** Other servers of the network that this one has reached. */
  readonly knownServers: number
  readonly circuits: number
  /** Bytes that were passed on for clients since the start. */
  readonly relayedBytes: number
  readonly isStorageWorking: boolean
  /** Where STUN is answered, and how much; left out where it is not. */
  readonly stun?: StunView
  readonly uptimeS: number
}

export interface CloseOptions {
  /** Asks the clients to stay away for this long, in milliseconds. */
  readonly retryAfterMs?: number
}

export interface RunningServer {
  /** The server's key, `key_…`. */
  readonly key: string
  /** Where people open the web client. */
  readonly url: string
  readonly port: number
  /** For nodes on other machines, with the key that it pins: `wss://192.0.2.1:8080/#key_…`. */
  readonly address: string
  /** What it knows of other servers; `ServerOptions.onNetwork` is told of changes. */
  readonly network: NetworkView
  stats(): ServerStats
  /**
   * Asks the whole registry for a key, as this server itself.
   * @throws {MeshError} `INVALID_KEY`, `NOT_FOUND`, `TIMEOUT`, `REVOKED`, `CLOSED`
   */
  lookup(key: string, options?: { readonly timeoutMs?: number }): Promise<RecordView>
  /** Ends every link with a goodbye; resolves when nothing is left. Safe to call again. */
  close(options?: CloseOptions): Promise<void>
}

export interface ServerParts {
  readonly config: ServerConfig
  readonly tls: ServerTls
  readonly core: MeshNodeCore
  readonly host: ServerHost
  readonly admission: Admission
  readonly store: FileStore
  readonly unlock: () => Promise<void>
  readonly log: Log
}

const ADDRESS_CHECK_MS = 60_000

export class ServerRun implements RunningServer {
  readonly key: string
  readonly #parts: ServerParts
  readonly #driver: Driver
  readonly #listener: Listener
  readonly #startedAt: number
  readonly #requests = new Requests(command => this.#driver.command(command))
  #port = 0
  #endpoints: readonly Endpoint[] = []
  #addressCheck: NodeJS.Timeout | undefined
  #refused = 0
  #isStorageWorking = true
  #network: NetworkView = { state: 'alone' }
  #closing: Promise<void> | undefined

  constructor(parts: ServerParts) {
    const { config, tls, core, host, admission, log } = parts
    this.#parts = parts
    this.key = encodeKey(core.publicKey)
    this.#startedAt = host.now()
    this.#driver = new Driver(core, host, event => this.#onEvent(event))
    host.connect(this.#driver)
    const loop = new LoopLoad()
    this.#listener = new Listener({
      config,
      tls,
      admission,
      app: createHttpApp(config, () => this.#health(), log),
      now: () => host.now(),
      load: () => ({
        links: core.load.links,
        unauthenticatedLinks: host.unauthenticatedLinks,
        isBusy: loop.isBusy(),
      }),
      makeRoomFor: address => host.makeRoomFor(address),
      accepted: (address, socket, channel) => host.adoptFrom(address, socket, channel),
      refused: () => {
        this.#refused += 1
      },
    })
  }

  get url(): string {
    return pageUrlOf(this.#parts.config, this.#port)
  }

  get network(): NetworkView {
    return this.#network
  }

  get port(): number {
    return this.#port
  }

  get address(): string {
    return `${this.#endpoints[0]?.url}/#${this.key}`
  }

  /** For server-node.ts: opens the door. @throws {MeshError} `IN_USE`, `USAGE` */
  async start(): Promise<void> {
    const { config, host, log } = this.#parts
    const listening = await this.#listener.listen()
    this.#port = listening.port
    this.#announce()
    this.#addressCheck = setInterval(() => this.#announce(), ADDRESS_CHECK_MS).unref()
    this.#driver.command({ kind: 'start' })
    if (config.lan && config.isExposed) this.#openLan()
    await openStun(host, config, listening, log)
    log.info({ port: this.#port, stun: host.stun?.port }, 'the server node runs')
    if (config.isExposed && config.insecure) {
      log.warn('links need no encryption: whoever is on the way sees who talks to this server')
    }
    if (config.isExposed && config.publicUrls.length === 0) {
      log.info('no public URL was given: logins made for any name are taken')
    }
  }

  /** For server-node.ts: the disk takes no writes any more, or takes them again. */
  storageChanged(isWorking: boolean): void {
    const { log } = this.#parts
    if (isWorking) log.info('the disk takes writes again')
    else log.error('the disk takes no writes: new records are refused until it does')
    this.#isStorageWorking = isWorking
    this.#driver.storageChanged(isWorking)
  }

  async lookup(key: string, { timeoutMs = DIAL_TIMEOUT_MS } = {}): Promise<RecordView> {
    const wanted = readKey(key)
    const outcome = await this.#requests.ask(
      request => ({ kind: 'lookup', request, key: wanted, timeoutMs }),
      undefined,
    )
    if (outcome.kind !== 'found') throw new TypeError('a lookup was answered with something else')
    return recordViewOf(outcome.record.record)
  }

  stats(): ServerStats {
    const { core, host, admission } = this.#parts
    const { links, records, knownServers, circuits } = core.load
    const { stun } = host
    return {
      links,
      unauthenticatedLinks: host.unauthenticatedLinks,
      connections: admission.openConnections,
      refused: this.#refused,
      records,
      knownServers,
      circuits,
      relayedBytes: core.relayedBytes,
      isStorageWorking: this.#isStorageWorking,
      ...(stun !== undefined && { stun }),
      uptimeS: Math.floor((host.now() - this.#startedAt) / 1000),
    }
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  /** Machines move from one network to another, and providers give new addresses. */
  #announce(): void {
    const { config, tls, host } = this.#parts
    host.addressesChanged()
    const endpoints = endpointsOf(config, tls, this.#port, interfaceAddresses())
    const isSame =
      endpoints.map(({ url }) => url).join() === this.#endpoints.map(({ url }) => url).join()
    if (isSame) return
    this.#endpoints = endpoints
    this.#driver.command({ kind: 'endpoints', endpoints })
  }

  /** Nobody dials a server's key: its application hears of the network and the registry only. */
  #onEvent(event: NodeEvent): void {
    switch (event.kind) {
      case 'network':
        this.#networkChanged(event.view)
        return
      case 'replicated':
        this.#parts.config.onReplicated(encodeKey(publicKeyOf(event.key)), event.copies)
        return
      case 'done':
        this.#requests.done(event.request, event.outcome)
        return
      case 'failed':
        this.#requests.failed(event.request, event.failure)
    }
  }

  #networkChanged(view: NetworkView): void {
    const { config, log } = this.#parts
    this.#network = view
    const from = dialedFrom(config, this.#endpoints)
    const level = config.onNetwork === undefined ? 'warn' : 'info'
    if (view.state === 'joined') {
      if (from === 'anywhere') log.info('joined the network')
      else log[level]('reached the network, but all addresses of this server are private')
    } else if (view.state === 'joining' && view.failure !== undefined) {
      // Its sentence names an address, which is not for logs.
      log[level]({ code: view.failure.code }, 'no server to join answers: alone until one does')
    }
    config.onNetwork?.(view, from)
  }

  #openLan(): void {
    this.#parts.host.openLan({
      heard: datagram => this.#driver.beaconHeard(datagram),
      networkChanged: () => this.#driver.lanChanged(),
    })
    this.#driver.lanOpened(this.#port)
  }

  #health(): Health {
    const { links, records, knownServers, relayedBytes, isStorageWorking, stun, uptimeS } =
      this.stats()
    const status = isStorageWorking ? 'ok' : 'degraded'
    return {
      status,
      key: this.key,
      links,
      servers: knownServers,
      records,
      relayedBytes,
      stun: stun?.port ?? null,
      uptime: uptimeS,
    }
  }

  async #close({ retryAfterMs }: CloseOptions): Promise<void> {
    const { host, store, unlock, log } = this.#parts
    log.info({ links: this.stats().links }, 'closing')
    clearInterval(this.#addressCheck)
    const drained = this.#listener.close()
    this.#driver.command({
      kind: 'shutdown',
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
    const cut = setTimeout(() => this.#listener.destroy(), DRAIN_MS)
    await drained
    clearTimeout(cut)
    host.dispose()
    await store.close()
    await unlock()
    log.info('closed')
  }
}
