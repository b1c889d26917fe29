// Of what went wrong on the ways that one attempt tried: the one reason to tell. What tells of the peer, or of a server
// of the peer, beats what only tells of the way there; of these the last.

import type { Relays } from '../../routes/route.ts'
import type { EndReason } from '../../routing/circuit.ts'
import type { QuotaNotice } from '../../wire/registry-bodies.ts'
import type { Failure } from '../mesh-error.ts'
import { failureOfDestroy, failureOfQuota, NO_PATH, PEER_SILENT } from '../peer-failure.ts'

export class TellingFailure {
  #failure: Failure | undefined
  #isPeers = false

  get reason(): Failure | undefined {
    return this.#failure
  }

  /** Whether it tells of the peer, or of a server of the peer, and not only of the way there. */
  get isPeers(): boolean {
    return this.#isPeers
  }

  note(relays: Relays, failure: Failure): void {
    const isSilence = failure === PEER_SILENT && relays.length > 1
    const isPeers = failure !== NO_PATH && !isSilence
    const isLess = this.#isPeers || (isSilence && this.#failure !== undefined)
    if (isLess && !isPeers) return
    this.#failure = failure
    this.#isPeers = isPeers
  }
}

/** @param quota what the first relay last said about a limit of ours */
export function failureOfCircuit(
  relays: Relays,
  reason: EndReason,
  quota: QuotaNotice | undefined,
): Failure {
  if (reason === 'quota' && quota !== undefined) return failureOfQuota(quota)
  // Our server says this of its own link: to the peer's server, if that is the next hop.
  if (reason === 'unreachable' && relays.length > 1) return NO_PATH
  // Relays in the middle are not told apart from the peer's server.
  return reason === 'closed' && relays.length > 2 ? NO_PATH : failureOfDestroy(reason)
}
