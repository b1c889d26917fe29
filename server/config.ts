// What a server node is told, checked and completed before anything is opened.

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DestinationStream } from 'pino'
import { networkId, parseServers } from '../client/options.ts'
import { addressClassOf } from '../host/node/address.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import type { ServerUrl } from '../shared/node/address/server-url.ts'
import { originOf, parseServerUrl } from '../shared/node/address/server-url.ts'
import type { RelayLimits } from '../shared/node/config.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { NetworkView } from '../shared/node/server/joining.ts'
import * as limits from '../shared/wire/limits.ts'
import type { AdmissionLimits } from './admission.ts'
import { ADMISSION_LIMITS } from './admission.ts'
import type { DialedFrom } from './dialed-from.ts'

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

/** Of slow clients on the HTTP side, in milliseconds. */
export interface HttpDeadlines {
  readonly headTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly checkIntervalMs: number
}

export interface ServerOptions {
  /** 8080 when left out; 0 takes any free one. */
  readonly port?: number
  /** Where to listen: on every interface when left out, `127.0.0.1` for this machine only. */
  readonly host?: string
  /**
   * UDP port of the STUN responder, 0 for any free one; false for none. Left out: the number of the port above, and
   * none behind a proxy, which passes no UDP.
   */
  readonly stunPort?: number | false
  /** Folder of the identity and the records; `~/.keymesh/server` when left out. */
  readonly data?: string
  /** Addresses by which others reach this server, for example `wss://one.example`. */
  readonly publicUrls?: readonly string[]
  /** Id of the network, 32 hex digits; the open network when left out. */
  readonly network?: string
  /** Relayed bytes that each key is allowed. */
  readonly relay?: RelayLimits
  /** Folder of the built web client; the one beside this package when left out and there. */
  readonly webRoot?: string
  /** Servers of the network to begin with, like `publicUrls`; a `#key_…` after them pins their key. */
  readonly join?: readonly string[]
  /**
   * Told when it joins a network, loses it, or finds nobody to join; the log then warns of none of it. `from`: where
   * other servers dial it from, as far as its addresses tell.
   */
  readonly onNetwork?: (view: NetworkView, from: DialedFrom) => void
  /** Told when a record that was published here, or our own, lies at so many other servers. */
  readonly onReplicated?: (key: string, copies: number) => void
  /** Whether to look for servers on the local network: yes when left out, unless `$KEYMESH_LAN` is `off`. */
  readonly lan?: boolean
  /**
   * For laboratories: also dials addresses of this machine and of private networks that records tell of, and sets
   * no limits per address, as many nodes share one.
   */
  readonly lab?: boolean
  /** PEM files, both or none; without them the server makes a certificate of its own. */
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** Allows links without TLS from, and to, other machines. */
  readonly insecure?: boolean
  /** A reverse proxy on this machine or a private network terminates TLS and says so in X-Forwarded-*. */
  readonly trustProxy?: boolean
  /** False where many clients share an address: tests and benchmarks. */
  readonly perAddressLimits?: boolean
  /** Overrides single limits of admission and single deadlines. */
  readonly limits?: Partial<AdmissionLimits & HttpDeadlines>
  readonly logLevel?: LogLevel
  /** Where log lines go; stderr when left out. */
  readonly log?: DestinationStream
}

export interface ServerConfig {
  readonly port: number
  readonly host: string | undefined
  /** `http`: the number of the port that HTTP has got. */
  readonly stunPort: number | 'http' | 'none'
  readonly data: string
  readonly publicUrls: readonly ServerUrl[]
  readonly net: Uint8Array
  readonly relay: RelayLimits
  readonly webRoot: string | undefined
  readonly join: readonly ServerUrl[]
  readonly onNetwork: ((view: NetworkView, from: DialedFrom) => void) | undefined
  readonly onReplicated: (key: string, copies: number) => void
  readonly lan: boolean
  readonly lab: boolean
  /** `undefined` for a certificate of the server's own. */
  readonly tlsFiles: { readonly cert: string; readonly key: string } | undefined
  readonly insecure: boolean
  readonly trustProxy: boolean
  readonly perAddressLimits: boolean
  readonly limits: AdmissionLimits & HttpDeadlines
  readonly logLevel: LogLevel
  readonly log: DestinationStream | undefined
  /** Whether other machines can connect. */
  readonly isExposed: boolean
}

