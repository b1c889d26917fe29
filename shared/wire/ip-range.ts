// Which IP addresses lead nowhere from outside the network that they are in, or to nobody else at all.

/** Unspecified, loopback, multicast and reserved ones: what is there is this device, or more than one. */
export function isOwnOrGroupIpv4([a = 0]: readonly number[]): boolean {
  return a === 0 || a === 127 || a >= 224
}

/** As for IPv4, also where such an address is in one of IPv6; and compatible ones, which nobody has (RFC 4291 2.5.5.1). */
export function isOwnOrGroupIpv6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = groups
  if (a >= 0xff00) return true
  if (a === 0x2002) return isOwnOrGroupIpv4(octetsOf(b, c))
  if (a === 0x64 && b === 0xff9b) return isOwnOrGroupIpv4(octetsOf(groups[6], groups[7]))
  const isWithIpv4 = groups.slice(0, 5).every(group => group === 0)
  return isWithIpv4 && (groups[5] !== 0xffff || isOwnOrGroupIpv4(octetsOf(groups[6], groups[7])))
}

/**
 * Unspecified, loopback, link-local (RFC 3927), private (RFC 1918), shared with the carrier's NAT (RFC 6598), of the
 * device itself (RFC 6333, 7335), multicast and reserved ones.
 */
export function isLocalIpv4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return true
  if (a === 100) return b >= 64 && b <= 127
  if (a === 169) return b === 254
  if (a === 172) return b >= 16 && b <= 31
  return a === 192 && (b === 168 || (b === 0 && c === 0))
}

/**
 * Unspecified, loopback, link-local and site-local (RFC 4291, 3879), unique local (RFC 4193), multicast and those of a
 * NAT64 of its own (RFC 8215); and what holds a local IPv4 address: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
 */
export function isLocalIpv6(groups: readonly number[]): boolean {
  const [a = 0, b = 0, c = 0] = groups
  if ((a & 0xfe00) === 0xfc00 || (a & 0xff80) === 0xfe80 || a >= 0xff00) return true
  if (a === 0x2002) return isLocalIpv4(octetsOf(b, c))
  if (a === 0x64 && b === 0xff9b) return c !== 0 || isLocalIpv4(octetsOf(groups[6], groups[7]))
  const isWithIpv4 = groups.slice(0, 5).every(group => group === 0)
  return isWithIpv4 && (groups[5] !== 0xffff || isLocalIpv4(octetsOf(groups[6], groups[7])))
}

function octetsOf(high = 0, low = 0): number[] {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff]
}
