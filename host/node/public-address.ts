// Which addresses belong to the public internet, and to which network of it. A server that dials what
// strangers tell it reaches nothing else (docs/THREATS.md 28). By the special-purpose registries of IANA
// (RFC 6890): what is not known to be public is not. Resolves no names.

import { BlockList } from 'node:net'
import type { NetworkName } from '../../shared/node/host.ts'
import { addressClassOf, parseAddress } from './address.ts'

/** This host, private, shared, link-local (and cloud metadata), protocol, test, multicast, reserved. */
const SPECIAL_V4 = subnets('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])
/** Global unicast; the rest of IPv6 is loopback, local, multicast or not given out. */
const GLOBAL_V6 = subnets('ipv6', [['2000::', 3]])
/** Inside it: protocol assignments with Teredo, documentation. */
const SPECIAL_V6 = subnets('ipv6', [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
])
const NAT64_PREFIX = '64:ff9b:0:0:0:0:'
const SIX_TO_FOUR = 0x2002

/** @param address without a port or brackets; a name is not public */
export function isPublicAddress(address: string): boolean {
  const parts = embeddedV4(parseAddress(address))
  if (parts === undefined) return false
  if (parts.length === 4) return !SPECIAL_V4.check(parts.join('.'), 'ipv4')
  const text = textOf(parts)
  return GLOBAL_V6.check(text, 'ipv6') && !SPECIAL_V6.check(text, 'ipv6')
}

/**
 * The network that one owner of many addresses is counted by: IPv4 /24, IPv6 /48. Everything unreadable counts
 * as one network; loopback and private addresses have none.
 */
export function networkOf(address: string | undefined): NetworkName | undefined {
  const addressClass = addressClassOf(address)
  if (addressClass === 'loopback' || addressClass === 'private') return undefined
  const parts = embeddedV4(parseAddress(address))
  if (parts === undefined) return 'unknown'
  if (parts.length === 4) return `${parts.slice(0, 3).join('.')}.0/24`
  return `${textOf(parts.slice(0, 3))}::/48`
}

/** Translators and tunnels carry an IPv4 address inside (RFC 6052, RFC 3056): that is where they lead. */
function embeddedV4(parts: readonly number[] | undefined): readonly number[] | undefined {
  if (parts?.length !== 8) return parts
  if (textOf(parts).startsWith(NAT64_PREFIX)) return v4Of(parts[6], parts[7])
  return parts[0] === SIX_TO_FOUR ? v4Of(parts[1], parts[2]) : parts
}

function v4Of(high = 0, low = 0): readonly number[] {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff]
}

function textOf(groups: readonly number[]): string {
  return groups.map(group => group.toString(16)).join(':')
}

function subnets(
  family: 'ipv4' | 'ipv6',
  all: readonly (readonly [network: string, bits: number])[],
): BlockList {
  const list = new BlockList()
  for (const [network, bits] of all) list.addSubnet(network, bits, family)
  return list
}
