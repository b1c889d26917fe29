// Discovery on the LAN (docs/PROTOCOL.md 12): says by beacons that this node is here, and hears who else is.
// A beacon proves who made it, not where it came from: a neighbour's address is a hint, and the login of the
// link that is dialed there (`url` pins the key) is the proof. Answers nobody: what is heard makes at most one
// beacon of ours come sooner. Clocks do not matter: without internet they can be wrong, so a beacon counts when
// it is newer than the last one of its key; an old one replayed costs a dial that fails.

import { equalBytes } from '../../bytes/equal.ts'
import { mapKey } from '../../bytes/map-key.ts'
import { tryDecode } from '../../bytes/try-decode.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import { DeadlineHeap } from '../../machine/deadline-heap.ts'
import { earliest } from '../../machine/earliest.ts'
import { EffectQueue } from '../../machine/effect-queue.ts'
import { LruMap } from '../../machine/lru-map.ts'
import type { Time } from '../../machine/machine.ts'
import type { Beacon, SignedBeacon } from '../../wire/beacon.ts'
import { decodeBeacon, looksLikeBeacon, verifyBeacon } from '../../wire/beacon.ts'
import * as limits from '../../wire/limits.ts'
import type { SignedRecord } from '../../wire/record.ts'
import { decodeRecord } from '../../wire/record.ts'
import { canonicalHost } from '../address/host-name.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { FairBudget } from './fair-budget.ts'
import type { LanAddress, Neighbour, TrueBeacon } from './neighbour.ts'
import { isSameNeighbour, NeighbourEntry } from './neighbour.ts'
import { NeighbourTable } from './neighbour-table.ts'
import type { OwnBeaconsConfig } from './own-beacons.ts'
import { OwnBeacons } from './own-beacons.ts'

export type { Neighbour } from './neighbour.ts'
export type LanConfig = OwnBeaconsConfig

/** One datagram, as the host took it. */
export interface HeardDatagram {
  /** Kept as they are: never written to again. */
  readonly bytes: Uint8Array
  /** Where it came from: an IP address of this LAN (the host drops all others), without brackets or zone. */
  readonly address: string
  /** The interface on which it came, for link-local IPv6 addresses. */
  readonly zone?: string
}

export type LanEffect =
  /** To both multicast groups, on every interface. */
  | { readonly kind: 'sendBeacon'; readonly bytes: Uint8Array }
  /** A new neighbour, or another address, type or record of one. */
  | { readonly kind: 'neighbour'; readonly neighbour: Neighbour }
  | { readonly kind: 'gone'; readonly key: KeyId }

const CHECK_RATES = {
  share: { perSecond: limits.STRANGE_BEACONS_PER_S, burst: limits.STRANGE_BEACONS_BURST },
  firstFew: {
    perSecond: limits.NEWCOMERS_PER_ADDRESS_PER_S,
    burst: limits.NEWCOMERS_PER_ADDRESS_BURST,
  },
}

export class Lan {
  readonly #config: LanConfig
  readonly #own: OwnBeacons
  readonly #neighbours = new NeighbourTable()
  /** When each neighbour will have been silent for too long. */
  #silences = new DeadlineHeap<KeyId>()
  readonly #refused = new LruMap<string, true>(limits.REFUSED_BEACONS_MAX)
  /** Signatures that are checked of whoever is not a neighbour at its address. */
  readonly #checks: FairBudget
  readonly #effects = new EffectQueue<LanEffect>()
  #isListening = false

  constructor(config: LanConfig, time: Time) {
    this.#config = config
    this.#own = new OwnBeacons(config, time)
    this.#checks = new FairBudget(CHECK_RATES, time.now)
  }

  /** @param port on which the host takes `wss` links of neighbours; without one this node only listens */
  start(time: Time, port: number | undefined): void {
    this.#isListening = true
    if (port !== undefined) this.#own.start(time, port)
    this.#speak(time)
  }

  /** Forgets everybody and says nothing more. */
  stop(): void {
    this.#isListening = false
    this.#own.stop()
    this.#neighbours.clear()
    this.#silences = new DeadlineHeap()
    this.#effects.clear()
  }

  /** The host has other interfaces or addresses than before. */
  networkChanged(time: Time): void {
    this.#own.repeat(time)
    this.#speak(time)
  }