const DEFAULT_PORT = 8080
/** Four of these and the rest of a record fit into its limit. */
const MAX_PUBLIC_URL_CHARS = 128
const HTTP_DEADLINES: HttpDeadlines = {
  headTimeoutMs: limits.HTTP_HEAD_TIMEOUT_MS,
  requestTimeoutMs: limits.HTTP_REQUEST_TIMEOUT_MS,
  checkIntervalMs: limits.HTTP_CHECK_INTERVAL_MS,
}

export function defaultServerFolder(): string {
  return join(homedir(), '.keymesh', 'server')
}

/** @throws {MeshError} `USAGE` for options that do not go together, `INVALID_KEY` */
export function completeOptions(options: ServerOptions): ServerConfig {
  const { host } = options
  const insecure = options.insecure === true
  return {
    port: checkPort(options.port ?? DEFAULT_PORT),
    host,
    stunPort: stunPortOf(options),
    data: options.data ?? defaultServerFolder(),
    publicUrls: parsePublicUrls(options.publicUrls ?? []),
    net: networkId(options.network, nodeSuite),
    relay: options.relay ?? {
      bytesPerS: limits.RELAY_BYTES_PER_S,
      burstBytes: limits.RELAY_BURST_BYTES,
    },
    webRoot: options.webRoot ?? findWebClient(),
    join: parseServers(options.join ?? [], insecure),
    onNetwork: options.onNetwork,
    onReplicated: options.onReplicated ?? (() => {}),
    lan: options.lan ?? process.env.KEYMESH_LAN !== 'off',
    lab: options.lab === true,
    tlsFiles: tlsFilesOf(options),
    insecure,
    trustProxy: options.trustProxy === true,
    perAddressLimits: options.perAddressLimits ?? options.lab !== true,
    limits: { ...ADMISSION_LIMITS, ...HTTP_DEADLINES, ...options.limits },
    logLevel: options.logLevel ?? 'info',
    log: options.log,
    isExposed: host === undefined || !isLoopback(host),
  }
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new MeshError('USAGE', `${port} is not a port.`, {
    hint: 'A port is a number from 1 to 65535, or 0 for any free one.',
  })
}

function stunPortOf({ stunPort, trustProxy }: ServerOptions): ServerConfig['stunPort'] {
  if (stunPort === undefined) return trustProxy === true ? 'none' : 'http'
  return stunPort === false ? 'none' : checkPort(stunPort)
}

/** They go into the server's record, which has little room. */
function parsePublicUrls(texts: readonly string[]): ServerUrl[] {
  const urls = texts.map(parseServerUrl)
  const areFew = urls.length <= limits.RECORD_MAX_ENDPOINTS
  if (areFew && urls.every(url => originOf(url).length <= MAX_PUBLIC_URL_CHARS)) return urls
  throw new MeshError(
    'USAGE',
    `A server has at most ${limits.RECORD_MAX_ENDPOINTS} public URLs of ${MAX_PUBLIC_URL_CHARS} characters.`,
  )
}

function tlsFilesOf({ tlsCert, tlsKey }: ServerOptions): ServerConfig['tlsFiles'] {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return { cert: tlsCert, key: tlsKey }
  }
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  throw new MeshError('USAGE', 'TLS needs both a certificate and its key.', {
    hint: 'Give --tls-cert and --tls-key together.',
  })
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || addressClassOf(host) === 'loopback'
}

/** Built beside the sources (`dist/web` of a checkout) or beside the built library. */
function findWebClient(): string | undefined {
  const candidates = ['../dist/web', '../web', '../../web']
  return candidates
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(folder => existsSync(join(folder, 'assets')))
}
