// Opens a WebSocket to a server. TLS is verified by WebPKI, or by the key in the address: then any
// certificate is taken, and its hash goes into the handshake that the key signs (docs/PROTOCOL.md 3.2).
// TLS sessions are never resumed: a resumed one vouches for the certificate of before, not for today's.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import { createSecureContext, TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { DialedChannel } from '../../shared/node/host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import {
  HTTP_MAX_HEAD_BYTES,
  LINK_AUTH_TIMEOUT_MS,
  WS_PATH,
  WS_SUBPROTOCOL,
} from '../../shared/wire/limits.ts'
import type { DialGuard } from './dial-guard.ts'
import { ADDRESS_BUSY, ADDRESS_REFUSED } from './dial-guard.ts'
import { networkOf } from './public-address.ts'
import { WS_OPTIONS } from './ws-link.ts'
import { connectThrough } from './zoned-connect.ts'

/** Made on first use: who dials no TLS reads no root certificates. */
let context: SecureContext | undefined

export interface WsDialEvents {
  opened(socket: WebSocket, channel: DialedChannel): void
  failed(reason: CloseReason): void
}

/**
 * @param guard judges the address of an untrusted dial; without it any is taken
 * @returns a function that gives up; no event follows it
 */
export function dialWebSocket(url: ServerUrl, events: WsDialEvents, guard?: DialGuard): () => void {
  const refusal = guard?.refusal
  if (refusal !== undefined) {
    // No event before this function has returned.
    const soon = setImmediate(() => events.failed(refusal))
    return () => clearImmediate(soon)
  }
  const socket = new WebSocket(originOf(url) + WS_PATH, WS_SUBPROTOCOL, {
    ...WS_OPTIONS,
    handshakeTimeout: LINK_AUTH_TIMEOUT_MS,
    followRedirects: false,
    maxHeaderSize: HTTP_MAX_HEAD_BYTES,
    rejectUnauthorized: url.key === undefined,
    ...(url.scheme === 'wss' && { secureContext: sharedContext() }),
    ...(guard !== undefined && { lookup: guard.lookup }),
    ...(url.zone !== undefined && {
      createConnection: connectThrough(url.zone, url.scheme === 'wss'),
    }),
    generateMask: noMask,
  })
  let channel: DialedChannel = {}
  let isDone = false
  const settle = (report: () => void): void => {
    if (isDone) return
    isDone = true
    guard?.ended()
    socket.removeAllListeners()
    report()
  }
  const fail = (report: () => void): void =>
    settle(() => {
      // Ending a socket that is still connecting emits an error, which nobody else hears.
      socket.on('error', () => {})
      socket.terminate()
      report()
    })
  socket.on('upgrade', response => {
    channel = channelOf(response)
  })
  socket.on('open', () => settle(() => events.opened(socket, channel)))
  socket.on('unexpected-response', (_request, { statusCode }) => {
    fail(() => events.failed(reasonOfStatus(statusCode ?? 0)))
  })
  socket.on('error', error => fail(() => events.failed(reasonOfError(error))))
  socket.on('close', () => fail(() => events.failed('unreachable')))
  return () => fail(() => {})
}

/**
 * A mask of zeros, which `ws` then skips on both sides. Masking keeps scripts of a web page from choosing the bytes
 * that a proxy sees (RFC 6455 10.3); no such script runs here. One function for all links, as each keeps it: one made
 * by the dial would keep all that the dial knew, 1 KB.
 */
function noMask(mask: Buffer): void {
  mask.fill(0)
}

/** Each connection would make its own, which costs 15 KB for as long as it lasts. Nothing in it differs. */
function sharedContext(): SecureContext {
  context ??= createSecureContext()
  return context
}

/** An HTTP answer instead of a WebSocket. A gateway's error means that the server behind it is away. */
function reasonOfStatus(status: number): CloseReason {
  if (status === 429 || status === 503) return 'busy'
  if (status === 401 || status === 403) return 'refused'
  return status >= 500 ? 'unreachable' : 'protocol'
}

function reasonOfError(error: NodeJS.ErrnoException): CloseReason {
  const code = error.code ?? ''
  if (code === ADDRESS_REFUSED) return 'refused'
  if (code === ADDRESS_BUSY) return 'busy'
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(code)) return 'unauthenticated'
  // What answered speaks no HTTP, or no TLS.
  return /^(HPE_|ERR_SSL_|EPROTO)/.test(code) ? 'protocol' : 'unreachable'
}

function channelOf({ socket }: IncomingMessage): DialedChannel {
  const network = networkOf(socket.remoteAddress)
  const certSha256 = certificateHashOf(socket)
  return {
    ...(certSha256 !== undefined && { certSha256 }),
    ...(network !== undefined && { network }),
  }
}

/** A certificate that WebPKI vouches for adds nothing, and a proxy's would not be the server's own. */
function certificateHashOf(socket: Socket): Uint8Array | undefined {
  if (!(socket instanceof TLSSocket) || socket.authorized) return undefined
  const { raw } = socket.getPeerCertificate()
  return new Uint8Array(createHash('sha256').update(raw).digest())
}
