// Requests between neighbours (docs/PROTOCOL.md 3.4): REQUEST 0x20 {body, id, method}, RESPONSE 0x21
// {body, id} or {error, hint?, id}, PUSH 0x22 {body, method}. The envelope only: the bodies are
// registry-bodies.ts (a client and its server), route-bodies.ts and dht-bodies.ts (servers), matching answers is
// shared/node.

import type { CborMap } from '../bytes/cbor.ts'
import { getMap, getOptionalText, getText, getUint } from '../bytes/cbor-fields.ts'
import { DecodeError } from '../bytes/decode-error.ts'
import { decodeControlFrame, encodeControlFrame } from './control-frame.ts'
import { FRAME } from './frame-type.ts'
import { RPC_MAX_HINT_CHARS, RPC_MAX_METHOD_CHARS } from './limits.ts'

const MAX_ID = 0xffff_ffff
const MAX_CODE_CHARS = 32

const ERROR_CODES = [
  'BAD_REQUEST',
  'UNKNOWN_METHOD',
  'SEQ_TOO_LOW',
  'SEQ_REUSED',
  'REVOKED',
  'NOT_CLOSE',
  'QUOTA',
  'INVALID_RECORD',
  'BUSY',
] as const

export type RpcErrorCode = (typeof ERROR_CODES)[number]

/** What this version asks and tells; a newer peer may know more. */
export type RpcMethod =
  | 'publish'
  | 'find'
  | 'revoke'
  | 'watch'
  | 'unwatch'
  | 'servers'
  | 'routes'
  | 'relays'
  | DhtMethod
export type PushMethod = 'record' | 'quota' | 'presence'

/** What servers ask one another. */
export type DhtMethod = 'findNode' | 'findRecord' | 'storeRecord' | 'findServices' | 'storeService'

export interface RpcRequest {
  /** u32, unique among the sender's outstanding requests on this link. */
  readonly id: number
  readonly method: string
  readonly body: CborMap
}

export interface RpcSuccess {
  readonly id: number
  readonly body: CborMap
}

export interface RpcFailure {
  readonly id: number
  readonly error: RpcErrorCode
  /** One short sentence for people, at most `RPC_MAX_HINT_CHARS`. */
  readonly hint?: string
}

export type RpcResponse = RpcSuccess | RpcFailure

/** Unasked news, never answered. */
export interface RpcPush {
  readonly method: string
  readonly body: CborMap
}

export function encodeRequest(request: RpcRequest): Uint8Array {
  const { id, method, body } = request
  return encodeControlFrame(FRAME.request, { id, method, body })
}

/** @throws DecodeError */
export function decodeRequest(frame: Uint8Array): RpcRequest {
  const map = decodeControlFrame(FRAME.request, frame)
  return {
    id: getUint(map, 'id', MAX_ID),
    method: getText(map, 'method', RPC_MAX_METHOD_CHARS),
    body: getMap(map, 'body'),
  }
}

export function encodeResponse(response: RpcResponse): Uint8Array {
  const { id } = response
  if ('error' in response) {
    return encodeControlFrame(FRAME.response, { id, error: response.error, hint: response.hint })
  }
  return encodeControlFrame(FRAME.response, { id, body: response.body })
}

/** @throws DecodeError, also for a response that has both a body and an error, or neither. */
export function decodeResponse(frame: Uint8Array): RpcResponse {
  const map = decodeControlFrame(FRAME.response, frame)
  const id = getUint(map, 'id', MAX_ID)
  if (map.has('error') === map.has('body')) {
    throw new DecodeError('response needs either a body or an error')
  }
  if (map.has('body')) return { id, body: getMap(map, 'body') }
  const hint = getOptionalText(map, 'hint', RPC_MAX_HINT_CHARS)
  return {
    id,
    error: readErrorCode(getText(map, 'error', MAX_CODE_CHARS)),
    ...(hint !== undefined && { hint }),
  }
}

export function encodePush(push: RpcPush): Uint8Array {
  const { method, body } = push
  return encodeControlFrame(FRAME.push, { method, body })
}

/** @throws DecodeError */
export function decodePush(frame: Uint8Array): RpcPush {
  const map = decodeControlFrame(FRAME.push, frame)
  return { method: getText(map, 'method', RPC_MAX_METHOD_CHARS), body: getMap(map, 'body') }
}

/** A code that a newer peer invents reads as BAD_REQUEST: the same request would fail the same way. */
function readErrorCode(text: string): RpcErrorCode {
  return ERROR_CODES.find(code => code === text) ?? 'BAD_REQUEST'
}
