// The boundary between the core and its surroundings (architecture D2). A host owns sockets, the clock,
// randomness and storage; the driver is the only one that talks to it. Implemented by host/browser,
// host/node and sim/, and by nothing else.

import type { LinkId } from '../link/link-id.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { CloseReason } from '../wire/close-code.ts'
import type { AddressClass } from '../wire/link-messages.ts'
import type { ServerUrl } from './address/server-url.ts'
import type { HeardDatagram } from './lan/lan.ts'
import type { DtlsFingerprints, RtcHost } from './rtc-host.ts'

export interface Host {
  /** Monotonic milliseconds; never goes back. */
  now(): number
  /** Wall clock, milliseconds since 1970. */
  unixMs(): number
  readonly randomBytes: RandomBytes
  /** One timer slot: call `HostEvents.wake` at or after `at`; `undefined` clears it. A time not in the future means: in the next macrotask. */
  wakeAt(at: number | undefined): void
  /** Starts to dial. Ends in `linkOpened` or `linkLost`, always. */
  dial(link: LinkId, url: ServerUrl, options: DialOptions): void
  /** Takes the message in any case; `full` asks to stop until `linkWritable`. Harmless after the link was lost. */
  send(link: LinkId, bytes: Uint8Array): 'ok' | 'full'
  /** Flushes what was sent and closes. No event follows for this link. */
  close(link: LinkId, reason: CloseReason): void
  readonly rtc?: RtcHost
  /** To every neighbour on the LAN; left out where there is no such thing. */
  sendBeacon?(bytes: Uint8Array): void
  /** Keeps or (with `undefined`) deletes a small value. A failure comes back as `storageChanged(false)`. */
  save(key: string, value: Uint8Array | undefined): void
}

export interface DialOptions {
  /**
   * Somebody else's word, out of a record: an address that is not public is refused, judged after the name
   * was resolved (threat 28). A browser has no say in that, and keeps pages from private networks itself.
   */
  readonly isUntrusted: boolean
}

/** What a dialer, or either end of a WebRTC connection, knows of the channel it opened, for the binding of the handshake (protocol 3.2). */
export interface DialedChannel {
  /** SHA-256 of the server's certificate, where the host can see it. */
  readonly certSha256?: Uint8Array
  /** Of a WebRTC connection, always and only. */
  readonly rtc?: DtlsFingerprints
  readonly network?: NetworkName
}

/** What a server knows of a channel that was opened to it. */
export interface AcceptedChannel {
  /** Origins by which the server knows itself, `ws://` or `wss://`, lower case, default port left out. */
  readonly origins: readonly string[]
  /** SHA-256 of the certificate this server showed, when it terminates TLS itself. */
  readonly certSha256?: Uint8Array
  readonly addressClass: AddressClass
  readonly network?: NetworkName
}

/**
 * The network of the address at the other end, as it is counted against one owner of many: an IPv4 /24 or an
 * IPv6 /48 as text. Absent for addresses that are not public.
 */
export type NetworkName = string

export type { AddressClass } from '../wire/link-messages.ts'

/** What the driver offers its host. */
export interface HostEvents {
  wake(): void
  linkOpened(link: LinkId, channel: DialedChannel): void
  /** A new incoming channel; the driver names it. */
  linkAccepted(channel: AcceptedChannel): LinkId
  linkMessage(link: LinkId, bytes: Uint8Array): void
  linkWritable(link: LinkId): void
  linkLost(link: LinkId, reason: CloseReason): void
  /** Storage began to fail (disk full, for one) or works again. */
  storageChanged(isWorking: boolean): void
}

/** What it offers a host that is on a LAN (docs/PROTOCOL.md 12). */
export interface LanEvents {
  /** @param port where neighbours may dial us; `undefined` when nowhere */
  lanOpened(port: number | undefined): void
  beaconHeard(datagram: HeardDatagram): void
  /** The machine has other interfaces or addresses than before. */
  lanChanged(): void
}
