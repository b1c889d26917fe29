// One port for two protocols: the first byte of a connection tells which. A TLS handshake begins with 0x16
// (RFC 8446 5.1), an HTTP request with a letter. Who says nothing is cut. Reads that byte and gives it back.

import type { Socket } from 'node:net'

export type Protocol = 'tls' | 'http'

export interface FirstByteTimes {
  readonly timeoutMs: number
  /** Between two looks for who is late. */
  readonly checkIntervalMs: number
}

const TLS_HANDSHAKE = 0x16

export class FirstBytes {
  readonly #times: FirstByteTimes
  readonly #now: () => number
  readonly #arrived: (socket: Socket, protocol: Protocol) => void
  /** Since when, oldest first. */
  readonly #waiting = new Map<Socket, number>()
  /** One function for all sockets, as in the listener. */
  readonly #onReadable: (this: Socket) => void
  #timer: NodeJS.Timeout | undefined

  /** @param arrived takes the socket over, with nothing read from it */
  constructor(
    times: FirstByteTimes,
    now: () => number,
    arrived: (socket: Socket, protocol: Protocol) => void,
  ) {
    this.#times = times
    this.#now = now
    this.#arrived = arrived
    const onReadable = (socket: Socket): void => this.#look(socket)
    this.#onReadable = function (this: Socket): void {
      onReadable(this)
    }
  }

  /** Waits for what the other side says first. The caller tells by `forget` when the socket has closed. */
  wait(socket: Socket): void {
    this.#waiting.set(socket, this.#now())
    socket.on('error', ignore)
    socket.on('readable', this.#onReadable)
    this.#timer ??= setInterval(() => this.#cutLate(), this.#times.checkIntervalMs).unref()
  }

  forget(socket: Socket): void {
    this.#waiting.delete(socket)
    if (this.#waiting.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  cutAll(): void {
    for (const socket of this.#waiting.keys()) socket.destroy()
  }

  #look(socket: Socket): void {
    const head: Buffer | null = socket.read()
    if (head === null) {
      // It has ended; an HTTP server's sockets stay half open.
      socket.destroy()
      return
    }
    this.forget(socket)
    socket.off('readable', this.#onReadable)
    socket.off('error', ignore)
    socket.unshift(head)
    this.#arrived(socket, head[0] === TLS_HANDSHAKE ? 'tls' : 'http')
  }

  #cutLate(): void {
    const latest = this.#now() - this.#times.timeoutMs
    for (const [socket, since] of this.#waiting) {
      if (since > latest) return
      socket.destroy()
    }
  }
}

/** 'close' follows; without a listener an error would end the process. */
function ignore(): void {}
