// A bare WebSocket listener on loopback for tests: what a server node offers to `ws`, without a node.

import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Server as NetServer } from 'node:net'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { WS_PATH, WS_SUBPROTOCOL } from '../../../shared/wire/limits.ts'
import { WS_OPTIONS } from '../ws-link.ts'

export interface WsListener {
  readonly port: number
  /** The next socket that somebody opens. */
  accepted(): Promise<WebSocket>
  close(): Promise<void>
}

export async function listenForSockets(
  server: HttpServer | HttpsServer = createServer(),
): Promise<WsListener> {
  const sockets = new WebSocketServer({
    ...WS_OPTIONS,
    server,
    path: WS_PATH,
    handleProtocols: offered => offered.has(WS_SUBPROTOCOL) && WS_SUBPROTOCOL,
  })
  const port = await listening(server)
  return {
    port,
    accepted: async () => {
      const [socket] = await once(sockets, 'connection')
      return socket as WebSocket
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      await closing(server)
    },
  }
}

/** @returns the port, a free one */
export async function listening(server: NetServer): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

export async function closing(server: NetServer | HttpServer): Promise<void> {
  if ('closeAllConnections' in server) server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
