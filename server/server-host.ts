// The Node host of a server: also knows which incoming links have not logged in yet, and tells of logins
// that failed. A login is done when the core sends its WELCOME (docs/PROTOCOL.md 3.1). Decides nothing.

import type { WebSocket } from 'ws'
import type { NodeHostOptions, SmallStore } from '../host/node/node-host.ts'
import { NodeHost } from '../host/node/node-host.ts'
import type { StunOptions, StunStats } from '../host/node/stun-responder.ts'
import { StunResponder } from '../host/node/stun-responder.ts'
import type { UdpBeaconEvents } from '../host/node/udp-beacon.ts'
import { UdpBeacon } from '../host/node/udp-beacon.ts'
import type { LinkId } from '../shared/link/link-id.ts'
import type { AcceptedChannel, HostEvents } from '../shared/node/host.ts'
import type { CloseReason } from '../shared/wire/close-code.ts'
import { FRAME } from '../shared/wire/frame-type.ts'
import { summarize } from '../shared/wire/summary.ts'
import type { Log } from './log.ts'
import { WaitingLogins } from './waiting-logins.ts'

/** The STUN responder, while there is one. */
export interface StunView extends StunStats {
  readonly port: number
}

export class ServerHost extends NodeHost {
  readonly #logins = new WaitingLogins()
  readonly #loginFailed: (address: string | undefined) => void
  /** Set at level `debug` only, so that nothing is rendered in vain. */
  readonly #debugLog: Log | undefined
  #arrivingFrom: string | undefined
  #core: HostEvents | undefined
  #beacon: UdpBeacon | undefined
  #stun: { readonly responder: StunResponder; readonly port: number } | undefined

  constructor(
    store: SmallStore,
    loginFailed: (address: string | undefined) => void,
    log: Log,
    options: NodeHostOptions = {},
  ) {
    super(store, options)
    this.#loginFailed = loginFailed
    this.#debugLog = log.isLevelEnabled('debug') ? log : undefined
  }

  get unauthenticatedLinks(): number {
    return this.#logins.size
  }

  override connect(events: HostEvents): void {
    this.#core = events
    super.connect({
      wake: () => events.wake(),
      linkOpened: (link, channel) => events.linkOpened(link, channel),
      linkAccepted: channel => {
        const link = events.linkAccepted(channel)
        this.#logins.add(link, this.#arrivingFrom)
        return link
      },
      linkMessage: (link, bytes) => {
        this.#debugLog?.debug({ link }, `received ${summarize(bytes)}`)
        events.linkMessage(link, bytes)
      },
      linkWritable: link => events.linkWritable(link),
      linkLost: (link, reason) => {
        this.#debugLog?.debug({ link, reason }, 'lost')
        events.linkLost(link, reason)
        this.#ended(link)
      },
      storageChanged: isWorking => events.storageChanged(isWorking),
    })
  }

  /** From now on beacons go out and come in. */
  openLan(events: UdpBeaconEvents): void {
    this.#beacon = new UdpBeacon(events)
  }

  sendBeacon(bytes: Uint8Array): void {
    this.#beacon?.send(bytes)
  }

  /** From now on who asks by UDP is told its address. @throws the system's error: it is not, then */
  async openStun(options: StunOptions): Promise<void> {
    const responder = new StunResponder(options)
    const port = await responder.open()
    this.#stun = { responder, port }
  }

  get stun(): StunView | undefined {
    const { responder, port } = this.#stun ?? {}
    return responder && port !== undefined ? { port, ...responder.stats } : undefined
  }

  /** The machine may have other addresses than before. */
  addressesChanged(): void {
    this.#stun?.responder.refresh()
  }

  override dispose(): void {
    this.#beacon?.close()
    this.#stun?.responder.close()
    this.#stun = undefined
    super.dispose()
  }

  /** Takes over a socket that somebody at `address` opened to us. */
  adoptFrom(address: string | undefined, socket: WebSocket, channel: AcceptedChannel): void {
    this.#arrivingFrom = address
    this.adopt(socket, channel)
  }

  /** Ends the login of somebody who has more of them than `address`. @returns whether there was one */
  makeRoomFor(address: string | undefined): boolean {
    const link = this.#logins.toGiveUpFor(address)
    if (link === undefined) return false
    this.close(link, 'busy')
    this.#core?.linkLost(link, 'busy')
    return true
  }

  override send(link: LinkId, bytes: Uint8Array): 'ok' | 'full' {
    if (bytes[0] === FRAME.welcome) this.#logins.remove(link)
    this.#debugLog?.debug({ link }, `sent ${summarize(bytes)}`)
    return super.send(link, bytes)
  }

  override close(link: LinkId, reason: CloseReason): void {
    this.#debugLog?.debug({ link, reason }, 'closed')
    super.close(link, reason)
    this.#ended(link)
  }

  #ended(link: LinkId): void {
    const login = this.#logins.remove(link)
    if (login !== undefined) this.#loginFailed(login.address)
  }
}
