// Answers the requests of neighbours: their rate, the table of methods (server-methods.ts), and one error for
// everything malformed. Some answers come later: then the one who has them sends them.

import { DecodeError } from '../../bytes/decode-error.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { Time } from '../../machine/machine.ts'
import type { RpcRequest } from '../../wire/rpc-messages.ts'
import { decodeRequest, encodeResponse } from '../../wire/rpc-messages.ts'
import { RequestRates } from './request-rates.ts'
import type { Caller, MethodAnswer, ServerMethods } from './server-methods.ts'
import { refusal } from './server-methods.ts'

export type RpcOutcome =
  | { readonly kind: 'response'; readonly bytes: Uint8Array }
  | { readonly kind: 'waits' }
  /** The request is malformed, and the link must go. */
  | { readonly kind: 'malformed' }

export class RpcServer {
  readonly #methods: ServerMethods
  readonly #rates = new RequestRates()

  constructor(methods: ServerMethods) {
    this.#methods = methods
  }

  answer(time: Time, caller: Caller, frame: Uint8Array): RpcOutcome {
    const request = tryDecode(() => decodeRequest(frame))
    if (request === undefined) return { kind: 'malformed' }
    const answer = this.#rates.take(time.now, caller, request.method)
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

  #call(time: Time, caller: Caller, request: RpcRequest): MethodAnswer {
    try {
      return this.#methods.call(time, caller, request)
    } catch (error) {
      if (error instanceof DecodeError) return refusal('BAD_REQUEST', error.message)
      throw error
    }
  }
}
