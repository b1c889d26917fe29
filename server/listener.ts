// The server's door: an HTTP or HTTPS server that admits connections, serves the web client and hands
// upgraded sockets over as links. Every phase has a deadline and a cap; what is refused costs little.

import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { WS_OPTIONS } from '../host/node/ws-link.ts'
import type { AcceptedChannel } from '../shared/node/host.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import * as limits from '../shared/wire/limits.ts'
import { addressClassOf } from './address.ts'
import type { Admission, Load } from './admission.ts'
import type { ServerConfig } from './config.ts'
import { clientAddressOf, isForeign, isProxyAddress, originsOf } from './origins.ts'
import type { ServerTls } from './tls.ts'

export interface ListenerParts {
  readonly config: ServerConfig
  readonly tls: ServerTls | undefined
  readonly app: RequestListener
  readonly admission: Admission
  readonly now: () => number
  readonly load: () => Load
  /** Ends a login that waits, if one should make way for `address`. */
  readonly makeRoomFor: (address: string | undefined) => boolean
  /** A new link, opened from `address`. */
  readonly accepted: (
    address: string | undefined,
    socket: WebSocket,
    channel: AcceptedChannel,
  ) => void
  /** For counters: a connection, or a wish for a link, was turned away. */
  readonly refused: () => void
}

/** Connections the kernel keeps until we take them: a reconnect storm comes all at once. */
const BACKLOG = 1_024
const MAX_HEADERS = 64

