// Answers the requests of neighbours: their rate, the table of methods (server-methods.ts), and one error for
// everything malformed. Some answers come later: then the one who has them sends them.

import { DecodeError } from '../../bytes/decode-error.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { Time } from '../../machine/machine.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import { RPC_BURST, RPC_PER_S, RPC_SPREAD_COST, SERVER_RPC_FACTOR } from '../../wire/limits.ts'
import type { RpcRequest } from '../../wire/rpc-messages.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import { tryDecode } from '../try-decode.ts'
import type { Caller, MethodAnswer, ServerMethods } from './server-methods.ts'
import { refusal } from './server-methods.ts'

const CLIENT_RATE = { perSecond: RPC_PER_S, burst: RPC_BURST }
const SERVER_RATE = {
  perSecond: RPC_PER_S * SERVER_RPC_FACTOR,
  burst: RPC_BURST * SERVER_RPC_FACTOR,
}

export type RpcOutcome =
  | { readonly kind: 'response'; readonly bytes: Uint8Array }
  | { readonly kind: 'waits' }
  /** The request is malformed, and the link must go. */
  | { readonly kind: 'malformed' }

export class RpcServer {
  readonly #methods: ServerMethods
  /** Made with a link's first request, so that an idle link costs nothing here. */
  readonly #buckets = new Map<LinkId, TokenBucket>()

  constructor(methods: ServerMethods) {
    this.#methods = methods
  }

  answer(time: Time, caller: Caller, frame: Uint8Array): RpcOutcome {
    const request = tryDecode(() => decodeRequest(frame))
    if (request === undefined) return { kind: 'malformed' }
    const answer = this.#isWithinRate(time, caller, request.method)
      ? this.#call(time, caller, request)
      : refusal('BUSY', 'too many requests per second')
    const { id } = request
    if (answer.kind === 'waits') return answer
    const bytes =
      answer.kind === 'ok'
        ? encodeResponse({ id, body: answer.body })
        : encodeResponse({
            id,
            error: answer.code,
            ...(answer.hint !== undefined && { hint: answer.hint }),
          })
    return { kind: 'response', bytes }
  }

  /** That link is one of a server that we proved: it asks for many. */
  promote(link: LinkId): void {
    this.#buckets.delete(link)
  }

  linkDown(link: LinkId): void {
    this.#buckets.delete(link)
  }

  #call(time: Time, caller: Caller, request: RpcRequest): MethodAnswer {
    try {
      return this.#methods.call(time, caller, request)
    } catch (error) {
      if (error instanceof DecodeError) return refusal('BAD_REQUEST', error.message)
      throw error
    }
  }

  #isWithinRate(time: Time, { link, isProven }: Caller, method: string): boolean {
    let bucket = this.#buckets.get(link)
    if (bucket === undefined) {
      bucket = new TokenBucket(isProven ? SERVER_RATE : CLIENT_RATE, time.now)
      this.#buckets.set(link, bucket)
    }
    return bucket.take(time.now, isSpread(method) ? RPC_SPREAD_COST : 1)
  }
}

/** What is brought to many servers, each time anew. */
function isSpread(method: string): boolean {
  return method === 'publish' || method === 'revoke'
}
