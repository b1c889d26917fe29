// The floor everything is measured against: a bare `ws` server that forwards each frame to the other
// socket of a pair, or on to the next relay of a chain. No keys, no encryption, no routing.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { resources, settle } from '../resources.ts'
import { serve } from '../worker.ts'

/** `/3/name`: the pair of that name is three relays further on. */
const FURTHER = /^\/([1-9]\d*)\/(.+)$/

let next: number | undefined
const waiting = new Map<string, WebSocket>()
const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 65_536 })

server.on('connection', (socket, request) => {
  const pair = request.url ?? '/'
  const [, relays, name] = FURTHER.exec(pair) ?? []
  if (relays !== undefined) {
    passOn(socket, `/${Number(relays) - 1}/${name}`)
    return
  }
  const other = waiting.get(pair)
  if (other === undefined) {
    waiting.set(pair, socket)
    return
  }
  waiting.delete(pair)
  forward(socket, other)
  forward(other, socket)
})

function passOn(socket: WebSocket, path: string): void {
  const onward = new WebSocket(`ws://127.0.0.1:${next}${path}`, { perMessageDeflate: false })
  socket.pause()
  onward.once('open', () => {
    forward(socket, onward)
    forward(onward, socket)
    socket.resume()
  })
}

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
  /** @param then port of the relay that comes after this one in a chain */
  start: ({ then }: { then?: number }) =>
    new Promise(resolve => {
      next = then
      http.listen(0, '127.0.0.1', () => resolve((http.address() as AddressInfo).port))
    }),
  resources,
  settle,
})
