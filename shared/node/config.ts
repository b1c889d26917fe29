// What a node is told once, when it is made. Plain data and handed-in providers; reads no environment.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { RandomBytes } from '../machine/machine.ts'
import type { PathMode } from '../routes/route.ts'
import type { SeenIds } from '../session/seen-ids.ts'
import type { CandidatePolicy } from '../wire/ice-candidate.ts'
import type { NodeType } from '../wire/record.ts'
import type { ServerUrl } from './address/server-url.ts'
import type { DirectRole } from './direct/direct-role.ts'
import type { Discovery } from './homes/server-discovery.ts'
import type { LanRole } from './lan/lan-role.ts'
import type { ClientRelayRole } from './relay/client-relay-role.ts'
import type { IceServer } from './rtc-host.ts'
import type { ServerRole } from './server/server-role.ts'

/** Network id of the open network: SHA-256 of `keymesh/open/1`, first 16 bytes. */
export const OPEN_NETWORK_LABEL = 'keymesh/open/1'
export const PROTOCOL_VERSIONS = [1] as const

export interface RelayLimits {
  readonly bytesPerS: number
  readonly burstBytes: number
}

export interface ClientRelaying {
  /** `clientRelayRole` of relay/client-relay-role.ts. */
  readonly role: ClientRelayRole
  /** Bytes that it passes on in 24 hours, at least RELAY_BUDGET_MIN_BYTES; about as many come in for them. */
  readonly bytesPerDay: number
}

export interface DirectConnecting {
  /** `directRole` of direct/direct-role.ts. */
  readonly role: DirectRole
  /** Left out: the STUN responders of our servers. */
  readonly iceServers?: readonly IceServer[]
  /** Which of this device's addresses peers may see. */
  readonly candidates: CandidatePolicy
  /** Connections that the host makes in its life. Left out: RTC_MAX_CREATED, as of a page. */
  readonly maxCreated?: number
}

export interface NodeConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  /** 32 bytes; the node keeps its own copy and wipes it when it is closed. */
  readonly seed: Uint8Array
  readonly type: NodeType
  /** On servers, and only there: `serverRole` of server-role.ts. */
  readonly serverRole?: ServerRole
  /** 16 bytes. */
  readonly net: Uint8Array
  readonly servers: readonly ServerUrl[]
  /** Servers only: the addresses others may dial, written into the record. */
  readonly endpoints?: readonly { readonly url: string; readonly cert?: Uint8Array }[]
  /** Servers only: where to find into a network. */
  readonly join?: readonly ServerUrl[]
  /** Servers only: dials others also where they have no TLS, as in a lab. */
  readonly allowsPlainDials?: boolean
  /** Servers only: set on those that carry circuits for others. */
  readonly relay?: RelayLimits
  /** Servers only: the UDP port on which the host answers STUN, if it does. Asked at each login. */
  readonly stunPort?: () => number | undefined
  /** Clients only: set on those that carry circuits for others, over links that they have anyway. */
  readonly clientRelay?: ClientRelaying
  /** Clients only: lets it try servers that its own ones know, while it has too few. */
  readonly discovery?: Discovery
  /** Clients only: set where the host has WebRTC. */
  readonly direct?: DirectConnecting
  /** On nodes that find their neighbours on the LAN: `lanRole` of lan/lan-role.ts. */
  readonly lan?: LanRole
  /** What paths may show to whom, for peers of which nothing else is said. Default: `fast`. */
  readonly mode?: PathMode
  /** And of whom else is said. */
  readonly modes?: Iterable<readonly [peer: KeyId, mode: PathMode]>
  /** Ids of messages of a peer that are not to be shown again; new ones for each peer unless given. */
  readonly seenIds?: (peer: KeyId) => SeenIds
  /** Firewall: whether to let a key open a session with us. */
  readonly acceptPeer?: (publicKey: Uint8Array) => boolean
  /** Values that `save` kept in an earlier life. */
  readonly saved?: Iterable<readonly [key: string, value: Uint8Array]>
}
