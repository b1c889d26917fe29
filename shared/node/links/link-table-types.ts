// What the table of a node's links is told by its host, and what it says to its owner. Types only.

import type { LinkPeer } from '../../link/link.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { CloseReason } from '../../wire/close-code.ts'
import type { FrameType } from '../../wire/frame-type.ts'
import type { Welcome } from '../../wire/link-messages.ts'
import type { ServerUrl } from '../address/server-url.ts'
import type { NetworkName } from '../host.ts'
import type { HostInput } from '../inputs.ts'
import type { RtcOptions } from '../rtc-host.ts'

export type LinkEvent = Exclude<
  Extract<HostInput, { readonly link: LinkId }>,
  { readonly kind: 'rtcSignal' | 'rtcPaired' }
>

export type LinkTableEffect =
  | {
      readonly kind: 'dialLink'
      readonly link: LinkId
      readonly url: ServerUrl
      readonly isUntrusted: boolean
    }
  | { readonly kind: 'openRtc'; readonly link: LinkId; readonly options: RtcOptions }
  | { readonly kind: 'transmit'; readonly link: LinkId; readonly bytes: Uint8Array }
  | { readonly kind: 'closeLink'; readonly link: LinkId; readonly reason: CloseReason }
  | {
      readonly kind: 'open'
      readonly link: LinkId
      readonly peer: LinkPeer
      readonly isInitiator: boolean
      readonly welcome: Welcome | undefined
      readonly network: NetworkName | undefined
    }
  | {
      readonly kind: 'frame'
      readonly link: LinkId
      readonly type: FrameType
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'pause' | 'resume'; readonly link: LinkId }
  | { readonly kind: 'rtt'; readonly link: LinkId; readonly ms: number }
  | {
      readonly kind: 'closed'
      readonly link: LinkId
      readonly reason: CloseReason
      readonly hint: string | undefined
      readonly retryAfterMs: number | undefined
    }
