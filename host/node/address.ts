// IP addresses as text: which class they are in, and by what they are counted for limits (IPv4 whole,
// IPv6 by the network that one customer is given). No names, no ports.

import type { AddressClass } from '../../shared/node/host.ts'

/** How an address is counted. `site` is the larger network around an IPv6 one. */
export interface AddressGroup {
  readonly network: string
  readonly site: string | undefined
}

const V4_BYTES = 4
const V6_GROUPS = 8
/** An IPv4 address in IPv6 clothes: ::ffff:0:0/96 (RFC 4291 2.5.5.2). */
const MAPPED = '0:0:0:0:0:ffff:'

export function addressClassOf(address: string | undefined): AddressClass {
  const parts = parseAddress(address)
  if (parts === undefined) return 'unknown'
  return parts.length === V4_BYTES ? v4Class(parts) : v6Class(parts)
}

/** Everything unreadable counts as one. */
export function addressGroupOf(address: string | undefined): AddressGroup {
  const parts = parseAddress(address)
  if (parts === undefined) return { network: 'unknown', site: undefined }
  if (parts.length === V4_BYTES) return { network: parts.join('.'), site: undefined }
  const [a = 0, b = 0, c = 0, d = 0] = parts
  const site = [a, b, c].map(toHex).join(':')
  return { network: `${site}:${toHex(d & 0xff00)}/56`, site: `${site}/48` }
}

/** However they are written. What is no address is the same as nothing. */
export function isSameAddress(one: string | undefined, other: string | undefined): boolean {
  const parts = parseAddress(one)
  return parts !== undefined && parts.join() === parseAddress(other)?.join()
}

/** IPv4 and IPv6 in turn, each in the order given: the first few then hold some of either. */
export function alternateFamilies(addresses: readonly string[]): string[] {
  const v6 = addresses.filter(address => address.includes(':'))
  const v4 = addresses.filter(address => !address.includes(':'))
  const length = Math.max(v4.length, v6.length)
  return Array.from({ length }, (_, at) => [
    ...v4.slice(at, at + 1),
    ...v6.slice(at, at + 1),
  ]).flat()
}

/** @returns 4 bytes or 8 groups of 16 bits; an IPv4-mapped address as IPv4 */
export function parseAddress(address: string | undefined): readonly number[] | undefined {
  if (address === undefined) return undefined
  if (!address.includes(':')) return parseV4(address)
  const groups = parseV6(address.split('%')[0] ?? '')
  if (groups === undefined) return undefined
  if (!`${groups.map(toHex).join(':')}:`.startsWith(MAPPED)) return groups
  const [high = 0, low = 0] = groups.slice(6)
  return [high >> 8, high & 0xff, low >> 8, low & 0xff]
}

function parseV4(text: string): readonly number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const bytes = text.split('.').map(Number)
  return bytes.every(byte => byte <= 255) ? bytes : undefined
}

function parseV6(text: string): readonly number[] | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const front = parseGroups(head)
  const back = tail === undefined ? [] : parseGroups(tail)
  if (front === undefined || back === undefined) return undefined
  const missing = V6_GROUPS - front.length - back.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  return [...front, ...new Array<number>(missing).fill(0), ...back]
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    const v4 = parseV4(part)
    if (v4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = v4
      groups.push((a << 8) | b, (c << 8) | d)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

function v4Class([a = 0, b = 0]: readonly number[]): AddressClass {
  if (a === 127) return 'loopback'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'public'
}

function v6Class(groups: readonly number[]): AddressClass {
  const [first = 0] = groups
  if (groups.slice(0, 7).every(group => group === 0) && groups[7] === 1) return 'loopback'
  const isUniqueLocal = (first & 0xfe00) === 0xfc00
  const isLinkLocal = (first & 0xffc0) === 0xfe80
  return isUniqueLocal || isLinkLocal ? 'private' : 'public'
}

function toHex(group: number): string {
  return group.toString(16)
}
