// One iterative lookup over disjoint paths (docs/PROTOCOL.md 4.3; S/Kademlia): says whom to ask, is told what
// came of it, and never stops early. It ends when no path knows anybody left to ask among the k nearest it
// has heard of, nor within the region; or at its deadline. Knows no request and no value.

import type { KeyId } from '../identity/node-id.ts'
import { DHT_PATH_MAX_CALLS_K, DHT_PATH_MAX_CANDIDATES, DHT_REGION_MAX_K } from '../wire/limits.ts'
import type { Contact, DhtId } from './contact.ts'
import type { DhtParameters } from './dht-parameters.ts'
import { compareDistance, distanceFraction } from './distance.ts'
import type { Candidate } from './lookup-path.ts'
import { LookupPath, vouch } from './lookup-path.ts'
import { NetworkVoices } from './network-voices.ts'
import type { RegionEstimate } from './size-estimate.ts'

export type LookupParameters = Pick<
  DhtParameters,
  'k' | 'alpha' | 'paths' | 'slowCallMs' | 'lookupDeadlineMs' | 'maxPerNetworkInTable'
>

export interface LookupOptions {
  readonly now: number
  /** Never asked. */
  readonly ownKey: KeyId
  /** All servers within are asked, not only the k nearest. */
  readonly region?: RegionEstimate | undefined
}

export interface LookupStats {
  /** The longest chain of calls each of which needed the answer of the one before. */
  readonly rounds: number
  readonly messages: number
}

/** How contacts were heard of. */
interface Word {
  readonly round: number
  /** The path on which they were told; `undefined` for what our own table knows. */
  readonly source: LookupPath | undefined
  /** Of who told; `undefined` for our own table, and where networks do not count. */
  readonly network: string | undefined
}

// A slow call is waited for up to this many times as long as calls of this lookup usually take, and longer
// still while fewer than k have answered.
const USUAL_FACTOR = 2
const FEW_ANSWERS_FACTOR = 3

export class Lookup {
  readonly #parameters: LookupParameters
  readonly #target: DhtId
  readonly #ownKey: KeyId
  readonly #region: RegionEstimate | undefined
  readonly #deadlineMs: number
  readonly #paths: LookupPath[] = []
  readonly #voices: NetworkVoices
  readonly #candidates = new Map<KeyId, Candidate>()
  /** In flight for less than `slowCallMs`, the oldest first. */
  readonly #fast: Candidate[] = []
  readonly #slow = new Set<Candidate>()
  readonly #answered: Candidate[] = []
  readonly #tookMs: number[] = []
  #turn = 0
  /** Nodes asked for being in the region, and not for being near. */
  #askedBeside = 0
  #messages = 0
  #rounds = 0
  #isDone = false

  /** @param seeds dealt out to the paths, the nearest first */
  constructor(
    parameters: LookupParameters,
    target: DhtId,
    seeds: readonly Contact[],
    { now, ownKey, region }: LookupOptions,
  ) {
    this.#parameters = parameters
    this.#target = target
    this.#ownKey = ownKey
    this.#region = region
    this.#deadlineMs = now + parameters.lookupDeadlineMs
    this.#voices = new NetworkVoices(parameters.maxPerNetworkInTable)
    for (let i = 0; i < parameters.paths; i++) this.#paths.push(new LookupPath(target))
    this.#deal(this.#paths, seeds, { round: 1, source: undefined, network: undefined })
  }

  get isDone(): boolean {
    return this.#isDone
  }

