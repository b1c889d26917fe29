// The networks this machine is on: its interfaces without loopback, and whether an address is of one of them.
// What is said on the LAN, or dialed there, stays there. Reads the system's tables, opens nothing.

import { BlockList, isIPv6 } from 'node:net'
import type { NetworkInterfaceInfo } from 'node:os'
import { networkInterfaces } from 'node:os'
import { LAN_MAX_INTERFACES } from '../../shared/wire/limits.ts'

export interface LanInterface {
  readonly name: string
  /** Its first IPv4 address, by which the system knows it for IPv4. */
  readonly v4: string | undefined
  /** By which the system knows it for IPv6, when it has such an address. */
  readonly zone: string | undefined
}

/** An address and, for link-local ones, the interface behind which it is. */
export interface PlainAddress {
  readonly address: string
  readonly zone: string | undefined
}

export type InterfaceTable = NodeJS.Dict<NetworkInterfaceInfo[]>

const LINK_LOCAL = /^fe[89ab][0-9a-f]:/i
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i

export class LanInterfaces {
  readonly all: readonly LanInterface[]
  /** Differs when anything that matters here does. */
  readonly fingerprint: string
  readonly #onLink = new BlockList()

  constructor(table: InterfaceTable) {
    const found: LanInterface[] = []
    const addresses: string[] = []
    for (const [name, infos = []] of Object.entries(table)) {
      const outer = infos.filter(info => !info.internal)
      if (outer.length === 0 || found.length >= LAN_MAX_INTERFACES) continue
      const v4 = outer.find(({ family }) => family === 'IPv4')?.address
      found.push({ name, v4, zone: zoneOf(name, outer) })
      addresses.push(name, ...outer.map(({ address }) => address))
      for (const info of outer) this.#addNetwork(info)
    }
    this.all = found
    this.fingerprint = addresses.join(' ')
  }

  /** Whether the address is on a network that this machine is on; link-local ones always are. */
  isOnLink({ address }: PlainAddress): boolean {
    if (LINK_LOCAL.test(address)) return true
    return this.#onLink.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  }

  #addNetwork({ cidr, family }: NetworkInterfaceInfo): void {
    const [network, bits] = cidr?.split('/') ?? []
    // A mask of nothing would make a neighbour of everybody.
    if (network === undefined || !(Number(bits) > 0)) return
    this.#onLink.addSubnet(network, Number(bits), family === 'IPv6' ? 'ipv6' : 'ipv4')
  }
}

/** A name on Unix, a number on Windows, where only link-local addresses tell it. */
function zoneOf(name: string, infos: readonly NetworkInterfaceInfo[]): string | undefined {
  const v6 = infos.filter(info => info.family === 'IPv6')
  if (process.platform !== 'win32') return v6.length > 0 ? name : undefined
  const number = v6.find(({ scopeid }) => scopeid > 0)?.scopeid
  return number === undefined ? undefined : String(number)
}

/** Those of now; none where the system does not tell. */
export function readInterfaces(): LanInterfaces {
  try {
    return new LanInterfaces(networkInterfaces())
  } catch {
    return new LanInterfaces({})
  }
}

/** As sockets tell addresses: with `%` and the interface, or an IPv4 address in IPv6 clothes. */
export function plainAddress(told: string): PlainAddress {
  const [address = '', zone] = told.replace(MAPPED, '').split('%')
  return { address, zone: LINK_LOCAL.test(address) ? zone : undefined }
}
