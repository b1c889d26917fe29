// Where a node may be made to dial by what somebody else says (docs/THREATS.md 28): over TLS to public
// addresses and nowhere else. Judged on the very address that is connected to, after the name was resolved,
// so that no second answer of the DNS comes between. Any port will do; opens nothing itself.

import { lookup, Resolver } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { ServerUrl } from '../../shared/node/server-url.ts'
import { addressClassOf, alternateFamilies } from './address.ts'
import { isPublicAddress } from './public-address.ts'

/** The addresses of a name, as text; none, or a failure, when it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** Judges one dial. */
export interface DialGuard {
  /** Whether the address is refused as it is written. A name is not: it is judged by `lookup`. */
  readonly isRefused: boolean
  /** Gives the allowed addresses of a name; fails with code `ADDRESS_REFUSED` when it has no other. */
  readonly lookup: LookupFunction
}

export const ADDRESS_REFUSED = 'ADDRESS_REFUSED'

/** Addresses of one name that are tried: a name of thousands is no reason to knock at thousands of doors. */
const MAX_ADDRESSES = 4
/** A nameserver that does not answer, twice. */
const RESOLVE_TIMEOUT_MS = 2_000

/** @param isLab whether addresses of this machine and of private networks are allowed, and `ws://` to this machine */
export function guardDial(
  { scheme, host }: ServerUrl,
  isLab: boolean,
  resolve: Resolve,
): DialGuard {
  const isAllowed = (address: string): boolean => {
    if (!isLab) return scheme === 'wss' && isPublicAddress(address)
    const addressClass = addressClassOf(address)
    if (scheme === 'ws') return addressClass === 'loopback'
    return addressClass === 'loopback' || addressClass === 'private' || isPublicAddress(address)
  }
  const literal = host.replace(/^\[|\]$/g, '')
  return {
    isRefused: (scheme === 'ws' && !isLab) || (isIP(literal) !== 0 && !isAllowed(literal)),
    lookup: (name, options, callback) => {
      resolve(name).then(
        addresses => {
          const allowed = addresses.filter(isAllowed).slice(0, MAX_ADDRESSES).map(toLookupAddress)
          const [first] = allowed
          if (first === undefined) callback(refusal(name, addresses.length), '')
          else if (options.all === true) callback(null, allowed)
          else callback(null, first.address, first.family)
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      )
    },
  }
}

/**
 * Asks the DNS itself, on the network. `lookup` of the system would also read local names, and occupies one of the
 * few threads that the disk needs for as long as a nameserver likes.
 */
export function publicResolver(): Resolve {
  const resolver = new Resolver({ timeout: RESOLVE_TIMEOUT_MS, tries: 2 })
  return async name => {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    return alternateFamilies(
      answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : [])),
    )
  }
}

/** As the system resolves names: with local ones. */
export async function resolveLocally(name: string): Promise<readonly string[]> {
  const answers = await lookup(name, { all: true })
  return answers.map(({ address }) => address)
}

function toLookupAddress(address: string): { address: string; family: number } {
  return { address, family: isIP(address) }
}

function refusal(name: string, count: number): NodeJS.ErrnoException {
  const isUnknown = count === 0
  const error = new Error(isUnknown ? `${name} has no address` : `${name} is not public`)
  return Object.assign(error, { code: isUnknown ? 'ENOTFOUND' : ADDRESS_REFUSED })
}
