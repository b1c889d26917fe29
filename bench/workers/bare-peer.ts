// Clients of the bare relay: a sender and a receiver, and idle ones.

import { once } from 'node:events'
import { WebSocket } from 'ws'
import { serve } from '../worker.ts'

const sockets: WebSocket[] = []

async function open(port: number, pair: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${pair}`, { perMessageDeflate: false })
  await once(socket, 'open')
  sockets.push(socket)
  return socket
}

async function echo({ port, pair }: { port: number; pair: string }): Promise<void> {
  const socket = await open(port, pair)
  socket.on('message', data => socket.send(data))
}

/** Two frames there and back over a fresh pair: one to meet, one to echo. */
async function dial({ port, pair }: { port: number; pair: string }): Promise<number> {
  const socket = await open(port, pair)
  const start = performance.now()
  for (let i = 0; i < 2; i++) {
    socket.send(Buffer.alloc(64))
    await once(socket, 'message')
  }
  return performance.now() - start
}

async function roundTrips(args: { port: number; pair: string; count: number; bytes: number }) {
  const socket = await open(args.port, args.pair)
  const data = Buffer.alloc(args.bytes)
  const times: number[] = []
  for (let i = 0; i < args.count; i++) {
    const start = performance.now()
    socket.send(data)
    await new Promise(resolve => socket.once('message', resolve))
    times.push(performance.now() - start)
  }
  return times
}

let done: Promise<number> | undefined

/** Returns once it is connected: what a pair sends before both are there is lost. */
async function listen(args: { port: number; pair: string; count: number }): Promise<void> {
  const socket = await open(args.port, args.pair)
  let [seen, start] = [0, 0]
  done = new Promise(resolve => {
    socket.on('message', () => {
      if (seen++ === 0) start = performance.now()
      if (seen === args.count) resolve(performance.now() - start)
    })
  })
}

/** Milliseconds from the first message to the last. */
const received = (): Promise<number> | undefined => done

async function send(args: { port: number; pair: string; count: number; bytes: number }) {
  const socket = await open(args.port, args.pair)
  const data = Buffer.alloc(args.bytes, 1)
  for (let i = 0; i < args.count; i++) {
    socket.send(data)
    if (socket.bufferedAmount < 1_048_576) continue
    await new Promise<void>(resolve => {
      const look = (): void => {
        if (socket.bufferedAmount < 262_144) resolve()
        else setImmediate(look)
      }
      look()
    })
  }
}

async function idle({ port, count, pingMs }: { port: number; count: number; pingMs: number }) {
  for (let i = 0; i < count; i++) {
    const socket = await open(port, `idle-${sockets.length}`)
    setTimeout(() => setInterval(() => socket.ping(), pingMs), (i / count) * pingMs)
  }
}

serve({ echo, dial, roundTrips, listen, received, send, idle })
