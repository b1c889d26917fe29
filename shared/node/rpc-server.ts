// Answers the requests of neighbours: the table of methods, their rate, and one error for everything
// malformed. The methods themselves are in registry.ts.

import type { CborMap } from '../bytes/cbor.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { Time } from '../machine/machine.ts'
import { TokenBucket } from '../machine/token-bucket.ts'
import { RPC_BURST, RPC_PER_S } from '../wire/limits.ts'
import type { RpcErrorCode, RpcRequest } from '../wire/rpc-messages.ts'
import { decodeRequest, encodeResponse } from '../wire/rpc-messages.ts'
import type { Registry, RegistryAnswer } from './registry.ts'

export class RpcServer {
  readonly #registry: Registry
  /** Made with a link's first request, so that an idle link costs nothing here. */
  readonly #buckets = new Map<LinkId, TokenBucket>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** @returns the response frame, or `undefined` when the request is malformed and the link must go */
  answer(time: Time, link: LinkId, peer: KeyId, frame: Uint8Array): Uint8Array | undefined {
    const request = tryDecode(frame)
    if (request === undefined) return undefined
    const answer = this.#isWithinRate(time, link)
      ? this.#call(time, peer, request)
      : refusal('BUSY', `at most ${RPC_PER_S} requests per second`)
    const { id } = request
    return answer.kind === 'ok'
      ? encodeResponse({ id, body: answer.body })
      : encodeResponse({ id, error: answer.code, hint: answer.hint })
  }

  linkDown(link: LinkId): void {
    this.#buckets.delete(link)
  }

  #call(time: Time, peer: KeyId, request: RpcRequest): RegistryAnswer {
    try {
      return callMethod(this.#registry, time, peer, request.method, request.body)
    } catch (error) {
      if (error instanceof DecodeError) return refusal('BAD_REQUEST', error.message)
      throw error
    }
  }

  #isWithinRate(time: Time, link: LinkId): boolean {
    let bucket = this.#buckets.get(link)
    if (bucket === undefined) {
      bucket = new TokenBucket({ perSecond: RPC_PER_S, burst: RPC_BURST }, time.now)
      this.#buckets.set(link, bucket)
    }
    return bucket.take(time.now)
  }
}

function callMethod(
  registry: Registry,
  time: Time,
  peer: KeyId,
  method: string,
  body: CborMap,
): RegistryAnswer {
  switch (method) {
    case 'publish':
      return registry.publish(time, peer, body)
    case 'find':
      return registry.find(time, body)
    default:
      return refusal('UNKNOWN_METHOD', 'this node does not know that method')
  }
}

function tryDecode(frame: Uint8Array): RpcRequest | undefined {
  try {
    return decodeRequest(frame)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function refusal(code: RpcErrorCode, hint: string): RegistryAnswer {
  return { kind: 'error', code, hint }
}
