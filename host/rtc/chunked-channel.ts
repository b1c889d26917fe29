// One data channel as a way for link messages: in chunks, with back-pressure, and with an end that is said in
// line. Knows nothing of the connection below it.

import type { CloseReason } from '../../shared/wire/close-code.ts'
import { ChunkJoiner, endChunk, sendChunks } from './chunks.ts'

export interface ChunkedChannelEvents {
  opened(): void
  message(bytes: Uint8Array): void
  writable(): void
  /** The other side says that nothing follows, and why. */
  ended(reason: CloseReason): void
  /** It is gone, or the other side broke the rules. */
  broken(reason: CloseReason | undefined): void
}

const LABEL = 'keymesh'
/** More than this waiting is `full`. From 2 MiB on a sender gains nothing, and the memory is the page's. */
const FULL_BYTES = 1_048_576
const WRITABLE_BYTES = FULL_BYTES / 2

/** What the offerer makes. The other side is told of it by the connection. */
export function createChannel(pc: RTCPeerConnection): RTCDataChannel {
  return pc.createDataChannel(LABEL, { ordered: true })
}

/** Whether the other side made the channel that we expect, which keeps all and the order of all. */
export function isLinkChannel(channel: RTCDataChannel): boolean {
  const { label, ordered, maxRetransmits, maxPacketLifeTime } = channel
  return label === LABEL && ordered && maxRetransmits === null && maxPacketLifeTime === null
}

export class ChunkedChannel {
  readonly #channel: RTCDataChannel
  readonly #events: ChunkedChannelEvents
  readonly #joiner = new ChunkJoiner()
  #isFull = false

  constructor(channel: RTCDataChannel, events: ChunkedChannelEvents) {
    this.#channel = channel
    this.#events = events
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = WRITABLE_BYTES
    channel.onopen = () => events.opened()
    channel.onmessage = ({ data }) => this.#received(data)
    channel.onbufferedamountlow = () => this.#drained()
    channel.onclose = () => events.broken(undefined)
    channel.onerror = () => events.broken(undefined)
  }

  get isOpen(): boolean {
    return this.#channel.readyState === 'open'
  }

  send(bytes: Uint8Array): 'ok' | 'full' {
    if (!this.isOpen) return 'ok'
    try {
      sendChunks(bytes, chunk => this.#channel.send(chunk))
    } catch {
      // The buffer is full to its brim, with megabytes that the other side did not take.
      this.#events.broken('tooSlow')
      return 'ok'
    }
    this.#isFull ||= this.#channel.bufferedAmount >= FULL_BYTES
    return this.#isFull ? 'full' : 'ok'
  }

  /** Says the end after all that was sent. Only the other side knows when it has it all. */
  end(reason: CloseReason): void {
    try {
      this.#channel.send(endChunk(reason))
    } catch {
      this.#events.broken(undefined)
    }
  }

  /** No event follows. */
  release(): void {
    const channel = this.#channel
    channel.onopen = null
    channel.onmessage = null
    channel.onbufferedamountlow = null
    channel.onclose = null
    channel.onerror = null
    // An open one is closed with its connection. In Node one that never opened is not, and keeps the process
    // alive; and one that is closed by both ways at once may do so, too.
    if (channel.readyState === 'connecting') channel.close()
  }

  #drained(): void {
    if (!this.#isFull) return
    this.#isFull = false
    this.#events.writable()
  }

  #received(data: unknown): void {
    const chunk = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array()
    const joined = this.#joiner.take(chunk)
    switch (joined.kind) {
      case 'message':
        this.#events.message(joined.bytes)
        return
      case 'end':
        this.#events.ended(joined.reason)
        return
      case 'violation':
        this.#events.broken(joined.reason)
        return
      case 'more':
    }
  }
}
