// What goes into a Router and what comes out of it.

import type { CryptoSuite } from '../crypto/suite.ts'
import type { Identity } from '../identity/identity.ts'
import type { KeyId } from '../identity/node-id.ts'
import type { LinkId } from '../link/link-id.ts'
import type { RandomBytes, Time } from '../machine/machine.ts'
import type { BucketRate } from '../machine/token-bucket.ts'
import type { DestroyReason } from '../wire/circuit-cells.ts'
import type { CloseReason } from '../wire/close-code.ts'
import { RELAY_BURST_BYTES, RELAY_BYTES_PER_S, SERVER_LINK_FACTOR } from '../wire/limits.ts'
import type { CircuitId, EndReason } from './circuit.ts'
import type { SetupHop } from './onion-setup.ts'
import type { RelayRole } from './relay-role.ts'

/** Relayed bytes per second and burst for one key, both directions together. */
export interface RelayPolicy {
  readonly client: BucketRate
  readonly server: BucketRate
}

/** Bytes that a node passes on for others in all; a DailyBudget. */
export interface RelayBudget {
  /** @param neighbour who opened the circuit @returns whether these bytes may be passed on */
  spend(time: Time, neighbour: KeyId, bytes: number): boolean
}

export interface Relaying {
  /** `relayRole` of relay-role.ts. */
  readonly role: RelayRole
  readonly policy: RelayPolicy
  /** Left out: as much as the policy allows. */
  readonly budget?: RelayBudget
  /** A client: it takes no more setups than one that does not relay, and what its servers allow it is its own first. */
  readonly isLeaf?: boolean
}

export const DEFAULT_RELAY_POLICY: RelayPolicy = {
  client: { perSecond: RELAY_BYTES_PER_S, burst: RELAY_BURST_BYTES },
  server: {
    perSecond: RELAY_BYTES_PER_S * SERVER_LINK_FACTOR,
    burst: RELAY_BURST_BYTES * SERVER_LINK_FACTOR,
  },
}

export interface RouterConfig {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly identity: Pick<Identity, 'publicKey' | 'keyId'>
  /** `undefined`: this node relays for nobody and is only the ends of circuits. */
  readonly relay: Relaying | undefined
  /** Defaults are the constants of wire/limits.ts named beside. */
  readonly maxCircuits?: number // MAX_CIRCUITS
  readonly maxReplayTags?: number // REPLAY_CACHE_MAX
  readonly maxQueuedBytes?: number // MEMORY_EVICT_BYTES
  readonly maxWaitingSetups?: number // MAX_WAITING_SETUPS
}

/** Which limit a neighbour ran into. */
export type QuotaLimit = 'setupsPerS' | 'circuitsPerLink' | 'waitingSetups' | 'relayBytesPerS'

export type RouterInput =
  | {
      readonly kind: 'linkUp'
      readonly link: LinkId
      readonly peer: KeyId
      /** A server, and proven to be one: we dialed this link, or another to it before. */
      readonly isServer: boolean
      /** We dialed this link. */
      readonly initiator: boolean
    }
  /** The answer to `needLink` where no link comes up; setups for that peer end. */
  | { readonly kind: 'noLink'; readonly peer: KeyId }
  /** Our own dial has reached that peer as a server: all its links, now and later, get a server's allowance. */
  | { readonly kind: 'serverProven'; readonly peer: KeyId }
  | { readonly kind: 'linkDown' | 'linkPause' | 'linkResume'; readonly link: LinkId }
  | { readonly kind: 'cell'; readonly link: LinkId; readonly bytes: Uint8Array }
  | {
      readonly kind: 'open'
      /** From `nextCircuitId`. */
      readonly circuit: CircuitId
      /** 1 to 5, the last is the peer; the first must be a live link. */
      readonly hops: readonly SetupHop[]
      /** ≤ SETUP_DATA_MAX bytes. */
      readonly data: Uint8Array
      readonly large: boolean
      readonly timeoutMs?: number
    }
  /** ≤ ACK_DATA_MAX bytes. */
  | { readonly kind: 'answer'; readonly circuit: CircuitId; readonly data: Uint8Array }
  | {
      readonly kind: 'refuse' | 'destroy'
      readonly circuit: CircuitId
      readonly reason: DestroyReason
    }
  /** Only while `room` is above 0, and no more than `capacity` says. */
  | { readonly kind: 'send'; readonly circuit: CircuitId; readonly data: Uint8Array }
  | { readonly kind: 'timeout' }

export type RouterEffect =
  | { readonly kind: 'transmit'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** A setup ends here: answer or refuse it. */
  | {
      readonly kind: 'incoming'
      readonly circuit: CircuitId
      readonly link: LinkId
      readonly data: Uint8Array
    }
  | {
      readonly kind: 'opened'
      readonly circuit: CircuitId
      readonly data: Uint8Array
      readonly rttMs: number
    }
  | { readonly kind: 'data'; readonly circuit: CircuitId; readonly data: Uint8Array }
  /** `room` grew, or the link takes data again. */
  | { readonly kind: 'room'; readonly circuit: CircuitId }
  /** The last effect of a circuit, exactly one for each `open` and each `incoming`. */
  | {
      readonly kind: 'closed'
      readonly circuit: CircuitId
      readonly reason: EndReason
      readonly side: 'local' | 'remote'
    }
  /**
   * Setups for that peer wait, at most SETUP_WAIT_MS: dial it. Answered by `linkUp`, or by `noLink` as soon as it
   * is known that none will come up. Told once for all that wait together.
   */
  | { readonly kind: 'needLink'; readonly peer: KeyId }
  /** Broke the rules in a way that only this neighbour can have: close the link. At most once a link. */
  | { readonly kind: 'misbehaved'; readonly link: LinkId; readonly reason: CloseReason }
  | {
      readonly kind: 'quota'
      readonly link: LinkId
      readonly limit: QuotaLimit
      /** 0: as soon as one of the circuits ends. */
      readonly retryAfterMs: number
    }
