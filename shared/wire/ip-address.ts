// IP addresses as text. Resolves nothing, and judges no address: ip-range.ts does. Strict: what two parsers could take
// for two addresses (leading zeros, short forms) is none.

const OCTET = /^(?:0|[1-9]\d{0,2})$/
const GROUP = /^[0-9a-f]{1,4}$/i
const IPV6_GROUPS = 8

/** The four octets of a dotted quad without leading zeros. */
export function parseIpv4(text: string): number[] | undefined {
  const parts = text.split('.')
  const octets = parts.map(Number)
  const isGood = parts.length === 4 && parts.every(part => OCTET.test(part))
  return isGood && octets.every(octet => octet <= 255) ? octets : undefined
}

/** RFC 4291 2.2: eight groups, one run of zeros as `::`, the last two perhaps as a dotted quad. No brackets, no zone. */
export function parseIpv6(text: string): number[] | undefined {
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
