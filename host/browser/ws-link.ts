// One WebSocket as a link (architecture D3). Browsers do not say when a socket's buffer has drained, so
// a full one is looked at every few milliseconds until it has.

import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { originOf } from '../../shared/node/address/server-url.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'
import { CLOSE_CODE, closeReasonOf } from '../../shared/wire/close-code.ts'
import {
  LINK_SOFT_BUFFER_BYTES,
  WS_CLOSE_BASE,
  WS_PATH,
  WS_SUBPROTOCOL,
} from '../../shared/wire/limits.ts'

export interface WsLinkEvents {
  opened(): void
  message(bytes: Uint8Array): void
  writable(): void
  lost(reason: CloseReason): void
}

const DRAIN_POLL_MS = 4

export class WsLink {
  readonly #socket: WebSocket
  #drainTimer: ReturnType<typeof setTimeout> | undefined
  #isOpen = false

  constructor(url: ServerUrl, events: WsLinkEvents) {
    const socket = new WebSocket(originOf(url) + WS_PATH, WS_SUBPROTOCOL)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      this.#isOpen = true
      events.opened()
    }
    socket.onmessage = event => {
      // Text is not part of the protocol: an empty message makes the core close the link with a code.
      const isBinary = event.data instanceof ArrayBuffer
      events.message(isBinary ? new Uint8Array(event.data) : new Uint8Array())
    }
    socket.onclose = event => {
      this.#release()
      events.lost(lostReasonOf(event.code, this.#isOpen))
    }
    this.#socket = socket
    this.#onDrained = () => events.writable()
  }

  readonly #onDrained: () => void

  send(bytes: Uint8Array): 'ok' | 'full' {
    if (this.#socket.readyState !== WebSocket.OPEN) return 'ok'
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>)
    if (this.#socket.bufferedAmount < LINK_SOFT_BUFFER_BYTES) return 'ok'
    this.#drainTimer ??= setTimeout(() => this.#pollDrain(), DRAIN_POLL_MS)
    return 'full'
  }

  /** Sends what is buffered, then closes. No event follows. */
  close(reason: CloseReason): void {
    this.#release()
    this.#socket.close(WS_CLOSE_BASE + CLOSE_CODE[reason])
  }

  #pollDrain(): void {
    this.#drainTimer = undefined
    if (this.#socket.bufferedAmount < LINK_SOFT_BUFFER_BYTES / 2) this.#onDrained()
    else this.#drainTimer = setTimeout(() => this.#pollDrain(), DRAIN_POLL_MS)
  }

  #release(): void {
    clearTimeout(this.#drainTimer)
    this.#drainTimer = undefined
    this.#socket.onopen = null
    this.#socket.onmessage = null
    this.#socket.onclose = null
  }
}

function lostReasonOf(code: number, wasOpen: boolean): CloseReason {
  if (code >= WS_CLOSE_BASE) return closeReasonOf(code - WS_CLOSE_BASE)
  return wasOpen ? 'normal' : 'unreachable'
}
