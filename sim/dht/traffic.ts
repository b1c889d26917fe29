// What a simulated registry costs: messages by method, bytes of the frames as they would travel, dials,
// and how often machines were woken. Counted over the whole world; scenarios take differences.

import type { CborMap } from '../../shared/bytes/cbor.ts'
import type { RpcResponse } from '../../shared/wire/rpc-messages.ts'
import { encodeRequest, encodeResponse } from '../../shared/wire/rpc-messages.ts'

export interface TrafficCount {
  /** Requests that were sent, by method. */
  readonly calls: Readonly<Record<string, number>>
  readonly requests: number
  readonly responses: number
  /** Of the frames, without TLS and WebSocket framing; taken from a sample of them. */
  readonly bytes: number
  readonly dials: number
  readonly failedDials: number
  readonly timeouts: number
  readonly wakes: number
}

/** Encoding every message to learn its length would cost more than all else: one of so many is. */
const MESSAGES_PER_SAMPLE = 16

export class Traffic {
  readonly #calls = new Map<string, number>()
  #requests = 0
  #responses = 0
  #bytes = 0
  dials = 0
  failedDials = 0
  timeouts = 0
  wakes = 0

  request(method: string, body: CborMap): void {
    this.#requests += 1
    this.#calls.set(method, (this.#calls.get(method) ?? 0) + 1)
    if (this.#requests % MESSAGES_PER_SAMPLE !== 0) return
    this.#bytes += MESSAGES_PER_SAMPLE * encodeRequest({ id: 1, method, body }).length
  }

  response(body: CborMap | undefined): void {
    this.#responses += 1
    if (this.#responses % MESSAGES_PER_SAMPLE !== 0) return
    const response: RpcResponse =
      body === undefined ? { id: 1, error: 'BAD_REQUEST' } : { id: 1, body }
    this.#bytes += MESSAGES_PER_SAMPLE * encodeResponse(response).length
  }

  count(): TrafficCount {
    return {
      calls: Object.fromEntries([...this.#calls].sort(([a], [b]) => (a < b ? -1 : 1))),
      requests: this.#requests,
      responses: this.#responses,
      bytes: this.#bytes,
      dials: this.dials,
      failedDials: this.failedDials,
      timeouts: this.timeouts,
      wakes: this.wakes,
    }
  }
}

/** What happened between two counts. */
export function trafficSince(before: TrafficCount, after: TrafficCount): TrafficCount {
  const calls = Object.entries(after.calls).map(
    ([method, count]) => [method, count - (before.calls[method] ?? 0)] as const,
  )
  return {
    calls: Object.fromEntries(calls),
    requests: after.requests - before.requests,
    responses: after.responses - before.responses,
    bytes: after.bytes - before.bytes,
    dials: after.dials - before.dials,
    failedDials: after.failedDials - before.failedDials,
    timeouts: after.timeouts - before.timeouts,
    wakes: after.wakes - before.wakes,
  }
}
