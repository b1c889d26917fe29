// The origins by which this server knows itself on one channel (docs/PROTOCOL.md 3.2): a login that was
// made for another name is refused. Reads what the upgrade request says, sends nothing.

import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { addressClassOf, isSameAddress } from '../host/node/address.ts'
import type { ServerUrl } from '../shared/node/address/server-url.ts'
import { originOf, tryParseServerUrl } from '../shared/node/address/server-url.ts'

export interface OwnNames {
  /** When given, only these count, and what is ours beyond doubt. */
  readonly publicUrls: readonly ServerUrl[]
  readonly trustProxy: boolean
}

export interface Audience extends OwnNames {
  readonly isExposed: boolean
  readonly insecure: boolean
}

/** Whether to speak without TLS is not for who asks: it is for this machine, and for a trusted proxy. */
export function isTooPlain(request: IncomingMessage, { insecure, trustProxy }: Audience): boolean {
  if (insecure || isEncrypted(request)) return false
  const { remoteAddress } = request.socket
  return trustProxy ? !isProxyAddress(remoteAddress) : addressClassOf(remoteAddress) !== 'loopback'
}

/**
 * Whether a browser on this machine asks for somebody else's page: under a name that is not ours (DNS rebinding),
 * or from an origin that is not. Programs send no Origin. Over TLS a name is proven, and a server that others may
 * use takes pages of others as clients.
 */
export function isForeign(request: IncomingMessage, audience: Audience): boolean {
  if (audience.trustProxy) return false
  if (audience.isExposed && (audience.insecure || isEncrypted(request))) return false
  const { host = '', origin } = request.headers
  const urls = [`ws://${host}`, ...(origin === undefined ? [] : [origin])].map(tryParseServerUrl)
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

/** By TLS that ends here; of a proxy's, its headers tell. */
export function isEncrypted(request: IncomingMessage): boolean {
  return request.socket instanceof TLSSocket
}

/** The same place over TLS, as `wss://…`, if the request says where it went. */
export function secureOriginOf(request: IncomingMessage): string | undefined {
  const url = tryParseServerUrl(`wss://${request.headers.host ?? ''}`)
  return url && originOf(url)
}

export function originsOf(request: IncomingMessage, names: OwnNames): readonly string[] {
  const dialed = dialedOrigin(request, names.trustProxy)
  if (names.publicUrls.length === 0) return dialed === undefined ? [] : [originOf(dialed)]
  const origins = names.publicUrls.map(originOf)
  if (dialed !== undefined && isBeyondDoubt(dialed.host, request)) origins.push(originOf(dialed))
  return origins
}

/** A loopback name on this machine; over TLS, which no other can end, the very address that was reached. */
function isBeyondDoubt(host: string, request: IncomingMessage): boolean {
  const { remoteAddress, localAddress } = request.socket
  if (addressClassOf(remoteAddress) === 'loopback') return isLoopbackName(host)
  return isEncrypted(request) && isSameAddress(withoutBrackets(host), localAddress)
}

/** Some proxies add the port, and IPv6 addresses then have brackets. Anything else stays as it is. */
function withoutPort(entry: string): string {
  const match = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry)
  return match?.[1] ?? match?.[2] ?? entry
}

function dialedOrigin(request: IncomingMessage, trustProxy: boolean): ServerUrl | undefined {
  const isProxied = trustProxy && isProxyAddress(request.socket.remoteAddress)
  const forwarded = isProxied ? headerOf(request, 'x-forwarded-proto') : undefined
  const isSecure =
    forwarded === undefined ? isEncrypted(request) : forwarded.split(',').at(-1)?.trim() === 'https'
  return tryParseServerUrl(`${isSecure ? 'wss' : 'ws'}://${request.headers.host ?? ''}`)
}

function isOwnHost(host: string, { publicUrls }: OwnNames): boolean {
  return isLoopbackName(host) || publicUrls.some(url => url.host === host)
}

/** Browsers resolve names below `localhost` by themselves (RFC 6761 6.3). */
function isLoopbackName(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  return addressClassOf(withoutBrackets(host)) === 'loopback'
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '')
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.at(-1) : value
}
