// The Node host of a client on the LAN: a door for neighbours, beacons out and in (docs/PROTOCOL.md 12). Also knows
// which of their links have not logged in yet: a login is done when the core sends its WELCOME. Decides nothing.

import type { WebSocket } from 'ws'
import type { LinkId } from '../../shared/link/link-id.ts'
import type { AcceptedChannel } from '../../shared/node/host.ts'
import { FRAME } from '../../shared/wire/frame-type.ts'
import { newLanCertificate } from './lan-certificate.ts'
import { LanListener } from './lan-listener.ts'
import { NodeHost } from './node-host.ts'
import type { UdpBeaconEvents, UdpBeaconOptions } from './udp-beacon.ts'
import { UdpBeacon } from './udp-beacon.ts'

interface OpenLan {
  readonly beacon: UdpBeacon
  readonly listener: LanListener
}

export class LanHost extends NodeHost {
  readonly #logins = new Set<LinkId>()
  #lan: OpenLan | undefined

  /**
   * Call once, between `connect` and `dispose`.
   * @returns the port for the node's beacons; `undefined` where the system lets nobody listen
   */
  async openLan(
    events: UdpBeaconEvents,
    options: UdpBeaconOptions = {},
  ): Promise<number | undefined> {
    const beacon = new UdpBeacon(events, options)
    const listener = new LanListener({
      certificate: newLanCertificate(this.unixMs()),
      now: () => this.now(),
      isOnLink: address => beacon.isOnLink(address),
      waitingLogins: () => this.#logins.size,
      accepted: (socket, channel) => this.#adoptNeighbour(socket, channel),
    })
    this.#lan = { beacon, listener }
    return listener.listen()
  }

  sendBeacon(bytes: Uint8Array): void {
    this.#lan?.beacon.send(bytes)
  }

  override send(link: LinkId, bytes: Uint8Array): 'ok' | 'full' {
    if (bytes[0] === FRAME.welcome) this.#logins.delete(link)
    return super.send(link, bytes)
  }

  override dispose(): void {
    this.#lan?.beacon.close()
    this.#lan?.listener.close()
    this.#lan = undefined
    super.dispose()
  }

  #adoptNeighbour(socket: WebSocket, channel: AcceptedChannel): void {
    const link = this.adopt(socket, channel)
    if (link === undefined) return
    this.#logins.add(link)
    socket.once('close', () => this.#logins.delete(link))
  }
}
