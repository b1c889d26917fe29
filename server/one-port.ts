// An HTTP server that speaks TLS too, on one port: the first byte of a connection decides, then Node's own
// servers do the rest, each with its deadlines. Admits nobody and answers nothing itself.

import { constants } from 'node:crypto'
import type { RequestListener, Server } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import type { Socket } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import { createServer as createTlsServer } from 'node:tls'
import { HTTP_MAX_HEAD_BYTES } from '../shared/wire/limits.ts'
import type { HttpDeadlines } from './config.ts'
import { FirstBytes } from './first-bytes.ts'
import type { ServerTls } from './tls.ts'

export interface OnePortEvents {
  /** A connection that nothing was read from: for `begin`, or to be ended. */
  connected(socket: Socket): void
  /** HTTP begins on the connection itself, or inside its TLS: then on another socket, with a 'close' of its own. */
  speaking(socket: Socket): void
}

type ServeHttp = (this: Server, socket: Socket) => void

const MAX_HEADERS = 64

export class OnePort {
  /** The one that listens, asks and is asked. */
  readonly http: Server
  /** Shakes hands on the sockets it is given; listens to nothing. */
  readonly #tls: TlsServer
  readonly #firstBytes: FirstBytes

  constructor(
    app: RequestListener,
    { cert, key }: ServerTls,
    { headTimeoutMs, requestTimeoutMs, checkIntervalMs }: HttpDeadlines,
    now: () => number,
    events: OnePortEvents,
  ) {
    const options = {
      headersTimeout: headTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: checkIntervalMs,
      maxHeaderSize: HTTP_MAX_HEAD_BYTES,
    }
    this.http = createHttpServer(options, app)
    this.http.maxHeadersCount = MAX_HEADERS
    // What Node does with a new connection waits until it is known which one it is.
    const serveHttp = this.http.listeners('connection') as ServeHttp[]
    const speak = (socket: Socket): void => {
      events.speaking(socket)
      for (const serve of serveHttp) serve.call(this.http, socket)
    }
    this.http.removeAllListeners('connection')
    this.http.on('connection', (socket: Socket) => events.connected(socket))
    this.#tls = createTlsServer({
      cert,
      key,
      handshakeTimeout: headTimeoutMs,
      ALPNProtocols: ['http/1.1'],
      // Our dialers resume nothing, and the key of the tickets would be as old as the process.
      secureOptions: constants.SSL_OP_NO_TICKET,
    })
    this.#tls.on('secureConnection', speak)
    this.#tls.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy())
    this.#firstBytes = new FirstBytes(
      { timeoutMs: headTimeoutMs, checkIntervalMs },
      now,
      (socket, protocol) => {
        if (protocol === 'http') speak(socket)
        else this.#tls.emit('connection', socket)
      },
    )
  }

  begin(socket: Socket): void {
    this.#firstBytes.wait(socket)
  }

  /** To be told of every connection that has begun. */
  closed(socket: Socket): void {
    this.#firstBytes.forget(socket)
  }

  /** Takes nothing new and cuts who has said nothing; calls back when every connection is gone. */
  close(done: () => void): void {
    this.http.close(() => done())
    this.#firstBytes.cutAll()
  }
}
