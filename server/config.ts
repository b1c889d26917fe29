// What a server node is told, checked and completed before anything is opened.

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DestinationStream } from 'pino'
import { networkId } from '../client/options.ts'
import { nodeSuite } from '../host/node/node-suite.ts'
import type { RelayLimits } from '../shared/node/config.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { ServerUrl } from '../shared/node/server-url.ts'
import { originOf, parseServerUrl } from '../shared/node/server-url.ts'
import * as limits from '../shared/wire/limits.ts'
import { addressClassOf } from './address.ts'
import type { AdmissionLimits } from './admission.ts'
import { ADMISSION_LIMITS } from './admission.ts'

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
  /** Where to listen: loopback only when left out, every interface with TLS, `insecure` or `trustProxy`. */
  readonly host?: string
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
  /** PEM files, both or none. */
  readonly tlsCert?: string
  readonly tlsKey?: string
  /** Allows links without TLS from other machines. */
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
  readonly data: string
  readonly publicUrls: readonly ServerUrl[]
  readonly net: Uint8Array
  readonly relay: RelayLimits
  readonly webRoot: string | undefined
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined
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
  const tls = tlsFiles(options)
  const trustProxy = options.trustProxy === true
  const mayBeExposed = tls !== undefined || trustProxy || options.insecure === true
  const host = options.host ?? (mayBeExposed ? undefined : '127.0.0.1')
  const isExposed = host === undefined || !isLoopback(host)
  if (isExposed && !mayBeExposed) {
    throw new MeshError('USAGE', 'Links from other machines would not be encrypted.', {
      hint: 'Give a certificate with --tls-cert and --tls-key, put a TLS proxy in front with --trust-proxy, or allow it with --insecure.',
    })
  }
  return {
    port: checkPort(options.port ?? DEFAULT_PORT),
    host,
    data: options.data ?? defaultServerFolder(),
    publicUrls: parsePublicUrls(options.publicUrls ?? []),
    net: networkId(options.network, nodeSuite),
    relay: options.relay ?? {
      bytesPerS: limits.RELAY_BYTES_PER_S,
      burstBytes: limits.RELAY_BURST_BYTES,
    },
    webRoot: options.webRoot ?? findWebClient(),
    tls,
    trustProxy,
    perAddressLimits: options.perAddressLimits ?? true,
    limits: { ...ADMISSION_LIMITS, ...HTTP_DEADLINES, ...options.limits },
    logLevel: options.logLevel ?? 'info',
    log: options.log,
    isExposed,
  }
}

function checkPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new MeshError('USAGE', `${port} is not a port.`, {
    hint: 'A port is a number from 1 to 65535, or 0 for any free one.',
  })
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

function tlsFiles({ tlsCert, tlsKey }: ServerOptions): ServerConfig['tls'] {
  if (tlsCert !== undefined && tlsKey !== undefined) {
    return { certFile: tlsCert, keyFile: tlsKey }
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
