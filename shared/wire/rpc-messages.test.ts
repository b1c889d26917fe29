import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CborValue } from '../bytes/cbor.ts'
import { encodeCbor } from '../bytes/cbor.ts'
import { concat } from '../bytes/concat.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { fromHex, toHex } from '../bytes/hex.ts'
import { FRAME } from './frame-type.ts'
import { RPC_MAX_HINT_CHARS, RPC_MAX_METHOD_CHARS } from './limits.ts'
import type { RpcPush, RpcRequest, RpcResponse } from './rpc-messages.ts'
import {
  decodePush,
  decodeRequest,
  decodeResponse,
  encodePush,
  encodeRequest,
  encodeResponse,
} from './rpc-messages.ts'

const key = new Uint8Array(32).fill(2)
const REQUEST: RpcRequest = { id: 7, method: 'find', body: new Map([['key', key]]) }
const SUCCESS: RpcResponse = { id: 7, body: new Map([['record', null]]) }
const FAILURE: RpcResponse = { id: 7, error: 'QUOTA', hint: 'slow' }
const PUSH: RpcPush = { method: 'record', body: new Map([['record', Uint8Array.of(1, 1)]]) }

const CASES = [
  {
    name: 'request',
    golden: `20a36269640764626f6479a1636b65795820${'02'.repeat(32)}666d6574686f646466696e64`,
    encoded: encodeRequest(REQUEST),
    value: REQUEST,
    decode: decodeRequest as (frame: Uint8Array) => unknown,
  },
  {
    name: 'response with a body',
    golden: '21a26269640764626f6479a1667265636f7264f6',
    encoded: encodeResponse(SUCCESS),
    value: SUCCESS,
    decode: decodeResponse as (frame: Uint8Array) => unknown,
  },
  {
    name: 'response with an error',
    golden: '21a3626964076468696e7464736c6f77656572726f726551554f5441',
    encoded: encodeResponse(FAILURE),
    value: FAILURE,
    decode: decodeResponse as (frame: Uint8Array) => unknown,
  },
  {
    name: 'push',
    golden: '22a264626f6479a1667265636f7264420101666d6574686f64667265636f7264',
    encoded: encodePush(PUSH),
    value: PUSH,
    decode: decodePush as (frame: Uint8Array) => unknown,
  },
] as const

describe.each(CASES)('$name', ({ golden, encoded, value, decode }) => {
  it('has the golden encoding and decodes from it', () => {
    expect(toHex(encoded)).toBe(golden)
    expect(encoded.length).toBe(golden.length / 2)
    expect(decode(fromHex(golden))).toEqual(value)
  })

  it('fails for every strict prefix, a trailing byte and another type', () => {
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decode(encoded.subarray(0, length))).toThrow(DecodeError)
    }
    expect(() => decode(concat(encoded, Uint8Array.of(0)))).toThrow(DecodeError)
    expect(() => decode(concat(Uint8Array.of(FRAME.hello), encoded.subarray(1)))).toThrow(
      DecodeError,
    )
  })

  it('throws nothing but DecodeError, whatever the bytes', () => {
    const attempt = (frame: Uint8Array) => {
      try {
        decode(frame)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), noise =>
        attempt(concat(encoded.subarray(0, 1), noise)),
      ),
      { seed: 2, numRuns: 300 },
    )
    for (let i = 0; i < encoded.length; i++) {
      const mutated = encoded.slice()
      mutated[i] = (mutated[i] as number) ^ 0x21
      attempt(mutated)
    }
  })
})

describe('rules', () => {
  const frame = (type: number, fields: Record<string, CborValue>) =>
    concat(Uint8Array.of(type), encodeCbor(new Map(Object.entries(fields))))
  const body = new Map()

  it.each([
    ['an id over u32', frame(FRAME.request, { id: 2 ** 32, method: 'find', body })],
    ['a negative id', frame(FRAME.request, { id: -1, method: 'find', body })],
    [
      'a long method',
      frame(FRAME.request, { id: 1, method: 'x'.repeat(RPC_MAX_METHOD_CHARS + 1), body }),
    ],
    ['a body that is no map', frame(FRAME.request, { id: 1, method: 'find', body: [] })],
    ['no body', frame(FRAME.request, { id: 1, method: 'find' })],
  ])('refuses a request with %s', (_, bytes) => {
    expect(() => decodeRequest(bytes)).toThrow(DecodeError)
  })

  it('accepts the highest id and the longest method, known or not', () => {
    const method = 'x'.repeat(RPC_MAX_METHOD_CHARS)
    const request = frame(FRAME.request, { id: 2 ** 32 - 1, method, body })
    expect(decodeRequest(request)).toEqual({ id: 2 ** 32 - 1, method, body })
  })

  it.each([
    ['neither body nor error', frame(FRAME.response, { id: 1 })],
    ['both', frame(FRAME.response, { id: 1, body, error: 'BUSY' })],
    ['an error that is no text', frame(FRAME.response, { id: 1, error: 3 })],
    [
      'a long hint',
      frame(FRAME.response, { id: 1, error: 'BUSY', hint: 'x'.repeat(RPC_MAX_HINT_CHARS + 1) }),
    ],
  ])('refuses a response with %s', (_, bytes) => {
    expect(() => decodeResponse(bytes)).toThrow(DecodeError)
  })

  it('reads the error code of a newer peer as BAD_REQUEST', () => {
    const newer = frame(FRAME.response, { id: 1, error: 'LUNCH_BREAK' })
    expect(decodeResponse(newer)).toEqual({ id: 1, error: 'BAD_REQUEST' })
  })

  it('refuses a push with a long method', () => {
    const push = frame(FRAME.push, { method: 'x'.repeat(RPC_MAX_METHOD_CHARS + 1), body })
    expect(() => decodePush(push)).toThrow(DecodeError)
  })
})
