// What we read of session descriptions (RFC 8866): the fingerprint of the DTLS certificate (RFC 8122), whether they are
// for data alone, and which lines are candidates. Pure.

import { fromHex } from '../../shared/bytes/hex.ts'

const FINGERPRINT = /^a=fingerprint:(\S+) (\S+)$/i
const SHA_256 = /^[0-9a-f]{2}(?::[0-9a-f]{2}){31}$/i
const CANDIDATE = /^a=(?:candidate|end-of-candidates|remote-candidates)/i

/**
 * SHA-256 of the certificate that this description binds its side to.
 * @returns `undefined` unless it names exactly one, by SHA-256 and by nothing else: what is signed in a login
 *   must be all that the connection may be made with
 */
export function fingerprintOf(sdp: string): Uint8Array | undefined {
  const found = new Set<string>()
  for (const line of linesOf(sdp)) {
    if (!/^a=fingerprint/i.test(line)) continue
    const [, hash = '', value = ''] = FINGERPRINT.exec(line) ?? []
    if (hash.toLowerCase() !== 'sha-256' || !SHA_256.test(value)) return undefined
    found.add(value.toLowerCase())
  }
  const [only, ...more] = found
  if (only === undefined || more.length > 0) return undefined
  return fromHex(only.replaceAll(':', ''))
}

/** Whether nothing but data is to be carried: for sound or pictures a browser would begin to decode what comes. */
export function isForDataOnly(sdp: string): boolean {
  return linesOf(sdp).every(line => !/^m=/i.test(line) || line.startsWith('m=application '))
}

/** Candidates are told one by one, as they come. */
export function withoutCandidates(sdp: string): string {
  const kept = linesOf(sdp).filter(line => line !== '' && !CANDIDATE.test(line))
  return kept.map(line => `${line}\r\n`).join('')
}

function linesOf(sdp: string): readonly string[] {
  return sdp.split(/\r\n|\r|\n/)
}