  /** The cheap questions first, the signature last. Never throws, whatever the bytes. */
  heard(time: Time, { bytes, address, zone }: HeardDatagram): void {
    if (!this.#isListening || !looksLikeBeacon(bytes)) return
    const host = canonicalHost(address.includes(':') ? `[${address}]` : address)
    const signed = tryDecode(() => decodeBeacon(bytes))
    if (host === undefined || signed === undefined || !this.#concerns(signed.beacon)) return
    const from: LanAddress = { host, zone }
    const known = this.#neighbours.get(keyIdOf(signed.beacon.key))
    if (known === undefined) {
      const mayCheck = () => this.#checks.take(time.now, address)
      if (this.#isTrue(signed, bytes, mayCheck)) this.#met(time, signed, bytes, from)
    } else if (signed.beacon.atMs > known.atMs) {
      // What others pretend must not use up what the neighbour itself may have checked.
      const mayCheck = () =>
        known.isAt(from) ? known.checks.take(time.now) : this.#checks.take(time.now, address)
      if (!this.#isTrue(signed, bytes, mayCheck)) return
      this.#silences.set(known.key, time.now + limits.NEIGHBOUR_GONE_MS)
      this.#change(known, () => known.renewed(time.now, trueBeacon(signed, bytes, from)))
    } else if (known.isCopy(bytes)) {
      this.#change(known, () => known.copied(time.now, from))
    }
  }

  /** A dial of `url` failed: another address of the neighbour comes forward, if it has one. */
  unreachable(key: KeyId, { host, zone }: ServerUrl): void {
    const known = this.#neighbours.get(key)
    if (known !== undefined) this.#change(known, () => known.failed({ host, zone }))
  }

  neighbour(key: KeyId): Neighbour | undefined {
    return this.#neighbours.get(key)?.view()
  }

  neighbours(): Neighbour[] {
    return [...this.#neighbours.values()].map(entry => entry.view())
  }

  timeout(time: Time): void {
    this.#speak(time)
    for (;;) {
      const key = this.#silences.takeExpired(time.now)
      if (key === undefined) return
      this.#forget(key)
    }
  }

  nextTimeout(): number | undefined {
    return earliest(this.#own.nextAt, this.#silences.next())
  }

  poll(): LanEffect | undefined {
    return this.#effects.shift()
  }

  #speak(time: Time): void {
    const bytes = this.#own.take(time)
    if (bytes !== undefined) this.#effects.push({ kind: 'sendBeacon', bytes })
  }

  /** Of our network, and not our own that came back. */
  #concerns({ net, key }: Beacon): boolean {
    const { identity } = this.#config
    return equalBytes(net, this.#config.net) && !equalBytes(key, identity.publicKey)
  }

  /** @param mayCheck asked when a signature is to be checked, which counts */
  #isTrue(signed: SignedBeacon, bytes: Uint8Array, mayCheck: () => boolean): boolean {
    const name = mapKey(bytes)
    if (this.#refused.has(name) || !mayCheck()) return false
    if (verifyBeacon(this.#config.suite, signed)) return true
    this.#refused.set(name, true)
    return false
  }

  #met(time: Time, signed: SignedBeacon, bytes: Uint8Array, from: LanAddress): void {
    const newcomer = new NeighbourEntry(time.now, trueBeacon(signed, bytes, from))
    const pushedOut = this.#neighbours.add(newcomer)
    if (pushedOut !== undefined) this.#forget(pushedOut.key)
    this.#silences.set(newcomer.key, time.now + limits.NEIGHBOUR_GONE_MS)
    this.#effects.push({ kind: 'neighbour', neighbour: newcomer.view() })
    this.#own.soon(time)
  }

  /** Tells of a change, if anybody would see it. */
  #change(entry: NeighbourEntry, change: () => void): void {
    const before = entry.view()
    change()
    const after = entry.view()
    if (!isSameNeighbour(before, after)) this.#effects.push({ kind: 'neighbour', neighbour: after })
  }

  #forget(key: KeyId): void {
    this.#neighbours.delete(key)
    this.#silences.delete(key)
    this.#effects.push({ kind: 'gone', key })
  }
}

function trueBeacon({ beacon }: SignedBeacon, bytes: Uint8Array, from: LanAddress): TrueBeacon {
  return { beacon, record: recordOf(beacon), bytes, from }
}

/** A record of somebody or something else says nothing about the neighbour. */
function recordOf({ record: bytes, key, net, type }: Beacon): SignedRecord | undefined {
  const signed = bytes && tryDecode(() => decodeRecord(bytes))
  if (signed === undefined) return undefined
  const { record } = signed
  const isItsOwn = equalBytes(record.key, key) && equalBytes(record.net, net)
  return isItsOwn && record.type === type ? signed : undefined
}
