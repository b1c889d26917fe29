// Beacons on the networks of this machine (docs/PROTOCOL.md 12): sends a node's over IPv4 and IPv6 multicast, and
// hands it what others send, without what is too big, too much, or from elsewhere. Follows the interfaces as they
// come and go. Never fails: where there is no multicast the node is alone, and `status` says why.

import type { RemoteInfo } from 'node:dgram'
import { FairBudget } from '../../shared/node/lan/fair-budget.ts'
import type { HeardDatagram } from '../../shared/node/lan/lan.ts'
import { looksLikeBeacon } from '../../shared/wire/beacon.ts'
import * as limits from '../../shared/wire/limits.ts'
import type { LanInterfaces, PlainAddress } from './lan-interfaces.ts'
import { plainAddress, readInterfaces } from './lan-interfaces.ts'
import type { IpFamily } from './multicast-socket.ts'
import { MulticastSocket } from './multicast-socket.ts'

export interface UdpBeaconEvents {
  heard(datagram: HeardDatagram): void
  /** The machine has other interfaces or addresses than before. */
  networkChanged(): void
}

export interface FamilyStatus {
  readonly family: IpFamily
  /** Where it hears and sends; none: this family finds nobody. */
  readonly interfaces: readonly string[]
  /** What the system said last of what it did not do. */
  readonly problem: string | undefined
}

export interface UdpBeaconOptions {
  /** For tests. */
  readonly readInterfaces?: () => LanInterfaces
  readonly port?: number
}

const RATES = {
  share: { perSecond: limits.BEACONS_PER_S, burst: limits.BEACONS_BURST },
  firstFew: {
    perSecond: limits.BEACONS_PER_ADDRESS_PER_S,
    burst: limits.BEACONS_PER_ADDRESS_BURST,
  },
}

export class UdpBeacon {
  readonly #events: UdpBeaconEvents
  readonly #readInterfaces: () => LanInterfaces
  readonly #flow = new FairBudget(RATES, performance.now())
  readonly #sockets: readonly MulticastSocket[]
  readonly #poll: NodeJS.Timeout
  #interfaces: LanInterfaces
  #isClosed = false

  constructor(events: UdpBeaconEvents, options: UdpBeaconOptions = {}) {
    this.#events = events
    this.#readInterfaces = options.readInterfaces ?? readInterfaces
    this.#interfaces = this.#readInterfaces()
    const onDatagram = (bytes: Uint8Array, from: RemoteInfo) => this.#onDatagram(bytes, from)
    this.#sockets = (['v4', 'v6'] as const).map(
      family => new MulticastSocket(family, onDatagram, options.port),
    )
    this.#setInterfaces()
    this.#poll = setInterval(() => this.#look(), limits.LAN_POLL_MS).unref()
  }

  /** Out of every interface, over both families. */
  send(bytes: Uint8Array): void {
    if (!this.#isClosed) for (const socket of this.#sockets) socket.send(bytes)
  }

  status(): FamilyStatus[] {
    return this.#sockets.map(({ family, status }) => ({ family, ...status }))
  }

  /** Whether the address is of a network that this machine is on. */
  isOnLink(address: PlainAddress): boolean {
    return this.#interfaces.isOnLink(address)
  }

  /** No event follows. */
  close(): void {
    this.#isClosed = true
    clearInterval(this.#poll)
    for (const socket of this.#sockets) socket.close()
  }

  #onDatagram(bytes: Uint8Array, { address: told }: RemoteInfo): void {
    // What costs least to know comes first: a flood must cost no more than the system calls that take it.
    if (this.#isClosed || !looksLikeBeacon(bytes)) return
    const from = plainAddress(told)
    if (!this.#interfaces.isOnLink(from) || !this.#flow.take(performance.now(), told)) return
    const { address, zone } = from
    this.#events.heard({ bytes, address, ...(zone !== undefined && { zone }) })
  }

  #look(): void {
    const interfaces = this.#readInterfaces()
    const hasChanged = interfaces.fingerprint !== this.#interfaces.fingerprint
    this.#interfaces = interfaces
    // Also without a change: what could not be joined before perhaps can now.
    this.#setInterfaces()
    if (hasChanged) this.#events.networkChanged()
  }

  #setInterfaces(): void {
    for (const socket of this.#sockets) socket.setInterfaces(this.#interfaces.all)
  }
}
