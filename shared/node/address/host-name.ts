// The host part of an address in its one canonical form, which both ends of a link bind their handshake to:
// as URL parsers write it, so that it equals what a browser puts into the Host header. Pure text; resolves
// nothing. International names are written in their ASCII form (xn--…).

import { parseIpv4, parseIpv6 } from '../../wire/ip-address.ts'

const MAX_HOST_CHARS = 253
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
/** URL parsers take a host whose last label looks so for an IPv4 address, whatever comes before. */
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/

/** @returns lower case, IPv6 in brackets and shortened; `undefined` for what is no host */
export function canonicalHost(text: string): string | undefined {
  const host = text.toLowerCase()
  if (host.startsWith('[') && host.endsWith(']')) {
    const groups = parseIpv6(host.slice(1, -1))
    return groups && `[${writeIpv6(groups)}]`
  }
  const labels = host.split('.')
  if (host.length > MAX_HOST_CHARS || !labels.every(label => LABEL.test(label))) return undefined
  const isNumeric = NUMBER.test(labels.at(-1) ?? '')
  return !isNumeric || parseIpv4(host) !== undefined ? host : undefined
}

/** RFC 5952: the longest run of at least two zero groups, the first of equal ones, becomes `::`. */
function writeIpv6(groups: readonly number[]): string {
  const { start, length } = longestZeros(groups)
  const write = (part: readonly number[]): string => part.map(group => group.toString(16)).join(':')
  if (length < 2) return write(groups)
  return `${write(groups.slice(0, start))}::${write(groups.slice(start + length))}`
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  let start = 0
  for (let at = 0; at <= groups.length; at++) {
    if (groups[at] === 0) continue
    if (at - start > longest.length) longest = { start, length: at - start }
    start = at + 1
  }
  return longest
}
