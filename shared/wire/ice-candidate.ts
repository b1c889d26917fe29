// ICE candidates as text (RFC 8839 5.1): of which kind one is, which of them, and of the lines of a session description,
// may be told to a peer, and which of a peer's are taken (docs/PROTOCOL.md 9.2). What cannot be read cannot be said to
// be harmless, so it is left out wherever anything is. Resolves nothing and gathers nothing.

import { parseIpv4, parseIpv6 } from './ip-address.ts'
import { isLocalIpv4, isLocalIpv6, isOwnOrGroupIpv4, isOwnOrGroupIpv6 } from './ip-range.ts'

/**
 * `all` looks at nothing. `noLocal` hides addresses of this device inside its networks, as browsers do under mDNS
 * names. `relay` leaves only addresses at relays (TURN).
 */
export type CandidatePolicy = 'all' | 'noLocal' | 'relay'

export type CandidateKind = 'host' | 'srflx' | 'prflx' | 'relay'

interface Candidate {
  readonly kind: CandidateKind
  readonly address: string
  readonly words: readonly string[]
}

/** `local`: leads nowhere outside. `mdns`: a name that says nothing. `name`: one that may lead anywhere. */
type AddressRange = 'local' | 'public' | 'mdns' | 'name'

/** What its first eight words are like; names and values by turns follow. One space between words, as browsers ask. */
const CANDIDATE_WORDS = [
  /^(?:a=)?candidate:[a-z\d+/]{1,32}$/i,
  /^\d{1,3}$/,
  /^[\w-]{1,16}$/,
  /^\d{1,10}$/,
  /^[!-~]{1,253}$/,
  /^\d{1,5}$/,
  /^typ$/i,
  /^(?:host|srflx|prflx|relay)$/i,
] as const
const TRANSPORT_AT = 2
const ADDRESS_AT = 4
const KIND_AT = 7
const WORD = /^[!-~]+$/
/** RFC 8839 and draft-ietf-mmusic-mdns-ice-candidates: one label, else it is a name like others. */
const MDNS_NAME = /^[a-z\d-]{1,63}\.local\.?$/i
const ZONE = /%[\w.~-]{1,32}$/
/** What stands where an address should and none is told (RFC 8829 5.2.1, RFC 8840 4.1). */
const PLACEHOLDERS: ReadonlySet<string> = new Set(['0.0.0.0', '127.0.0.1', '::', '::1'])
/** Origin, connection and RTCP lines. */
const ADDRESS_LINE = /^(?<head>(?:c=|o=.* |a=rtcp:\d+ )IN IP(?<version>[46]) )(?<address>[^ /]+)/i
const DISCARD_PORT = 9

/** @param line as RTCIceCandidate has it, or with `a=` in front @returns `undefined` for what is none, or malformed */
export function candidateKind(line: string): CandidateKind | undefined {
  return parseCandidate(line)?.kind
}

/** Whether a peer may know of it. The empty one, which says that there are no more, may always be told. */
export function isAllowedCandidate(line: string, policy: CandidatePolicy): boolean {
  if (policy === 'all' || line === '') return true
  const candidate = parseCandidate(line)
  return candidate !== undefined && isAllowed(candidate, policy)
}

/** @returns what may be told of it: without the address behind its own, where that is hidden; `undefined`: nothing */
export function filterCandidate(line: string, policy: CandidatePolicy): string | undefined {
  if (policy === 'all' || line === '') return line
  const candidate = parseCandidate(line)
  if (candidate === undefined || !isAllowed(candidate, policy)) return undefined
  return withoutRelated(candidate.words, policy).join(' ')
}

/** A description without the candidates that are not allowed, and without other addresses that the policy hides. */
export function filterSdp(sdp: string, policy: CandidatePolicy): string {
  if (policy === 'all') return sdp
  const kept: string[] = []
  let mediaAt = -1
  let isSessionHidden = false
  for (const line of sdp.split(/\r\n|\r|\n/)) {
    const told = filterLine(line, policy)
    if (told === undefined) continue
    const isMedia = line.startsWith('m=')
    if (isMedia) mediaAt = kept.length
    kept.push(isMedia && isSessionHidden ? withoutPort(told) : told)
    if (!line.startsWith('c=') || told === line) continue
    // A hidden address has no port: else the description would contradict its candidates (RFC 8839 4.2.5).
    const media = kept[mediaAt]
    if (media === undefined) isSessionHidden = true
    else kept[mediaAt] = withoutPort(media)
  }
  return kept.join('\r\n')
}

