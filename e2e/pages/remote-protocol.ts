// What a page and the far end that it steers say to each other (e2e/fixtures/remote-end.ts): one byte for
// the kind, then bytes or JSON.

import type { RtcSignal } from '../../shared/node/rtc-host.ts'
import type { CloseReason } from '../../shared/wire/close-code.ts'

/** Of a WebRTC link, between the two that are to be connected. */
export interface RemoteSignal {
  readonly kind: 'signal'
  readonly signal: RtcSignal
}

export type RemoteCommand =
  | { readonly kind: 'send'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly reason: CloseReason }
  | { readonly kind: 'cut' }
  | RemoteSignal

export type RemoteEvent =
  | { readonly kind: 'ready' }
  | RemoteSignal
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'taken'; readonly count: number }
  | { readonly kind: 'lost'; readonly reason: CloseReason }

const AS_BYTES = ['send', 'message'] as const
const JSON_MARK = 255

export function encodeRemote(item: RemoteCommand | RemoteEvent): Uint8Array<ArrayBuffer> {
  const [mark, body] =
    item.kind === 'send' || item.kind === 'message'
      ? [AS_BYTES.indexOf(item.kind), item.bytes]
      : [JSON_MARK, new TextEncoder().encode(JSON.stringify(item))]
  const encoded = new Uint8Array(1 + body.length)
  encoded[0] = mark
  encoded.set(body, 1)
  return encoded
}

/** The other side is ours, too: what it says is not doubted. */
export function decodeRemote<T extends RemoteCommand | RemoteEvent>(encoded: Uint8Array): T {
  const [mark = JSON_MARK] = encoded
  const body = encoded.slice(1)
  const kind = AS_BYTES[mark]
  return (kind === undefined
    ? JSON.parse(new TextDecoder().decode(body))
    : { kind, bytes: body }) as RemoteCommand | RemoteEvent as T
}
