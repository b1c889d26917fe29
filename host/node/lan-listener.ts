// The small door of a client on the LAN (docs/PROTOCOL.md 12): takes `wss` links of neighbours on a free port, and
// nothing else. Every phase has a deadline and a cap, for each address and in all; who is not on a network that
// this machine is on is cut before TLS begins. Knows no keys: a link logs in as every link does.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { canonicalHost } from '../../shared/node/address/host-name.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { AcceptedChannel } from '../../shared/node/host.ts'
import * as limits from '../../shared/wire/limits.ts'
import { addressClassOf } from './address.ts'
import { LanAdmission } from './lan-admission.ts'
import type { LanCertificate } from './lan-certificate.ts'
import type { PlainAddress } from './lan-interfaces.ts'
import { plainAddress } from './lan-interfaces.ts'
import { WS_OPTIONS } from './ws-link.ts'

export interface LanListenerParts {
  readonly certificate: LanCertificate
  readonly now: () => number
  readonly isOnLink: (address: PlainAddress) => boolean
  /** Links that were accepted here and have not logged in. */
  readonly waitingLogins: () => number
  /** A new link. */
  readonly accepted: (socket: WebSocket, channel: AcceptedChannel) => void
}

export class LanListener {
  readonly #parts: LanListenerParts
  readonly #admission = new LanAdmission()
  readonly #server: Server
  readonly #webSockets = new WebSocketServer({
    ...WS_OPTIONS,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => limits.WS_SUBPROTOCOL,
  })
  /** Connections that are not links yet, by who is at the other end. */
  readonly #arriving = new Map<string, Socket>()

  constructor(parts: LanListenerParts) {
    this.#parts = parts
    const { cert, key } = parts.certificate
    this.#server = createServer({
      cert,
      key,
      handshakeTimeout: limits.LAN_ARRIVAL_TIMEOUT_MS,
      headersTimeout: limits.LAN_ARRIVAL_TIMEOUT_MS,
      requestTimeout: limits.LAN_ARRIVAL_TIMEOUT_MS,
      connectionsCheckingInterval: limits.HTTP_CHECK_INTERVAL_MS,
      maxHeaderSize: limits.HTTP_MAX_HEAD_BYTES,
    })
    this.#server.on('connection', (socket: Socket) => this.#onConnection(socket))
    this.#server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(404, { Connection: 'close' }).end()
    })
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#onUpgrade(request, socket as Socket, head)
    })
  }

  /** Over IPv6 and IPv4, as far as there are both. @returns the port; `undefined` without one, or when closed meanwhile */
  listen(): Promise<number | undefined> {
    return new Promise(resolve => {
      this.#server.once('error', () => resolve(undefined))
      this.#server.once('close', () => resolve(undefined))
      this.#server.listen(0, () => {
        resolve((this.#server.address() as AddressInfo).port)
        // From here on of single connections, for which the system had no room.
        this.#server.removeAllListeners('error').on('error', ignore)
      })
    })
  }

  /** Takes nothing new. The links that it took are their owner's to end. */
  close(): void {
    this.#server.close()
    for (const socket of this.#arriving.values()) socket.destroy()
  }

  #onConnection(socket: Socket): void {
    const from = plainAddress(socket.remoteAddress ?? '')
    const unauthenticated = this.#arriving.size + this.#parts.waitingLogins()
    const isWelcome =
      this.#parts.isOnLink(from) &&
      this.#admission.connect(this.#parts.now(), from.address, unauthenticated)
    if (!isWelcome) {
      socket.resetAndDestroy()
      return
    }
    const peer = peerOf(socket)
    this.#arriving.set(peer, socket)
    socket.once('close', () => {
      this.#arriving.delete(peer)
      this.#admission.disconnected(from.address)
    })
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const origin = ownOrigin(socket)
    if (origin === undefined || !isForUs(request)) {
      refuse(socket)
      return
    }
    const channel: AcceptedChannel = {
      origins: [origin],
      certSha256: this.#parts.certificate.certSha256,
      addressClass: addressClassOf(socket.remoteAddress),
    }
    this.#webSockets.handleUpgrade(request, socket, head, webSocket => {
      this.#arriving.delete(peerOf(socket))
      this.#parts.accepted(webSocket, channel)
    })
  }
}

/** Programs send no Origin, and no page has business here. */
function isForUs({ url, headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol']?.split(',').map(name => name.trim())
  const isOurs = url === limits.WS_PATH && offered?.includes(limits.WS_SUBPROTOCOL) === true
  return isOurs && headers.origin === undefined
}

/**
 * The address that was dialed is one of this machine's own: nothing translates addresses on a LAN. What the
 * request calls us does not count, so a login made for another address, and passed on to us, fails.
 */
function ownOrigin({ localAddress, localPort }: Socket): string | undefined {
  const { address } = plainAddress(localAddress ?? '')
  const host = canonicalHost(address.includes(':') ? `[${address}]` : address)
  if (host === undefined || localPort === undefined) return undefined
  return originOf({ scheme: 'wss', host, port: localPort })
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function refuse(socket: Socket): void {
  socket.on('error', ignore)
  socket.once('finish', () => socket.destroy())
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
}

/** 'close' follows; without a listener an error would end the process. */
function ignore(): void {}
