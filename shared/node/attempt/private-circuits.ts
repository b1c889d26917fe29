// What one attempt at a private path has tried (docs/PROTOCOL.md 5, threat 20), so that it does not try the same relays
// again, and when it goes on with the next guard. That is seldom: with a relay elsewhere that swallows what it does not
// like, somebody could else move us from guard to guard until we come to his. The next attempt knows nothing of it, and
// begins with the first guard.

import type { KeyId } from '../../identity/node-id.ts'
import type { PrivateTries } from '../../routes/private-path.ts'
import type { Relays } from '../../routes/route.ts'
import type { EndReason } from '../../routing/circuit.ts'
import { PRIVATE_GUARD_STRIKES, PRIVATE_SILENCE_STRIKES } from '../../wire/limits.ts'

export class PrivateCircuits implements PrivateTries {
  readonly tried: Relays[] = []
  /** Against each guard: for circuits that nothing came back from, or that went nowhere. */
  readonly #strikes = new Map<KeyId, number>()

  get failedGuards(): ReadonlySet<KeyId> {
    const failed = [...this.#strikes].filter(([, strikes]) => strikes >= PRIVATE_GUARD_STRIKES)
    return new Set(failed.map(([guard]) => guard))
  }

  opened(relays: Relays): void {
    this.tried.push(relays)
    this.#add(relays, PRIVATE_SILENCE_STRIKES)
  }

  /** A relay passes on no reason but its own: what is said of a limit or of a link is the guard's word. */
  failed(relays: Relays, reason: EndReason): void {
    if (reason === 'timeout' || reason === 'linkLost') return
    if (reason === 'unreachable') this.#add(relays, 1 - PRIVATE_SILENCE_STRIKES)
    // It takes no more; else somebody behind it said no: it does its work, whatever becomes of others.
    else this.#set(relays, reason === 'busy' || reason === 'quota' ? Infinity : -Infinity)
  }

  #add(relays: Relays, strikes: number): void {
    this.#set(relays, (this.#strikes.get(relays[0] as KeyId) ?? 0) + strikes)
  }

  #set([guard]: Relays, strikes: number): void {
    if (guard !== undefined) this.#strikes.set(guard, strikes)
  }
}
