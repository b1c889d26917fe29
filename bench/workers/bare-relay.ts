// The floor everything is measured against: a bare `ws` server that forwards each frame to the other
// socket of a pair. No keys, no encryption, no routing.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import { resources, settle } from '../resources.ts'
import { serve } from '../worker.ts'

const waiting = new Map<string, WebSocket>()
const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 65_536 })

server.on('connection', (socket, request) => {
  const pair = request.url ?? '/'
  const other = waiting.get(pair)
  if (other === undefined) {
    waiting.set(pair, socket)
    return
  }
  waiting.delete(pair)
  forward(socket, other)
  forward(other, socket)
})

function forward(from: WebSocket, to: WebSocket): void {
  from.on('message', (data, isBinary) => {
    to.send(data, { binary: isBinary })
    if (to.bufferedAmount < 1_048_576) return
    from.pause()
    const resume = (): void => {
      if (to.bufferedAmount > 262_144) setTimeout(resume, 1)
      else from.resume()
    }
    setTimeout(resume, 1)
  })
}

serve({
  start: () =>
    new Promise(resolve => {
      http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port))
    }),
  resources,
  settle,
})
