// Which servers a client may try without having been told to by its user: those in the sample of a server it
// is attached to, at addresses that it can prove and that lead nowhere near itself (threat 28). Dials nothing.

import { tryDecode } from '../../bytes/try-decode.ts'
import type { CryptoSuite } from '../../crypto/suite.ts'
import { shuffled } from '../../link/jitter.ts'
import type { RandomBytes } from '../../machine/machine.ts'
import type { NodeRecord } from '../../wire/record.ts'
import { decodeRecord, verifyRecord } from '../../wire/record.ts'
import { hostRange } from '../address/host-range.ts'
import type { ServerUrl } from '../address/server-url.ts'
import { tryParseServerUrl } from '../address/server-url.ts'
import type { HeardServer } from './heard-servers.ts'

export interface Discovery {
  /** Whether the host can hold a server to its key instead of a certificate of a public authority. */
  readonly acceptsPinnedKeys: boolean
}

export interface DiscoveryConfig extends Discovery {
  readonly suite: CryptoSuite
  readonly random: RandomBytes
  readonly net: Uint8Array
}

/**
 * The servers of a sample that are worth trying, in random order: a generator, as verifying costs.
 * @param source the server whose sample it is
 */
export function* serversInSample(
  config: DiscoveryConfig,
  unixMs: number,
  source: ServerUrl,
  sample: readonly Uint8Array[],
): Generator<HeardServer> {
  const { suite, random, net } = config
  for (const bytes of shuffled(random, sample)) {
    const signed = tryDecode(() => decodeRecord(bytes))
    const server = signed && addressOf(config, source, signed.record)
    if (signed === undefined || server === undefined) continue
    if (verifyRecord(suite, signed, { unixMs, net }) === 'valid') yield server
  }
}

/** The first address of a server's record that may be tried. */
function addressOf(
  { acceptsPinnedKeys }: Discovery,
  source: ServerUrl,
  { endpoints, key }: NodeRecord,
): HeardServer | undefined {
  const sourceRange = hostRange(source.host)
  for (const { url: text, cert } of endpoints) {
    const url = tryParseServerUrl(text)
    if (url === undefined || (cert !== undefined && !acceptsPinnedKeys)) continue
    const range = hostRange(url.host)
    // Without TLS only within this machine. Whoever is far away has nothing to say about what is near.
    const isFitting =
      range === 'public' ||
      range === sourceRange ||
      (range === 'private' && sourceRange === 'loopback')
    if (!isFitting || (url.scheme === 'ws' && range !== 'loopback')) continue
    return { url: { ...url, key: key.slice() }, isUntrusted: range === 'public' }
  }
  return undefined
}
