// One UDP socket of one family on the beacon port: joins the group on every interface, and sends out of every
// one. Several nodes of one machine share the port. Whatever fails (no such family, no multicast, an interface
// that went) costs that part only: the LAN is reduced, the node goes on.

import type { RemoteInfo, Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { BEACON_GROUP, BEACON_UDP_PORT } from '../../shared/wire/beacon.ts'
import { LAN_RESEND_MS, LAN_RESENDS } from '../../shared/wire/limits.ts'
import type { LanInterface } from './lan-interfaces.ts'

export type IpFamily = 'v4' | 'v6'

/** One hop: routers pass nothing on. */
const TTL = 1

export class MulticastSocket {
  readonly family: IpFamily
  readonly #socket: Socket
  readonly #port: number
  /** By name, what the system calls the interface. */
  readonly #joined = new Map<string, string>()
  #state: 'binding' | 'open' | 'closed' = 'binding'
  #interfaces: readonly LanInterface[] = []
  #problem: string | undefined
  /** The last datagram while it is not out of every interface. */
  #sending: { readonly bytes: Uint8Array; tries: number } | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(
    family: IpFamily,
    onDatagram: (bytes: Uint8Array, from: RemoteInfo) => void,
    port = BEACON_UDP_PORT,
  ) {
    this.family = family
    this.#port = port
    this.#socket = createSocket(
      family === 'v4'
        ? { type: 'udp4', reuseAddr: true }
        : { type: 'udp6', reuseAddr: true, ipv6Only: true },
    )
    this.#socket.on('error', error => this.#failed(error))
    this.#socket.on('message', onDatagram)
    this.#socket.bind({ port, exclusive: true }, () => this.#bound())
    this.#socket.unref()
  }

  /** Names of the interfaces on which it hears, and what went wrong last. */
  get status(): { readonly interfaces: readonly string[]; readonly problem: string | undefined } {
    return { interfaces: [...this.#joined.keys()], problem: this.#problem }
  }

  setInterfaces(interfaces: readonly LanInterface[]): void {
    this.#interfaces = interfaces
    if (this.#state === 'open') this.#join()
  }

  send(bytes: Uint8Array): void {
    clearTimeout(this.#retry)
    this.#sending = { bytes, tries: 0 }
    if (this.#state === 'open') this.#sendAll()
  }

  close(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#retry)
    this.#joined.clear()
    this.#socket.close()
  }

  #bound(): void {
    if (this.#state !== 'binding') return
    this.#state = 'open'
    this.#try(() => this.#socket.setMulticastTTL(TTL))
    this.#try(() => this.#socket.setMulticastLoopback(true))
    this.#join()
    if (this.#sending !== undefined) this.#sendAll()
  }

  #join(): void {
    const wanted = new Map(this.#interfaces.flatMap(one => this.#named(one)))
    for (const [name, address] of this.#joined) {
      if (wanted.get(name) === address) continue
      this.#joined.delete(name)
      // Gone with its interface, as a rule.
      this.#try(() => this.#socket.dropMembership(BEACON_GROUP[this.family], address))
    }
    for (const [name, address] of wanted) {
      if (this.#joined.has(name)) continue
      const join = () => this.#socket.addMembership(BEACON_GROUP[this.family], address)
      if (this.#try(join)) this.#joined.set(name, address)
    }
  }

  /** IPv4 names an interface by an address of it, IPv6 by its zone. */
  #named({ name, v4, zone }: LanInterface): [name: string, address: string][] {
    const address = this.family === 'v4' ? v4 : zone && `::%${zone}`
    return address === undefined ? [] : [[name, address]]
  }

  #sendAll(): void {
    const sending = this.#sending
    if (sending === undefined) return
    sending.tries += 1
    this.#sendOver([...this.#joined.values()], sending, true)
  }

  /** One after the other: which interface it goes out of is a property of the socket when it goes. */
  #sendOver(
    [next, ...rest]: readonly string[],
    sending: { readonly bytes: Uint8Array; tries: number },
    isFine: boolean,
  ): void {
    if (this.#state !== 'open' || this.#sending !== sending) return
    if (next === undefined) {
      this.#sent(sending, isFine)
      return
    }
    if (!this.#try(() => this.#socket.setMulticastInterface(next))) {
      this.#sendOver(rest, sending, false)
      return
    }
    this.#socket.send(sending.bytes, this.#port, BEACON_GROUP[this.family], error => {
      if (error) this.#problem = error.message
      this.#sendOver(rest, sending, isFine && !error)
    })
  }

  /** An address that is new may not be used yet (RFC 4862 5.4): then the same goes out again a little later. */
  #sent(sending: { readonly tries: number }, isFine: boolean): void {
    if (isFine || sending.tries > LAN_RESENDS) {
      this.#sending = undefined
      return
    }
    this.#retry = setTimeout(() => this.#sendAll(), LAN_RESEND_MS).unref()
  }

  /** @returns whether the system did it */
  #try(work: () => void): boolean {
    try {
      work()
      return true
    } catch (error) {
      this.#problem = (error as Error).message
      return false
    }
  }

  /** Without the port there is nothing to do; later errors are of single datagrams. */
  #failed(error: Error): void {
    this.#problem = error.message
    if (this.#state === 'binding') this.close()
  }
}