  get stats(): LookupStats {
    return { rounds: this.#rounds, messages: this.#messages }
  }

  /** Who answered, nearest first: the k nearest, and all others in the region as far as the cap goes. */
  get closest(): Contact[] {
    const { k } = this.#parameters
    const sorted = this.#sortedAnswers()
    const rest = sorted.slice(k).filter(({ isInRegion }) => isInRegion)
    // The outermost stay: where there are too many, it is the inner ones that were ground.
    const kept = rest.slice(Math.max(0, rest.length - (DHT_REGION_MAX_K - 1) * k))
    return [...sorted.slice(0, k), ...kept].map(({ contact }) => contact)
  }

  /** Distance of the k-th nearest that answered, as a share of the id space; 1 when fewer have. */
  get kthDistance(): number {
    return this.#sortedAnswers()[this.#parameters.k - 1]?.distance ?? 1
  }

  /** Whom to ask now. Call until `undefined`, after every input. */
  next(now: number): Contact | undefined {
    if (this.#isDone) return undefined
    this.#markSlow(now)
    if (now >= this.#deadlineMs) {
      this.#isDone = true
      return undefined
    }
    for (let i = 0; i < this.#paths.length; i++) {
      const path = this.#paths[this.#turn++ % this.#paths.length] as LookupPath
      const candidate = this.#pick(path)
      if (candidate !== undefined) return this.#ask(now, path, candidate)
    }
    const waitUntil = this.#waitUntil()
    if (waitUntil === undefined || now >= waitUntil) this.#isDone = true
    return undefined
  }

  /**
   * @param nodes whom it named; trusted for nothing but being asked
   * @param network from which the answer came; `undefined` counts toward no cap
   */
  answered(now: number, key: KeyId, nodes: readonly Contact[], network?: string | undefined): void {
    const candidate = this.#candidates.get(key)
    if (candidate === undefined || !this.#settle(candidate)) return
    if (!this.#voices.hear(network)) {
      candidate.state = 'failed'
      this.#dropUnvouched()
      return
    }
    candidate.state = 'answered'
    this.#answered.push(candidate)
    this.#tookMs.push(now - candidate.askedAtMs)
    const { path, round } = candidate
    if (path === undefined) return
    // Paths that began without a seed share what the others' first answers bring.
    const idle = this.#paths.filter(other => other.isIdle)
    this.#deal([path, ...idle], nodes, { round: round + 1, source: path, network })
  }

  failed(key: KeyId): void {
    const candidate = this.#candidates.get(key)
    if (candidate === undefined || !this.#settle(candidate)) return
    candidate.state = 'failed'
    this.#tryOtherUrl(candidate)
  }

  /** More seeds after the end, on a path of their own; those that are worth asking are asked then. */
  extend(seeds: readonly Contact[]): void {
    const path = new LookupPath(this.#target)
    this.#paths.push(path)
    this.#deal([path], seeds, { round: this.#rounds + 1, source: path, network: undefined })
    this.#isDone = false
  }

  nextTimeout(): number | undefined {
    if (this.#isDone) return undefined
    const oldest = this.#fast[0]
    const waitUntil =
      oldest === undefined ? this.#waitUntil() : oldest.askedAtMs + this.#parameters.slowCallMs
    return Math.min(this.#deadlineMs, waitUntil ?? this.#deadlineMs)
  }

  #pick(path: LookupPath): Candidate | undefined {
    const { k, alpha } = this.#parameters
    if (path.inFlight >= alpha || path.asked >= DHT_PATH_MAX_CALLS_K * k) return undefined
    const nearest = path.nearest(k)
    if (nearest !== undefined || this.#region === undefined) return nearest
    if (this.#askedBeside >= DHT_REGION_MAX_K * k) return undefined
    const beside = path.inRegion()
    if (beside !== undefined) this.#askedBeside++
    return beside
  }

  #ask(now: number, path: LookupPath, candidate: Candidate): Contact {
    candidate.state = 'asked'
    candidate.askedAtMs = now
    candidate.path = path
    path.inFlight++
    path.asked++
    this.#fast.push(candidate)
    this.#messages++
    this.#rounds = Math.max(this.#rounds, candidate.round)
    return candidate.contact
  }

  /** A call has ended. @returns whether it was under way */
  #settle(candidate: Candidate): boolean {
    if (this.#slow.delete(candidate)) return true
    const place = this.#fast.indexOf(candidate)
    if (place < 0) return false
    this.#fast.splice(place, 1)
    if (candidate.path !== undefined) candidate.path.inFlight--
    return true
  }

  #markSlow(now: number): void {
    for (;;) {
      const oldest = this.#fast[0]
      if (oldest === undefined || now < oldest.askedAtMs + this.#parameters.slowCallMs) return
      this.#fast.shift()
      this.#slow.add(oldest)
      oldest.state = 'slow'
      if (oldest.path !== undefined) oldest.path.inFlight--
    }
  }

  /** With nobody left to ask: how long those are waited for that are still to answer. `undefined` = not at all. */
  #waitUntil(): number | undefined {
    if (this.#fast.length > 0) return this.#deadlineMs
    if (this.#slow.size === 0) return undefined
    const usualMs = this.#tookMs.toSorted((a, b) => a - b)[this.#tookMs.length >> 1]
    if (usualMs === undefined) return this.#deadlineMs
    const { k, slowCallMs } = this.#parameters
    const patience = this.#answered.length < k ? FEW_ANSWERS_FACTOR : 1
    const waitMs = patience * Math.max(slowCallMs, USUAL_FACTOR * usualMs)
    let latest = 0
    for (const { askedAtMs } of this.#slow) latest = Math.max(latest, askedAtMs + waitMs)
    return latest
  }

  #deal(paths: readonly LookupPath[], contacts: readonly Contact[], word: Word): void {
    let turn = 0
    for (const contact of contacts) {
      const candidate = this.#candidate(contact, word)
      if (candidate !== undefined) paths[turn++ % paths.length]?.learn(candidate)
    }
  }

  #candidate(contact: Contact, { round, source, network }: Word): Candidate | undefined {
    if (contact.key === this.#ownKey) return undefined
    const known = this.#candidates.get(contact.key)
    if (known !== undefined) {
      vouch(known, network)
      if (source !== undefined) this.#hearAgain(known, contact, source)
      return known
    }
    if (source !== undefined && source.named++ >= DHT_PATH_MAX_CANDIDATES) return undefined
    const distance = distanceFraction(this.#target, contact.id)
    const candidate: Candidate = {
      contact,
      distance,
      isInRegion: this.#region !== undefined && distance < this.#region.radius,
      state: 'new',
      askedAtMs: 0,
      path: undefined,
      round,
      namedBy: source === undefined ? [] : [source],
      vouchers: [network],
      others: [],
    }
    this.#candidates.set(contact.key, candidate)
    return candidate
  }

  /**
   * A liar may name an honest server at a wrong address: what another path says of it is tried as well. Each
   * path has one word.
   */
  #hearAgain(known: Candidate, contact: Contact, source: LookupPath): void {
    if (known.state === 'answered' || known.namedBy.includes(source)) return
    known.namedBy.push(source)
    if (contact.url === known.contact.url) return
    known.others.push(contact)
    if (known.state === 'failed') this.#tryOtherUrl(known)
  }

  /** Whom only silenced networks have named is asked no more, unless somebody else names it yet. */
  #dropUnvouched(): void {
    for (const candidate of this.#candidates.values()) {
      const isUnvouched = candidate.vouchers.every(network => this.#voices.isSilenced(network))
      if (candidate.state === 'new' && isUnvouched) candidate.state = 'dropped'
    }
  }

  #tryOtherUrl(candidate: Candidate): void {
    const other = candidate.others.shift()
    if (other === undefined) return
    candidate.contact = other
    candidate.state = 'new'
  }

  #sortedAnswers(): Candidate[] {
    return this.#answered.toSorted((a, b) =>
      compareDistance(this.#target, a.contact.id, b.contact.id),
    )
  }
}
