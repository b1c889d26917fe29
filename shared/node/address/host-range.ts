// How far the host of an address reaches, judged by its text alone: a name counts as public, as it is for
// the host of the node to judge what it resolves to. Expects the form of host-name.ts.

/** `loopback`: this machine. `private`: the networks it is on. */
export type HostRange = 'loopback' | 'private' | 'public'

const LOOPBACK = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/
const PRIVATE_V4 =
  /^(?:0|10|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)\./
/** Unique local, link local and site local ones, the unspecified one, and IPv4 in IPv6. */
const PRIVATE_V6 = /^\[(?:f[cd]..:|fe[89a-f].:|::)/
const PRIVATE_NAME = /\.(?:local|internal|home\.arpa)$/
const IPV4 = /^\d+(?:\.\d+){3}$/

export function hostRange(host: string): HostRange {
  if (LOOPBACK.test(host)) return 'loopback'
  const isPrivate = IPV4.test(host)
    ? PRIVATE_V4.test(host)
    : PRIVATE_V6.test(host) || PRIVATE_NAME.test(host)
  return isPrivate ? 'private' : 'public'
}