/**
 * Whether it may be tried, when a peer tells it. What is there gets packets of this device, at the wish of the peer: so
 * nothing of the device itself, no group, no name that somebody would be asked for, and no TCP port. An address of a
 * local network may be: the peer may be in it.
 */
export function isTakenCandidate(line: string): boolean {
  if (line === '') return true
  const candidate = parseCandidate(line)
  if (candidate?.words[TRANSPORT_AT]?.toLowerCase() !== 'udp') return false
  const range = rangeOf(candidate.address)
  return range !== 'name' && !isOfDevice(candidate.address)
}

/** A peer's description without the candidates that are not taken; the same where there are none. */
export function takenSdp(sdp: string): string {
  const lines = sdp.split(/\r\n|\r|\n/)
  const kept = lines.filter(line => !/^a=candidate/i.test(line) || isTakenCandidate(line))
  return kept.length === lines.length ? sdp : kept.join('\r\n')
}

function parseCandidate(line: string): Candidate | undefined {
  const words = line.split(' ')
  const isGood =
    words.length % 2 === 0 &&
    CANDIDATE_WORDS.every((form, at) => form.test(words[at] ?? '')) &&
    words.every(word => WORD.test(word))
  if (!isGood) return undefined
  const kind = words[KIND_AT]?.toLowerCase() as CandidateKind
  return { kind, address: words[ADDRESS_AT] ?? '', words }
}

function isAllowed({ kind, address }: Candidate, policy: 'noLocal' | 'relay'): boolean {
  if (kind === 'relay') return true
  // A server outside has seen it, so it is no secret of the networks inside; one inside is there by the user's wish.
  if (policy === 'noLocal' && kind === 'srflx') return true
  return policy === 'noLocal' && !isHidden(address, policy)
}

/** Without the address behind its own, if that is hidden. */
function withoutRelated(words: readonly string[], policy: 'noLocal' | 'relay'): string[] {
  const nameOf = (at: number): string =>
    at > KIND_AT && at % 2 === 1 ? (words[at - 1] ?? '').toLowerCase() : ''
  const isTold = words.every((word, at) => nameOf(at) !== 'raddr' || !isHidden(word, policy))
  return words.map((word, at) => {
    if (isTold) return word
    if (nameOf(at) === 'raddr') return word.includes(':') ? '::' : '0.0.0.0'
    return nameOf(at) === 'rport' ? '0' : word
  })
}

/** Whether an address must not be told, wherever it stands. */
function isHidden(address: string, policy: 'noLocal' | 'relay'): boolean {
  const range = rangeOf(address)
  return policy === 'relay' || range === 'local' || range === 'name'
}

function rangeOf(address: string): AddressRange {
  const ipv4 = parseIpv4(address)
  if (ipv4 !== undefined) return isLocalIpv4(ipv4) ? 'local' : 'public'
  const ipv6 = parseIpv6(address.replace(ZONE, ''))
  if (ipv6 !== undefined) return isLocalIpv6(ipv6) ? 'local' : 'public'
  return MDNS_NAME.test(address) ? 'mdns' : 'name'
}

function isOfDevice(address: string): boolean {
  const ipv4 = parseIpv4(address)
  if (ipv4 !== undefined) return isOwnOrGroupIpv4(ipv4)
  const ipv6 = parseIpv6(address.replace(ZONE, ''))
  return ipv6 !== undefined && isOwnOrGroupIpv6(ipv6)
}

function filterLine(line: string, policy: 'noLocal' | 'relay'): string | undefined {
  if (/^a=candidate/i.test(line)) return filterCandidate(line, policy)
  // Addresses of the peer, which has them, seen from a network that it does not know.
  if (/^a=remote-candidates/i.test(line)) return undefined
  const { head = '', version, address = '' } = ADDRESS_LINE.exec(line)?.groups ?? {}
  if (head === '' || PLACEHOLDERS.has(address) || !isHidden(address, policy)) return line
  return `${head}${version === '6' ? '::' : '0.0.0.0'}`
}

/** A media section that is refused has port 0, and keeps it. */
function withoutPort(media: string): string {
  return media.replace(/^(m=\S+ )[1-9]\d*/, `$1${DISCARD_PORT}`)
}
