// One `ws` socket as a link (architecture D3), whichever side opened it. Messages that are sent in one turn
// of the event loop go to the kernel together: a system call costs as much as sealing a small cell.

import type { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import type { WebSocket } from 'ws'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import { CLOSE_CODE, closeReasonOf } from '../../shared/wire/close-code.ts'
import {
  LINK_SOFT_BUFFER_BYTES,
  WS_CLOSE_BASE,
  WS_MAX_MESSAGE_BYTES,
} from '../../shared/wire/limits.ts'
import { plainAddress } from './lan-interfaces.ts'

export interface WsLinkEvents {
  message(bytes: Uint8Array): void
  writable(): void
  lost(reason: CloseReason): void
}

/** Options of every `ws` socket we make; the library's defaults are unsafe (100 MiB messages). */
export const WS_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: WS_MAX_MESSAGE_BYTES,
  maxFragments: 16,
  maxBufferedChunks: 128,
} as const

/** After our close frame the peer has this long to answer before the socket is cut. */
const CLOSE_TIMEOUT_MS = 2_000
/** More than this goes to the kernel at once, so that the other side can begin. */
const GATHER_BYTES = 131_072
const EMPTY = new Uint8Array()

export class WsLink {
  readonly #socket: WebSocket
  #events: WsLinkEvents | undefined
  #isFull = false
  #gathering: Writable | undefined
  #gatheredBytes = 0

  constructor(socket: WebSocket, events: WsLinkEvents) {
    this.#socket = socket
    this.#events = events
    socket.on('message', (data, isBinary) => {
      // Text is not part of the protocol: an empty message makes the core close the link with a code.
      this.#events?.message(isBinary ? (data as Buffer) : EMPTY)
    })
    // 'close' always follows and tells the core; without a listener 'error' would end the process.
    socket.on('error', ignore)
    socket.on('close', code => this.#take()?.lost(lostReasonOf(code)))
  }

  send(bytes: Uint8Array): 'ok' | 'full' {
    if (this.#socket.readyState !== this.#socket.OPEN) return 'ok'
    this.#gather(bytes.length)
    if (this.#isFull || this.#socket.bufferedAmount + bytes.length < LINK_SOFT_BUFFER_BYTES) {
      this.#socket.send(bytes)
      return this.#isFull ? 'full' : 'ok'
    }
    this.#isFull = true
    // Called when everything up to this message has been handed to the kernel.
    this.#socket.send(bytes, () => this.#drained())
    return 'full'
  }

  /** Sends what is buffered, then closes. No event follows. */
  close(reason: CloseReason): void {
    this.#take()
    this.#socket.close(WS_CLOSE_BASE + CLOSE_CODE[reason])
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  /**
   * This machine has those addresses no more: is lost if it goes out from one of them.
   * @returns whether it is
   */
  loseIfFrom(gone: ReadonlySet<string>): boolean {
    const { localAddress } = streamOf(this.#socket) ?? {}
    if (localAddress === undefined || !gone.has(plainAddress(localAddress).address)) return false
    this.#take()?.lost('timeout')
    this.#socket.terminate()
    return true
  }

  /** Holds what is written back until the turn ends, or enough has come together. */
  #gather(length: number): void {
    if (this.#gathering === undefined) {
      this.#gathering = streamOf(this.#socket)
      this.#gathering?.cork()
      process.nextTick(() => this.#flush())
    } else if (this.#gatheredBytes >= GATHER_BYTES) {
      this.#gathering.uncork()
      this.#gathering.cork()
      this.#gatheredBytes = 0
    }
    this.#gatheredBytes += length
  }

  #flush(): void {
    this.#gathering?.uncork()
    this.#gathering = undefined
    this.#gatheredBytes = 0
  }

  #drained(): void {
    this.#isFull = false
    this.#events?.writable()
  }

  #take(): WsLinkEvents | undefined {
    const events = this.#events
    this.#events = undefined
    return events
  }
}

function ignore(): void {}

function lostReasonOf(code: number): CloseReason {
  if (code >= WS_CLOSE_BASE) return closeReasonOf(code - WS_CLOSE_BASE)
  return code === 1009 ? 'tooLarge' : 'normal'
}

/** The library shows its TCP socket to nobody; without it, each message would be a write of its own. */
function streamOf(socket: WebSocket): Socket | undefined {
  return (socket as WebSocket & { readonly _socket?: Socket })._socket
}
