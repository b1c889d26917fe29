// Clients that do not behave: raw sockets and raw WebSockets, from any loopback address, and a login that
// can be spoiled at each step.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { WebSocket } from 'ws'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { utf8Encode } from '../../shared/bytes/utf8.ts'
import { createIdentity } from '../../shared/identity/identity.ts'
import { wsBinding } from '../../shared/link/binding.ts'
import { Link } from '../../shared/link/link.ts'
import { OPEN_NETWORK_LABEL } from '../../shared/node/config.ts'
import { WS_PATH, WS_SUBPROTOCOL } from '../../shared/wire/limits.ts'
import type { Welcome } from '../../shared/wire/link-messages.ts'
import { decodeWelcome } from '../../shared/wire/link-messages.ts'

const net = nodeSuite.sha256(utf8Encode(OPEN_NETWORK_LABEL)).slice(0, 16)
let seeds = 0

/** A TCP connection; `ended` settles when it is over, however it ends. */
export interface RawSocket {
  readonly socket: Socket
  readonly ended: Promise<void>
  received(): string
}

export function rawConnect(port: number, from = '127.0.0.1'): RawSocket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from })
  let text = ''
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  socket.on('error', () => {})
  const ended = new Promise<void>(resolve => {
    socket.on('close', () => resolve())
  })
  return { socket, ended, received: () => text }
}

export const UPGRADE =
  `GET ${WS_PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n` +
  `Sec-WebSocket-Protocol: ${WS_SUBPROTOCOL}\r\n\r\n`

/** @throws Error of `ws` when the server refuses */
export async function openWebSocket(port: number, from = '127.0.0.1'): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${WS_PATH}`, WS_SUBPROTOCOL, {
    localAddress: from,
    perMessageDeflate: false,
  })
  // 'error' rejects below; later ones only mean that the socket ends.
  await once(socket, 'open')
  socket.on('error', () => {})
  return socket
}

export function closeCodeOf(socket: WebSocket): Promise<number> {
  return new Promise(resolve => {
    socket.once('close', code => resolve(code))
  })
}

/** The initiator of one login, one message at a time. */
export class RawLogin {
  readonly #link: Link
  readonly #startedAt = performance.now()

  constructor(origin: string, seed = nextSeed()) {
    this.#link = new Link(
      {
        suite: nodeSuite,
        random: length => crypto.getRandomValues(new Uint8Array(length)),
        identity: createIdentity(nodeSuite, seed),
        type: 'client',
        net,
        versions: [1],
      },
      { role: 'initiator', binding: wsBinding(nodeSuite, origin) },
      this.#time(),
    )
  }

  hello(): Uint8Array {
    this.#link.handle(this.#time(), { kind: 'opened' })
    return this.#transmitted()
  }

  proof(challenge: Uint8Array): Uint8Array {
    this.#link.handle(this.#time(), { kind: 'message', bytes: challenge })
    return this.#transmitted()
  }

  #transmitted(): Uint8Array {
    const effect = this.#link.poll()
    if (effect?.kind !== 'transmit') throw new Error(`expected a message, got ${effect?.kind}`)
    return effect.bytes
  }

  #time() {
    return { now: performance.now() - this.#startedAt, unixMs: Date.now() }
  }
}

export async function nextMessage(socket: WebSocket): Promise<Uint8Array> {
  const [data] = (await once(socket, 'message')) as [Buffer]
  return new Uint8Array(data)
}

/** Logs in as a good client does. @returns the socket once WELCOME is there */
export async function logIn(port: number, from?: string): Promise<WebSocket> {
  return (await logInWelcomed(port, from)).socket
}

/** What a server tells a client at its login, which ends with it. */
export async function welcomeOf(port: number): Promise<Welcome> {
  const { socket, welcome } = await logInWelcomed(port)
  socket.close()
  return decodeWelcome(welcome)
}

/** A login whose proof is wrong. Resolves when the server has ended it, or has refused the socket. */
export async function failLogIn(port: number, from?: string): Promise<'failed' | 'refused'> {
  let socket: WebSocket
  try {
    socket = await openWebSocket(port, from)
  } catch {
    return 'refused'
  }
  const closed = closeCodeOf(socket)
  const login = new RawLogin(`ws://127.0.0.1:${port}`)
  socket.send(login.hello())
  const proof = login.proof(await nextMessage(socket)).slice()
  proof[proof.length - 1] = (proof.at(-1) ?? 0) ^ 1
  socket.send(proof)
  await closed
  return 'failed'
}

async function logInWelcomed(port: number, from?: string) {
  const socket = await openWebSocket(port, from)
  const login = new RawLogin(`ws://127.0.0.1:${port}`)
  socket.send(login.hello())
  socket.send(login.proof(await nextMessage(socket)))
  return { socket, welcome: await nextMessage(socket) }
}

function nextSeed(): Uint8Array {
  seeds += 1
  return nodeSuite.sha256(utf8Encode(`raw client ${seeds}`))
}
