// Where a node may be made to dial by what somebody else says (docs/THREATS.md 28): over TLS to public
// addresses and nowhere else. Judged on the very address that is connected to, after the name was resolved,
// so that no second answer of the DNS comes between. Any port will do; opens nothing itself.

import { lookup, Resolver } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { ServerUrl } from '../../shared/node/address/server-url.ts'
import { addressClassOf, alternateFamilies } from './address.ts'
import { BusyDoors } from './busy-doors.ts'
import { isPublicAddress } from './public-address.ts'

/** The addresses of a name, as text; none, or a failure, when it has none. */
export type Resolve = (name: string) => Promise<readonly string[]>

/** Judges one dial. */
export interface DialGuard {
  /** Why the address is refused as it is written. A name is not: it is judged by `lookup`. */
  readonly refusal: 'refused' | 'busy' | undefined
  /**
   * Gives the allowed addresses of a name; fails with code `ADDRESS_REFUSED` when it has no other, `ADDRESS_BUSY`
   * when all of them are being dialed.
   */
  readonly lookup: LookupFunction
  /** The dial has ended, well or badly. */
  readonly ended: () => void
}

export const ADDRESS_REFUSED = 'ADDRESS_REFUSED'
export const ADDRESS_BUSY = 'ADDRESS_BUSY'

/** Addresses of one name that are tried: a name of thousands is no reason to knock at thousands of doors. */
const MAX_ADDRESSES = 4
/** A nameserver that does not answer, twice. */
const RESOLVE_TIMEOUT_MS = 2_000

/**
 * @param isLab whether addresses of this machine and of private networks are allowed, and `ws://` to this machine
 * @param doors shared by all dials
 */
export function guardDial(
  { scheme, host, port }: ServerUrl,
  isLab: boolean,
  resolve: Resolve,
  doors = new BusyDoors(),
): DialGuard {
  const isAllowed = (address: string): boolean => {
    if (!isLab) return scheme === 'wss' && isPublicAddress(address)
    const addressClass = addressClassOf(address)
    if (scheme === 'ws') return addressClass === 'loopback'
    return addressClass === 'loopback' || addressClass === 'private' || isPublicAddress(address)
  }
  const leaveAll: (() => void)[] = []
  let hasEnded = false
  const literal = host.replace(/^\[|\]$/g, '')
  const isLiteral = isIP(literal) !== 0
  const isRefused = (scheme === 'ws' && !isLab) || (isLiteral && !isAllowed(literal))
  const isBusy = isLiteral && !doors.isFree(literal, port)
  if (isLiteral && !isRefused && !isBusy) leaveAll.push(doors.enter(literal, port))
  return {
    refusal: isRefused ? 'refused' : isBusy ? 'busy' : undefined,
    lookup: (name, options, callback) => {
      resolve(name).then(
        addresses => {
          const allowed = addresses.filter(isAllowed)
          const free = allowed.filter(address => doors.isFree(address, port))
          const chosen = free.slice(0, MAX_ADDRESSES).map(toLookupAddress)
          const [first] = chosen
          if (first === undefined) {
            callback(refusal(name, addresses.length, allowed.length), '')
            return
          }
          // One that was given up meanwhile opens nothing, and nobody would take it out again.
          if (!hasEnded) {
            leaveAll.push(...chosen.map(({ address }) => doors.enter(address, port)))
          }
          if (options.all === true) callback(null, chosen)
          else callback(null, first.address, first.family)
        },
        (error: NodeJS.ErrnoException) => callback(error, ''),
      )
    },
    ended: () => {
      hasEnded = true
      for (const leave of leaveAll) leave()
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

function refusal(name: string, count: number, allowed: number): NodeJS.ErrnoException {
  const fail = (text: string, code: string): NodeJS.ErrnoException =>
    Object.assign(new Error(`${name} ${text}`), { code })
  if (count === 0) return fail('has no address', 'ENOTFOUND')
  if (allowed === 0) return fail('is not public', ADDRESS_REFUSED)
  return fail('is being dialed often enough', ADDRESS_BUSY)
}
