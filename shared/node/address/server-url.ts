// How a server is written: ws:// or wss:// (http:// and https:// mean the same), a host, a port, and the
// key it must prove after a '#'. Parsed by hand: the core has no URL class. Opens nothing.

import { parseKey } from '../../identity/key-text.ts'
import { MeshError } from '../mesh-error.ts'
import { canonicalHost } from './host-name.ts'

export interface ServerUrl {
  readonly scheme: 'ws' | 'wss'
  /** As `canonicalHost` writes it: lower case, IPv6 in brackets. */
  readonly host: string
  readonly port: number
  /** The server's Ed25519 key, when the address pins it. */
  readonly key?: Uint8Array
  /**
   * The network interface behind which a link-local IPv6 address (fe80::…) is, as this machine names it (RFC 4007).
   * Never leaves the machine: not part of the origin, nor of the text.
   */
  readonly zone?: string
}

const SHAPE = /^(wss?|https?):\/\/(\[[^\]]*\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?(?:#(.+))?$/i
const DEFAULT_PORT = { ws: 80, wss: 443 } as const

/**
 * @param text for example `wss://one.example`, `http://localhost:8080`, `wss://10.0.0.2:8443/#key_…`
 * @throws {MeshError} `USAGE` for text of another form, `INVALID_KEY` for a bad key after the '#'
 */
export function parseServerUrl(text: string): ServerUrl {
  const match = SHAPE.exec(text.trim())
  const host = canonicalHost(match?.[2] ?? '')
  if (match === null || host === undefined) {
    throw new MeshError('USAGE', `'${clip(text)}' is not a server address.`, {
      hint: 'Write it like wss://one.example or ws://localhost:8080.',
    })
  }
  const [, protocol = '', , portText, keyText] = match
  const scheme = /^(wss|https)$/i.test(protocol) ? 'wss' : 'ws'
  const port = portText === undefined ? DEFAULT_PORT[scheme] : Number(portText)
  if (port < 1 || port > 65_535) {
    throw new MeshError('USAGE', `Port ${port} in '${clip(text)}' is out of range.`, {
      hint: 'A port is a number from 1 to 65535.',
    })
  }
  const base = { scheme, host, port } as const
  return keyText === undefined ? base : { ...base, key: parsePin(keyText) }
}

/** For what others say: out of records, and requests. @returns `undefined` for what `parseServerUrl` refuses */
export function tryParseServerUrl(text: string): ServerUrl | undefined {
  try {
    return parseServerUrl(text)
  } catch (error) {
    if (error instanceof MeshError) return undefined
    throw error
  }
}

/** The origin that both ends bind their handshake to: lower case, default port left out. */
export function originOf(url: ServerUrl): string {
  const port = url.port === DEFAULT_PORT[url.scheme] ? '' : `:${url.port}`
  return `${url.scheme}://${url.host}${port}`
}

function parsePin(text: string): Uint8Array {
  try {
    return parseKey(text)
  } catch (cause) {
    throw new MeshError('INVALID_KEY', 'The key after # in the server address is not valid.', {
      cause,
    })
  }
}

/** An address in a message: short, and without a password that was put into it by mistake. */
function clip(text: string): string {
  const shown = text.replace(/\/\/[^/]*@/, '//…@')
  return shown.length <= 80 ? shown : `${shown.slice(0, 80)}…`
}
