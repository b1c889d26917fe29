// Which side of a login a link is on that we began, and what ties the login to its channel (docs/PROTOCOL.md 3.2).
// Pure.

import type { CryptoSuite } from '../../crypto/suite.ts'
import { rtcBinding, wsBinding } from '../../link/binding.ts'
import type { ResponderSteps } from '../../link/handshake-state.ts'
import type { LinkSide } from '../../link/link.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { originOf } from '../address/server-url.ts'
import type { DialedChannel } from '../host.ts'
import type { DtlsFingerprints } from '../rtc-host.ts'

/** A link without a channel as yet. */
export type AwaitedLink =
  | { readonly kind: 'dialing'; readonly url: ServerUrl }
  | {
      readonly kind: 'connecting'
      readonly peer: Uint8Array
      /** The offerer logs in, the other one answers by these steps. */
      readonly steps: ResponderSteps | undefined
    }

/** @returns `undefined` when the host does not say of which connection the channel is */
export function sideOf(
  suite: CryptoSuite,
  link: AwaitedLink,
  channel: DialedChannel,
): LinkSide | undefined {
  if (link.kind === 'dialing') return dialedSide(suite, link.url, channel)
  return channel.rtc && rtcSide(suite, link, channel.rtc)
}

function dialedSide(suite: CryptoSuite, url: ServerUrl, { certSha256 }: DialedChannel): LinkSide {
  const binding = wsBinding(suite, originOf(url), certSha256)
  const expect = url.key
  return expect === undefined
    ? { role: 'initiator', binding }
    : { role: 'initiator', binding, expect }
}

/** Whoever offered is the initiator: so both know which of the two fingerprints comes first. */
function rtcSide(
  suite: CryptoSuite,
  { peer, steps }: Extract<AwaitedLink, { kind: 'connecting' }>,
  { own, peer: theirs }: DtlsFingerprints,
): LinkSide {
  if (steps === undefined) {
    return { role: 'initiator', binding: rtcBinding(suite, own, theirs), expect: peer }
  }
  const bindings = [rtcBinding(suite, theirs, own)]
  return { role: 'responder', steps, bindings, expect: peer, addressClass: 'unknown' }
}
