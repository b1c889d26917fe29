// The host part of an address in its one canonical form, which both ends of a link bind their handshake to:
// as URL parsers write it, so that it equals what a browser puts into the Host header. Pure text; resolves
// nothing. International names are written in their ASCII form (xn--…).

const MAX_HOST_CHARS = 253
const LABEL = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/
const OCTET = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/
/** URL parsers take a host whose last label looks so for an IPv4 address, whatever comes before. */
const NUMBER = /^(?:\d+|0x[0-9a-f]*)$/
const IPV6_GROUPS = 8

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

/** The four octets of a dotted quad without leading zeros. */
function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  const octets = parts.map(Number)
  const isGood = parts.length === 4 && parts.every(part => OCTET.test(part))
  return isGood && octets.every(octet => octet <= 255) ? octets : undefined
}

/** RFC 4291 2.2: eight groups, one run of zeros as `::`, the last two perhaps as a dotted quad. */
function parseIpv6(text: string): number[] | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const isCut = tail !== undefined
  const before = parseGroups(head, !isCut)
  const after = parseGroups(tail ?? '', true)
  if (before === undefined || after === undefined) return undefined
  const zeros = IPV6_GROUPS - before.length - after.length
  if (isCut ? zeros < 1 : zeros !== 0) return undefined
  return [...before, ...new Array<number>(zeros).fill(0), ...after]
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    const octets = mayEndInIpv4 && at === parts.length - 1 ? parseIpv4(part) : undefined
    if (octets !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = octets
      groups.push(a * 256 + b, c * 256 + d)
    } else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
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