export class Listener {
  readonly #parts: ListenerParts
  readonly #server: Server
  readonly #webSockets = new WebSocketServer({
    ...WS_OPTIONS,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => limits.WS_SUBPROTOCOL,
  })
  /** As the kernel gave them. */
  readonly #sockets = new Set<Socket>()
  /** Those that are not links, inside TLS where there is TLS. */
  readonly #pages = new Set<Socket>()
  /** By which address admission counts a socket. */
  readonly #counted = new Map<Socket, string>()
  /** One function for all sockets: a closure for each would cost every idle link a few hundred bytes. */
  readonly #onClose: (this: Socket) => void
  /** Requests that are being answered. */
  #answering = 0
  #isClosing = false

  constructor(parts: ListenerParts) {
    this.#parts = parts
    const onClose = (socket: Socket): void => this.#closed(socket)
    this.#onClose = function (this: Socket): void {
      onClose(this)
    }
    const { headTimeoutMs, requestTimeoutMs, checkIntervalMs } = parts.config.limits
    const options = {
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      maxHeaderSize: limits.HTTP_MAX_HEAD_BYTES,
    }
    const { tls } = parts
    this.#server =
      tls === undefined
        ? createHttpServer(options, parts.app)
        : createHttpsServer(
            { ...options, cert: tls.cert, key: tls.key, handshakeTimeout: headTimeoutMs },
            parts.app,
          )
    this.#server.maxHeadersCount = MAX_HEADERS
    this.#server.on('connection', (socket: Socket) => this.#onConnection(socket))
    if (tls !== undefined) {
      this.#server.on('secureConnection', (socket: Socket) => this.#onSecureConnection(socket))
    }
    this.#server.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      this.#onRequest(response)
    })
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#onUpgrade(request, socket as Socket, head)
    })
  }

  /** @returns the port @throws {MeshError} `IN_USE` for a taken port, `USAGE` for one we may not have */
  listen(): Promise<number> {
    const { port, host } = this.#parts.config
    return new Promise((resolve, reject) => {
      const onError = (cause: NodeJS.ErrnoException): void => reject(listenError(port, cause))
      this.#server.once('error', onError)
      const options = { port, backlog: BACKLOG, ...(host !== undefined && { host }) }
      this.#server.listen(options, () => {
        this.#server.off('error', onError)
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** Takes nothing new, lets pages have their answers; resolves when every connection is gone. */
  close(): Promise<void> {
    this.#isClosing = true
    return new Promise(resolve => {
      this.#server.close(() => resolve())
      this.#closePages()
    })
  }

  /** Ends every connection now. */
  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #onConnection(socket: Socket): void {
    const { trustProxy } = this.#parts.config
    const isProxy = trustProxy && isProxyAddress(socket.remoteAddress)
    // A proxy speaks for many: those are told apart, and counted, by what its requests say.
    const isWelcome = isProxy ? this.#hasRoom() : this.#admit(socket, socket.remoteAddress)
    if (!isWelcome) {
      socket.resetAndDestroy()
      return
    }
    this.#sockets.add(socket)
    socket.on('close', this.#onClose)
    if (this.#parts.tls === undefined) this.#pages.add(socket)
  }

  #onSecureConnection(socket: Socket): void {
    this.#pages.add(socket)
    socket.on('close', this.#onClose)
  }

  #closed(socket: Socket): void {
    this.#sockets.delete(socket)
    this.#pages.delete(socket)
    const address = this.#counted.get(socket)
    if (address === undefined) return
    this.#counted.delete(socket)
    this.#parts.admission.disconnected(address)
  }

  #onRequest(response: ServerResponse): void {
    this.#answering += 1
    // A page that takes nothing of its answer; links have deadlines of their own.
    response.setTimeout(limits.LINK_SLOW_TIMEOUT_MS)
    response.on('close', () => {
      this.#answering -= 1
      if (this.#isClosing) this.#closePages()
    })
  }

  /** Browsers open connections in advance: a page that asks nothing must not hold up the end. */
  #closePages(): void {
    if (this.#answering > 0) return
    for (const socket of this.#pages) socket.destroy()
  }

  /** For those that admission does not count. */
  #hasRoom(): boolean {
    const { maxLinks, maxWebConnections } = this.#parts.config.limits
    if (this.#sockets.size < maxLinks + maxWebConnections) return true
    this.#parts.refused()
    return false
  }

  #admit(socket: Socket, address: string | undefined): boolean {
    const { admission } = this.#parts
    const { links } = this.#parts.load()
    if (admission.connect(this.#parts.now(), address, links) !== 'ok') {
      this.#parts.refused()
      return false
    }
    this.#counted.set(socket, address ?? '')
    return true
  }

  #onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { config, tls, accepted } = this.#parts
    const isOurPath = request.url?.split('?')[0] === limits.WS_PATH
    const address = clientAddressOf(request, config)
    if (!isOurPath) refuse(socket, '404 Not Found')
    else if (isForeign(request, config)) refuse(socket, '403 Forbidden')
    else if (!offersOurs(request)) refuse(socket, '400 Bad Request')
    else if (!this.#maySpeak(request, socket, address)) this.#putOff(socket)
    else {
      const channel: AcceptedChannel = {
        origins: originsOf(request, config),
        addressClass: addressClassOf(address),
        ...(tls !== undefined && { certSha256: tls.certSha256 }),
      }
      this.#webSockets.handleUpgrade(request, socket, head, webSocket => {
        this.#pages.delete(socket)
        accepted(address, webSocket, channel)
      })
    }
  }

  #maySpeak(request: IncomingMessage, socket: Socket, address: string | undefined): boolean {
    const isProxied = address !== request.socket.remoteAddress
    if (this.#isClosing || (isProxied && !this.#admit(socket, address))) return false
    const { admission, config, makeRoomFor } = this.#parts
    const verdict = admission.judgeLogin(this.#parts.now(), address, this.#parts.load())
    if (verdict !== 'tooManyUnauthenticated') return verdict === 'ok'
    return config.perAddressLimits && makeRoomFor(address)
  }

  #putOff(socket: Socket): void {
    this.#parts.refused()
    const seconds = Math.ceil(this.#parts.admission.retryAfterMs() / 1000)
    refuse(socket, '503 Service Unavailable', `Retry-After: ${seconds}\r\n`)
  }
}

function offersOurs(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol']
  return offered?.split(',').some(name => name.trim() === limits.WS_SUBPROTOCOL) === true
}

function refuse(socket: Socket, status: string, headers = ''): void {
  // Without a listener an error would end the process.
  socket.on('error', () => {})
  // An HTTP server's sockets stay half open: without this the peer decides when it ends.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`)
}

function listenError(port: number, cause: NodeJS.ErrnoException): MeshError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new MeshError('IN_USE', `Port ${port} is used by another program.`, {
        hint: 'Stop that program, or choose another port with --port.',
        cause,
      })
    case 'EACCES':
      return new MeshError('USAGE', `This user may not listen on port ${port}.`, {
        hint: 'Choose a port from 1024 up with --port.',
        cause,
      })
    default:
      return new MeshError('USAGE', `The server cannot listen there (${cause.code ?? cause}).`, {
        hint: 'Check --host and --port.',
        cause,
      })
  }
}
