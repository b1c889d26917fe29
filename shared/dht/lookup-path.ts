// One path of a lookup (docs/PROTOCOL.md 4.3): whom it has heard of, nearest first, and whom it asks next.
// What a path hears it keeps to itself, so that liars on it poison nobody else's view; who has been asked is
// known to all paths, so that none asks again.

import { DHT_PATH_MAX_CANDIDATES } from '../wire/limits.ts'
import type { Contact, DhtId } from './contact.ts'
import { compareDistance } from './distance.ts'

/** `dropped`: named only by networks that have said too much. */
export type CandidateState = 'new' | 'asked' | 'slow' | 'answered' | 'failed' | 'dropped'

export interface Candidate {
  contact: Contact
  /** Distance from the target as a share of the id space. */
  readonly distance: number
  readonly isInRegion: boolean
  state: CandidateState
  askedAtMs: number
  /** The path that asked. */
  path: LookupPath | undefined
  /** Calls that had to be answered before it could be asked, itself included. */
  readonly round: number
  /** The paths on which it was named. */
  readonly namedBy: LookupPath[]
  /** The networks of those who named it. */
  readonly vouchers: (string | undefined)[]
  /** The same key at other addresses, as other paths named it. */
  readonly others: Contact[]
}

// Networks that are remembered for having named a candidate.
const MAX_VOUCHERS = 4

export class LookupPath {
  readonly #target: DhtId
  /** Nearest first. */
  readonly #view: Candidate[] = []
  readonly #heardOf = new Set<Candidate>()
  inFlight = 0
  asked = 0
  /** Candidates that nobody had named before. */
  named = 0

  constructor(target: DhtId) {
    this.#target = target
  }

  /** Whether it has never heard of anybody. */
  get isIdle(): boolean {
    return this.#view.length === 0
  }

  learn(candidate: Candidate): void {
    if (this.#heardOf.has(candidate)) return
    const view = this.#view
    const place = this.#placeOf(candidate)
    if (place >= DHT_PATH_MAX_CANDIDATES) return
    view.splice(place, 0, candidate)
    this.#heardOf.add(candidate)
    if (view.length <= DHT_PATH_MAX_CANDIDATES) return
    const farthest = view.pop()
    if (farthest !== undefined) this.#heardOf.delete(farthest)
  }

  /** The nearest that nobody has asked, as long as fewer than `k` nearer ones have answered or still may. */
  nearest(k: number): Candidate | undefined {
    let nearer = 0
    for (const candidate of this.#view) {
      if (candidate.state === 'new') return candidate
      if (candidate.state === 'asked' || candidate.state === 'answered') nearer++
      if (nearer >= k) return undefined
    }
    return undefined
  }

  /**
   * Another one within the region that nobody has asked, the outermost first: sybils ground to be nearest
   * must not use up what a lookup may ask.
   */
  inRegion(): Candidate | undefined {
    let outermost: Candidate | undefined
    for (const candidate of this.#view) {
      if (!candidate.isInRegion) break
      if (candidate.state === 'new') outermost = candidate
    }
    return outermost
  }

  #placeOf({ contact, distance }: Candidate): number {
    let low = 0
    let high = this.#view.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#view[middle] as Candidate
      const isBefore =
        other.distance === distance
          ? compareDistance(this.#target, other.contact.id, contact.id) < 0
          : other.distance < distance
      if (isBefore) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** One more network, whose word counts, has named it. */
export function vouch(candidate: Candidate, network: string | undefined): void {
  const { vouchers } = candidate
  if (vouchers.length < MAX_VOUCHERS && !vouchers.includes(network)) vouchers.push(network)
  if (candidate.state === 'dropped') candidate.state = 'new'
}
