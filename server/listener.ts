// The server's door: one port for HTTP with and without TLS, that admits connections, serves the web client and
// hands upgraded sockets over as links. Every phase has a deadline and a cap; what is refused costs little.

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { addressClassOf } from '../host/node/address.ts'
import { networkOf } from '../host/node/public-address.ts'
import { WS_OPTIONS } from '../host/node/ws-link.ts'
import type { AcceptedChannel } from '../shared/node/host.ts'
import { MeshError } from '../shared/node/mesh-error.ts'
import * as limits from '../shared/wire/limits.ts'
import type { Admission, Load } from './admission.ts'
import type { ServerConfig } from './config.ts'
import { needsTlsText, UPGRADE_TO_TLS } from './http-app.ts'
import { OnePort } from './one-port.ts'
import {
  clientAddressOf,
  isEncrypted,
  isForeign,
  isProxyAddress,
  isTooPlain,
  originsOf,
} from './origins.ts'
import type { ServerTls } from './tls.ts'

export interface ListenerParts {
  readonly config: ServerConfig
  readonly tls: ServerTls
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

export class Listener {
  readonly #parts: ListenerParts
  readonly #port: OnePort
  readonly #webSockets = new WebSocketServer({
    ...WS_OPTIONS,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => limits.WS_SUBPROTOCOL,
  })
  /** As the kernel gave them. */
  readonly #sockets = new Set<Socket>()
  /** Those that speak HTTP and are not links, inside TLS where there is TLS. */
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
    const { app, tls, config, now } = parts
    this.#port = new OnePort(app, tls, config.limits, now, {
      connected: socket => this.#onConnection(socket),
      speaking: socket => this.#onPage(socket),
    })
    const { http } = this.#port
    http.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      this.#onRequest(response)
    })
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#onUpgrade(request, socket as Socket, head)
    })
  }

  /** @returns where it listens @throws {MeshError} `IN_USE` for a taken port, `USAGE` for one we may not have */
  listen(): Promise<AddressInfo> {
    const { port, host } = this.#parts.config
    const { http } = this.#port
    return new Promise((resolve, reject) => {
      const onError = (cause: NodeJS.ErrnoException): void => reject(listenError(port, cause))
      http.once('error', onError)
      const options = { port, backlog: BACKLOG, ...(host !== undefined && { host }) }
      http.listen(options, () => {
        http.off('error', onError)
        resolve(http.address() as AddressInfo)
      })
    })
  }

  /** Takes nothing new, lets pages have their answers; resolves when every connection is gone. */
  close(): Promise<void> {
    this.#isClosing = true
    return new Promise(resolve => {
      this.#port.close(resolve)
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
    this.#port.begin(socket)
  }

  #onPage(socket: Socket): void {
    this.#pages.add(socket)
    // One inside TLS is new here.
    if (!this.#sockets.has(socket)) socket.on('close', this.#onClose)
  }

  #closed(socket: Socket): void {
    this.#port.closed(socket)
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
    else if (isTooPlain(request, config)) refuseWithoutTls(request, socket)
    else if (isForeign(request, config)) refuse(socket, '403 Forbidden')
    else if (!offersOurs(request)) refuse(socket, '400 Bad Request')
    else if (!this.#maySpeak(request, socket, address)) this.#putOff(socket)
    else {
      const network = networkOf(address)
      const channel: AcceptedChannel = {
        origins: originsOf(request, config),
        addressClass: addressClassOf(address),
        ...(isEncrypted(request) && { certSha256: tls.certSha256 }),
        ...(network !== undefined && { network }),
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

function refuseWithoutTls(request: IncomingMessage, socket: Socket): void {
  const { status, header } = UPGRADE_TO_TLS
  refuse(socket, `${status} Upgrade Required`, `Upgrade: ${header}\r\n`, needsTlsText(request))
}

function refuse(socket: Socket, status: string, headers = '', text = ''): void {
  // Without a listener an error would end the process.
  socket.on('error', () => {})
  // An HTTP server's sockets stay half open: without this the peer decides when it ends.
  socket.once('finish', () => socket.destroy())
  const length = `Content-Length: ${text.length}\r\n`
  socket.end(`HTTP/1.1 ${status}\r\n${headers}Connection: close\r\n${length}\r\n${text}`)
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
