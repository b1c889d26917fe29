// Where other nodes reach this server, as its record tells them: the public addresses its operator named, else
// those of this machine's interfaces, over TLS. What a router in between does to them nobody here knows.

import { networkInterfaces } from 'node:os'
import { alternateFamilies } from '../host/node/address.ts'
import { isPublicAddress } from '../host/node/public-address.ts'
import { originOf, parseServerUrl } from '../shared/node/address/server-url.ts'
import { RECORD_MAX_ENDPOINTS } from '../shared/wire/limits.ts'
import type { ServerConfig } from './config.ts'
import type { ServerTls } from './tls.ts'

export interface Endpoint {
  /** An origin, `wss://host:port`. */
  readonly url: string
  /** SHA-256 of the certificate shown there, when it is of this server's making: no authority vouches for it. */
  readonly cert?: Uint8Array
}

type Where = Pick<ServerConfig, 'host' | 'publicUrls' | 'trustProxy'>

/** Of no use beyond one wire: APIPA and IPv6 link-local. */
const LINK_LOCAL = /^(169\.254\.|fe[89ab])/i

/**
 * @param port where the server listens
 * @param addresses of this machine, for a server that listens on all of them
 */
export function endpointsOf(
  { host, publicUrls, trustProxy }: Where,
  { certSha256, isSelfMade }: Pick<ServerTls, 'certSha256' | 'isSelfMade'>,
  port: number,
  addresses: readonly string[],
): readonly Endpoint[] {
  const cert = isSelfMade ? { cert: certSha256 } : {}
  if (publicUrls.length > 0) {
    // Behind a proxy it is the proxy's certificate that is seen.
    const isOurs = (scheme: string): boolean => scheme === 'wss' && !trustProxy
    return publicUrls.map(url => ({ url: originOf(url), ...(isOurs(url.scheme) && cert) }))
  }
  return hostsOf(host, addresses).map(name => {
    const written = name.includes(':') ? `[${name}]` : name
    return { url: originOf(parseServerUrl(`wss://${written}:${port}`)), ...cert }
  })
}

/** Of the interfaces that lead out of this machine. */
export function interfaceAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap(all => all ?? [])
    .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address))
    .map(({ address }) => address)
}

/** Where people open the web client. Browsers take plain HTTP to their own machine for as good as TLS, and trust no certificate of our own making. */
export function pageUrlOf(
  {
    publicUrls,
    host,
    tlsFiles,
    insecure,
  }: Pick<ServerConfig, 'publicUrls' | 'host' | 'tlsFiles' | 'insecure'>,
  port: number,
): string {
  const [first] = publicUrls
  if (first !== undefined) return originOf(first).replace(/^ws/, 'http')
  const isHere = host === undefined || ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(host)
  const name = isHere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  const isPlain = tlsFiles === undefined && (isHere || insecure)
  return `${isPlain ? 'http' : 'https'}://${name}:${port}`
}

function hostsOf(host: string | undefined, addresses: readonly string[]): readonly string[] {
  if (host !== undefined && host !== '::' && host !== '0.0.0.0') return [host]
  const usable = addresses.filter(address => host !== '0.0.0.0' || !address.includes(':'))
  const best = [
    ...alternateFamilies(usable.filter(isPublicAddress)),
    ...alternateFamilies(usable.filter(address => !isPublicAddress(address))),
  ]
  return best.length > 0 ? best.slice(0, RECORD_MAX_ENDPOINTS) : ['127.0.0.1']
}
