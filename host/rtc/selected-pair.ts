// Which two candidates a connection goes over (RFC 8445 5.1), as its statistics tell it (webrtc-stats 8): of what kind they
// are and by which protocol. The statistics know addresses, too: these go no further.

import type { CandidatePair } from '../../shared/node/rtc-host.ts'
import type { CandidateKind } from '../../shared/wire/ice-candidate.ts'

/** By then what was still being checked when the connection opened has been checked. */
const SETTLED_MS = 3_000
const KINDS: ReadonlySet<unknown> = new Set<CandidateKind>(['host', 'srflx', 'prflx', 'relay'])

type Stats = Readonly<Record<string, unknown>>

/** @returns `undefined` while there is none, or where the platform does not say */
export function selectedPair(
  report: Iterable<readonly [string, Stats]>,
): CandidatePair | undefined {
  const byId = new Map<unknown, Stats>(report)
  const pair = pairIn(byId)
  const own = byId.get(pair?.localCandidateId)
  const peer = byId.get(pair?.remoteCandidateId)
  if (!isKind(own?.candidateType) || !isKind(peer?.candidateType)) return undefined
  // The library of Node does not say, and has nothing but UDP.
  const protocol = own?.protocol === 'tcp' ? 'tcp' : 'udp'
  return { own: own.candidateType, peer: peer.candidateType, protocol }
}

/** Asks a connection, when told to and once more a little later, and tells what is news. */
export class PairWatch {
  readonly #pc: RTCPeerConnection
  readonly #changed: (pair: CandidatePair) => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #known: CandidatePair | undefined
  #isStopped = false

  constructor(pc: RTCPeerConnection, changed: (pair: CandidatePair) => void) {
    this.#pc = pc
    this.#changed = changed
  }

  /** The connection is open, or may have moved. */
  look(): void {
    if (this.#isStopped) return
    void this.#ask()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#ask(), SETTLED_MS)
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Without statistics nothing is known, and all else works. */
  async #ask(): Promise<void> {
    let pair: CandidatePair | undefined
    try {
      pair = selectedPair((await this.#pc.getStats()) as Iterable<[string, Stats]>)
    } catch {
      return
    }
    if (this.#isStopped || pair === undefined || isSame(pair, this.#known)) return
    this.#known = pair
    this.#changed(pair)
  }
}

/** As the transport names it; Firefox marks the pair itself. */
function pairIn(byId: ReadonlyMap<unknown, Stats>): Stats | undefined {
  const all = [...byId.values()]
  const transport = all.find(({ type }) => type === 'transport')
  const named = byId.get(transport?.selectedCandidatePairId)
  if (named !== undefined) return named
  const pairs = all.filter(({ type }) => type === 'candidate-pair')
  const nominated = pairs.find(
    ({ nominated, state }) => nominated === true && state === 'succeeded',
  )
  return pairs.find(({ selected }) => selected === true) ?? nominated
}

function isKind(value: unknown): value is CandidateKind {
  return KINDS.has(value)
}

function isSame(a: CandidatePair, b: CandidatePair | undefined): boolean {
  return a.own === b?.own && a.peer === b.peer && a.protocol === b.protocol
}
