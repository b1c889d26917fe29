// One line per link message, for debug logs: what it is and how long, with the numbers that help. Never a
// key, an address, a signature or contents (docs/THREATS.md 32). Not a decoder to rely on.

import { DecodeError } from '../bytes/decode-error.ts'
import { decodeCellHeader } from './circuit-cells.ts'
import { closeReasonOf } from './close-code.ts'
import type { FrameType } from './frame-type.ts'
import { FRAME, isCell } from './frame-type.ts'
import {
  decodeChallenge,
  decodeGoodbye,
  decodeHello,
  decodePing,
  decodePong,
  decodeWelcome,
} from './link-messages.ts'
import { decodePush, decodeRequest, decodeResponse } from './rpc-messages.ts'

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(FRAME).map(([name, type]) => [type, name]),
)

// Method names come from the peer: only what looks like one is shown.
const METHOD = /^[A-Za-z0-9.-]+$/

/** For example `ping id=7 5 B`, `goodbye wrongNetwork 41 B`, `cellForward circuit=80000001 1024 B`. Never throws. */
export function summarize(frame: Uint8Array): string {
  const type = frame[0]
  const name = type === undefined ? undefined : NAMES.get(type)
  const size = `${frame.length} B`
  if (type === undefined) return `empty ${size}`
  if (name === undefined) return `unknown type=${type} ${size}`
  const details = describe(type as FrameType, frame)
  return details === '' ? `${name} ${size}` : `${name} ${details} ${size}`
}

function describe(type: FrameType, frame: Uint8Array): string {
  try {
    if (isCell(type)) return `circuit=${decodeCellHeader(frame).circuitId.toString(16)}`
    return describeControl(type, frame)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    return 'malformed'
  }
}

function describeControl(type: FrameType, frame: Uint8Array): string {
  switch (type) {
    case FRAME.hello: {
      const { type: nodeType, versions } = decodeHello(frame)
      return `${nodeType} versions=${versions.join(',')}`
    }
    case FRAME.challenge: {
      const { type: nodeType, version } = decodeChallenge(frame)
      return `${nodeType} version=${version}`
    }
    case FRAME.welcome: {
      const { keepaliveMs, addressClass, sample } = decodeWelcome(frame)
      return `keepaliveMs=${keepaliveMs} address=${addressClass} sample=${sample.length}`
    }
    case FRAME.ping:
      return `id=${decodePing(frame)}`
    case FRAME.pong:
      return `id=${decodePong(frame)}`
    case FRAME.goodbye: {
      const { code, retryAfterMs } = decodeGoodbye(frame)
      const retry = retryAfterMs === undefined ? '' : ` retryAfterMs=${retryAfterMs}`
      return `${closeReasonOf(code)}${retry}`
    }
    case FRAME.request: {
      const { id, method } = decodeRequest(frame)
      return `id=${id} ${methodName(method)}`
    }
    case FRAME.response: {
      const response = decodeResponse(frame)
      return `id=${response.id} ${'error' in response ? response.error : 'ok'}`
    }
    case FRAME.push:
      return methodName(decodePush(frame).method)
    default:
      return ''
  }
}

function methodName(method: string): string {
  return METHOD.test(method) ? method : 'odd-method'
}
