// A server node that runs: the driver and the door around a core, what they tell about themselves, and
// how it ends: a goodbye to every link, a short drain, then storage and lock. Made by server-node.ts.

import type { FileStore } from '../host/node/file-store.ts'
import { encodeKey } from '../shared/identity/key-text.ts'
import type { MeshNodeCore } from '../shared/node/core.ts'
import { Driver } from '../shared/node/driver.ts'
import { originOf } from '../shared/node/server-url.ts'
import { DRAIN_MS } from '../shared/wire/limits.ts'
import type { Admission } from './admission.ts'
import type { ServerConfig } from './config.ts'
import type { Health } from './http-app.ts'
import { createHttpApp } from './http-app.ts'
import { Listener } from './listener.ts'
import type { Log } from './log.ts'
import { LoopLoad } from './loop-load.ts'
import type { ServerHost } from './server-host.ts'
import type { ServerTls } from './tls.ts'

export interface ServerStats {
  readonly links: number
  readonly unauthenticatedLinks: number
  readonly connections: number
  /** Connections and links turned away since the start. */
  readonly refused: number
  readonly records: number
  readonly circuits: number
  readonly isStorageWorking: boolean
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
  stats(): ServerStats
  /** Ends every link with a goodbye; resolves when nothing is left. Safe to call again. */
  close(options?: CloseOptions): Promise<void>
}

export interface ServerParts {
  readonly config: ServerConfig
  readonly tls: ServerTls | undefined
  readonly core: MeshNodeCore
  readonly host: ServerHost
  readonly admission: Admission
  readonly store: FileStore
  readonly unlock: () => Promise<void>
  readonly log: Log
}

export class ServerRun implements RunningServer {
  readonly key: string
  readonly #parts: ServerParts
  readonly #driver: Driver
  readonly #listener: Listener
  readonly #startedAt: number
  #port = 0
  #refused = 0
  #isStorageWorking = true
  #closing: Promise<void> | undefined

  constructor(parts: ServerParts) {
    const { config, tls, core, host, admission, log } = parts
    this.#parts = parts
    this.key = encodeKey(core.publicKey)
    this.#startedAt = host.now()
    // Nobody dials a server's key: it has no application to tell.
    this.#driver = new Driver(core, host, () => {})
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

  get port(): number {
    return this.#port
  }

  /** For server-node.ts: opens the door. @throws {MeshError} `IN_USE`, `USAGE` */
  async start(): Promise<void> {
    const { config, tls, log } = this.#parts
    this.#port = await this.#listener.listen()
    this.#driver.command({ kind: 'start' })
    log.info({ port: this.#port }, 'the server node runs')
    if (config.isExposed && tls === undefined && !config.trustProxy) {
      log.warn('links are not encrypted: whoever is on the way sees who talks to this server')
    }
    if (config.isExposed && config.publicUrls.length === 0) {
      log.warn('no public URL was given: logins made for any name are taken')
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

  stats(): ServerStats {
    const { core, host, admission } = this.#parts
    const { links, records, circuits } = core.load
    return {
      links,
      unauthenticatedLinks: host.unauthenticatedLinks,
      connections: admission.openConnections,
      refused: this.#refused,
      records,
      circuits,
      isStorageWorking: this.#isStorageWorking,
      uptimeS: Math.floor((host.now() - this.#startedAt) / 1000),
    }
  }

  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  #health(): Health {
    const { links, records, isStorageWorking, uptimeS } = this.stats()
    const status = isStorageWorking ? 'ok' : 'degraded'
    return { status, key: this.key, links, records, uptime: uptimeS }
  }

  async #close({ retryAfterMs }: CloseOptions): Promise<void> {
    const { host, store, unlock, log } = this.#parts
    log.info({ links: this.stats().links }, 'closing')
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

function pageUrlOf({ publicUrls, host, tls }: ServerConfig, port: number): string {
  const [first] = publicUrls
  if (first !== undefined) return originOf(first).replace(/^ws/, 'http')
  const isAny = host === undefined || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)
  const name = isAny ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `${tls === undefined ? 'http' : 'https'}://${name}:${port}`
}
