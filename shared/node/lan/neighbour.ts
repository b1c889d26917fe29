// One node that was heard on the LAN: what its last beacon said, and the addresses that beacons of it came from,
// best first. Anybody can send copies of a beacon from addresses of his own, so an address is a hint that a dial
// proves or refutes (docs/PROTOCOL.md 12).

import { equalBytes } from '../../bytes/equal.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf, publicKeyOf } from '../../identity/node-id.ts'
import { TokenBucket } from '../../machine/token-bucket.ts'
import type { Beacon } from '../../wire/beacon.ts'
import {
  NEIGHBOUR_BEACONS_BURST,
  NEIGHBOUR_BEACONS_PER_S,
  NEIGHBOUR_GONE_MS,
  NEIGHBOUR_MAX_ADDRESSES,
} from '../../wire/limits.ts'
import type { NodeType, SignedRecord } from '../../wire/record.ts'
import type { ServerUrl } from '../address/server-url.ts'

/** What others see of a neighbour. */
export interface Neighbour {
  readonly key: KeyId
  readonly type: NodeType
  /** Where to dial it; pins its key. */
  readonly url: ServerUrl
  /** It names the same key, network and type; what `verifyRecord` says is not known yet. */
  readonly record: SignedRecord | undefined
}

/** Where a datagram came from. */
export interface LanAddress {
  /** As in ServerUrl: canonical, IPv6 in brackets. */
  readonly host: string
  /** The interface, for link-local addresses. */
  readonly zone: string | undefined
}

interface HeardAddress extends LanAddress {
  heardAt: number
  /** Dials of it that failed. */
  failures: number
}

/** A beacon whose signature is right, as it came. */
export interface TrueBeacon {
  readonly beacon: Beacon
  readonly record: SignedRecord | undefined
  readonly bytes: Uint8Array
  readonly from: LanAddress
}

export class NeighbourEntry {
  readonly key: KeyId
  /** Bounds the signatures that are checked of what comes from its addresses. */
  readonly checks: TokenBucket
  #last: TrueBeacon
  #record: SignedRecord | undefined
  #heardAt: number
  #addresses: HeardAddress[] = []

  constructor(now: number, first: TrueBeacon) {
    this.key = keyIdOf(first.beacon.key)
    const rate = { perSecond: NEIGHBOUR_BEACONS_PER_S, burst: NEIGHBOUR_BEACONS_BURST }
    this.checks = new TokenBucket(rate, now)
    this.#last = first
    this.#record = first.record
    this.#heardAt = now
    this.#hearFrom(now, first.from, true)
  }

  /** By its own clock. */
  get atMs(): number {
    return this.#last.beacon.atMs
  }

  get heardAt(): number {
    return this.#heardAt
  }

  /** By which it is counted. */
  get source(): string {
    const [best] = this.#addresses
    return best === undefined ? '' : `${best.host}%${best.zone ?? ''}`
  }

  view(): Neighbour {
    const { type, port } = this.#last.beacon
    const { host, zone } = this.#addresses[0] ?? this.#last.from
    const url: ServerUrl = { scheme: 'wss', host, port, key: publicKeyOf(this.key) }
    const zoned = zone === undefined ? url : { ...url, zone }
    return { key: this.key, type, url: zoned, record: this.#record }
  }

  isAt(address: LanAddress): boolean {
    return this.#find(address) !== undefined
  }

  /** Whether this is its last beacon once more. */
  isCopy(bytes: Uint8Array): boolean {
    return equalBytes(this.#last.bytes, bytes)
  }

  /** Its last beacon came from there too. */
  copied(now: number, from: LanAddress): void {
    this.#hearFrom(now, from, false)
  }

  /** A newer beacon. */
  renewed(now: number, next: TrueBeacon): void {
    // On another port it is another process: what failed before says nothing about it.
    if (next.beacon.port !== this.#last.beacon.port) this.#addresses = []
    this.#last = next
    this.#record = next.record ?? this.#record
    this.#heardAt = now
    this.#addresses = this.#addresses.filter(one => now - one.heardAt < NEIGHBOUR_GONE_MS)
    this.#hearFrom(now, next.from, true)
  }

  /** A dial failed: the next address comes forward, if there is one. */
  failed(address: LanAddress): void {
    const known = this.#find(address)
    if (known === undefined) return
    known.failures += 1
    this.#sort()
  }

  /** Copies take only room that is free or useless; who is first with a new beacon always gets some. */
  #hearFrom(now: number, { host, zone }: LanAddress, isNews: boolean): void {
    const known = this.#find({ host, zone })
    if (known !== undefined) {
      known.heardAt = now
      return
    }
    const fresh = { host, zone, heardAt: now, failures: 0 }
    if (this.#addresses.length >= NEIGHBOUR_MAX_ADDRESSES) {
      const worst = this.#addresses.reduce((a, b) => (isWorse(b, a) ? b : a))
      if (!isNews && worst.failures === 0) return
      this.#addresses.splice(this.#addresses.indexOf(worst), 1)
    }
    this.#addresses.push(fresh)
    this.#sort()
  }

  #find({ host, zone }: LanAddress): HeardAddress | undefined {
    return this.#addresses.find(one => one.host === host && one.zone === zone)
  }

  /** Fewer failures first, then addresses that need no interface named; otherwise as they came. */
  #sort(): void {
    const needsZone = ({ zone }: LanAddress): number => (zone === undefined ? 0 : 1)
    this.#addresses.sort((a, b) => a.failures - b.failures || needsZone(a) - needsZone(b))
  }
}

export function isSameNeighbour(a: Neighbour, b: Neighbour): boolean {
  const [one, two] = [a.url, b.url]
  const isSamePlace = one.host === two.host && one.zone === two.zone && one.port === two.port
  return isSamePlace && a.type === b.type && isSameRecord(a.record, b.record)
}

function isWorse(a: HeardAddress, b: HeardAddress): boolean {
  return a.failures === b.failures ? a.heardAt < b.heardAt : a.failures > b.failures
}

function isSameRecord(a: SignedRecord | undefined, b: SignedRecord | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && equalBytes(a.bytes, b.bytes))
}
