// One of two processes that connect by WebRTC: the answerer listens for sockets to be signaled over, one for
// each connection, and the offerer opens them.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { WebSocket as Socket } from 'ws'
import { WebSocket, WebSocketServer } from 'ws'
import type { Way } from '../bare-way.ts'
import type { WayKind } from '../rtc-ways.ts'
import { openWay } from '../rtc-ways.ts'
import { serve } from '../worker.ts'

interface Opened {
  readonly way: Way
  readonly ms: number
  close(): void
}

let onMessage = (): void => {}
let onWritable = (): void => {}
let done: Promise<number> | undefined

/** @returns the port where offerers are signaled */
async function start(): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (socket, { url }) => {
    const way = over(socket, url === '/link' ? 'link' : 'bare', false, () => {})
    socket.on('close', () => way.close())
  })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function over(socket: Socket, kind: WayKind, isOfferer: boolean, opened: () => void): Way {
  const way = openWay(kind, isOfferer, {
    signal: signal => socket.send(JSON.stringify(signal)),
    opened,
    message: () => onMessage(),
    writable: () => onWritable(),
  })
  socket.on('message', data => way.signal(JSON.parse(String(data))))
  return way
}

async function openOne(port: number, kind: WayKind): Promise<Opened> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${kind}`)
  await once(socket, 'open')
  const start = performance.now()
  let way: Way | undefined
  await new Promise<void>(resolve => {
    way = over(socket, kind, true, resolve)
  })
  const ms = performance.now() - start
  if (way === undefined) throw new Error('not opened')
  const opened = way
  return {
    way: opened,
    ms,
    close() {
      opened.close()
      socket.close()
    },
  }
}

/** @returns milliseconds from the first description to a channel that is open, for each connection */
async function open(args: { port: number; kind: WayKind; count: number }): Promise<number[]> {
  const times: number[] = []
  for (let n = 0; n < args.count; n++) {
    const { ms, close } = await openOne(args.port, args.kind)
    times.push(ms)
    close()
  }
  return times
}

/** From now on; `received` gives the milliseconds from the first message to the last. */
function listen({ count }: { count: number }): void {
  let [seen, start] = [0, 0]
  done = new Promise(resolve => {
    onMessage = () => {
      if (seen++ === 0) start = performance.now()
      if (seen === count) resolve(performance.now() - start)
    }
  })
}

const received = (): Promise<number> | undefined => done

let sending: Opened | undefined

async function send(args: { port: number; kind: WayKind; count: number; bytes: number }) {
  sending?.close()
  sending = await openOne(args.port, args.kind)
  const { way } = sending
  const data = new Uint8Array(args.bytes).fill(1)
  for (let n = 0; n < args.count; n++) {
    if (way.send(data) === 'ok') continue
    await new Promise<void>(resolve => {
      onWritable = resolve
    })
  }
}

serve({ start, open, listen, received, send })
