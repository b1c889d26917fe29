// The origins by which this server knows itself on one channel (docs/PROTOCOL.md 3.2): a login that was
// made for another name is refused. Reads what the upgrade request says, sends nothing.

import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { MeshError } from '../shared/node/mesh-error.ts'
import type { ServerUrl } from '../shared/node/server-url.ts'
import { originOf, parseServerUrl } from '../shared/node/server-url.ts'
import { addressClassOf } from './address.ts'

export interface OwnNames {
  /** When given, only these count, and loopback names for who dials from this machine. */
  readonly publicUrls: readonly ServerUrl[]
  readonly trustProxy: boolean
}

export interface Audience extends OwnNames {
  readonly isExposed: boolean
}

/**
 * Whether a server for this machine only is spoken to by somebody else's page, through a browser here: under a
 * name that is not ours (DNS rebinding), or from an origin that is not. Programs send no Origin. A server that
 * others may use takes pages of others as clients.
 */
export function isForeign(request: IncomingMessage, audience: Audience): boolean {
  if (audience.isExposed || audience.trustProxy) return false
  const { host = '', origin } = request.headers
  const urls = [`ws://${host}`, ...(origin === undefined ? [] : [origin])].map(tryParse)
  return !urls.every(url => url !== undefined && isOwnHost(url.host, audience))
}

/** Who is at the other end: behind a trusted proxy the one it names, else the socket's. */
export function clientAddressOf(
  request: IncomingMessage,
  { trustProxy }: OwnNames,
): string | undefined {
  const { remoteAddress } = request.socket
  if (!trustProxy || !isProxyAddress(remoteAddress)) return remoteAddress
  // The last entry is the proxy's own; those before it are the client's word.
  const forwarded = headerOf(request, 'x-forwarded-for')
  const entry = forwarded?.split(',').at(-1)?.trim()
  return entry === undefined ? remoteAddress : withoutPort(entry)
}

/** A trusted proxy is on this machine or in a private network. */
export function isProxyAddress(address: string | undefined): boolean {
  const addressClass = addressClassOf(address)
  return addressClass === 'loopback' || addressClass === 'private'
}

export function originsOf(request: IncomingMessage, names: OwnNames): readonly string[] {
  const dialed = dialedOrigin(request, names.trustProxy)
  if (names.publicUrls.length === 0) return dialed === undefined ? [] : [originOf(dialed)]
  const origins = names.publicUrls.map(originOf)
  const isLocal = addressClassOf(request.socket.remoteAddress) === 'loopback'
  if (dialed !== undefined && isLocal && isLoopbackName(dialed.host)) {
    origins.push(originOf(dialed))
  }
  return origins
}

/** Some proxies add the port, and IPv6 addresses then have brackets. Anything else stays as it is. */
function withoutPort(entry: string): string {
  const match = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry)
  return match?.[1] ?? match?.[2] ?? entry
}

function dialedOrigin(request: IncomingMessage, trustProxy: boolean): ServerUrl | undefined {
  const isProxied = trustProxy && isProxyAddress(request.socket.remoteAddress)
  const isSecure = isProxied
    ? headerOf(request, 'x-forwarded-proto')?.split(',').at(-1)?.trim() === 'https'
    : request.socket instanceof TLSSocket
  return tryParse(`${isSecure ? 'wss' : 'ws'}://${request.headers.host ?? ''}`)
}

function tryParse(url: string): ServerUrl | undefined {
  try {
    return parseServerUrl(url)
  } catch (error) {
    if (error instanceof MeshError) return undefined
    throw error
  }
}

function isOwnHost(host: string, { publicUrls }: OwnNames): boolean {
  return isLoopbackName(host) || publicUrls.some(url => url.host === host)
}

/** Browsers resolve names below `localhost` by themselves (RFC 6761 6.3). */
function isLoopbackName(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return addressClassOf(host.replace(/^\[|\]$/g, '')) === 'loopback'
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.at(-1) : value
}
