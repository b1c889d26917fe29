// The lookups of the peer itself in one attempt to reach it: one at a time, and who was there to be asked. When to
// look it up, and what to make of the news, is for the attempt to say (path-attempt.ts).

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import { PATH_MAX_LOOKUPS } from '../../wire/limits.ts'
import type { Failure } from '../mesh-error.ts'
import { failureOfRevocation, NOT_CONNECTED, NOT_FOUND, SERVERS_SILENT } from '../peer-failure.ts'
import type { AttemptContext, LookupNews } from './attempt-types.ts'
import { startsOf } from './peer-routes.ts'

export class PeerLookups {
  readonly #context: Pick<AttemptContext, 'servers' | 'log'>
  readonly #peer: KeyId
  readonly #asked = new Set<KeyId>()
  #running: { readonly lookup: number; readonly startedAt: number } | undefined
  #begun = 0
  #silence = SERVERS_SILENT

  constructor(context: Pick<AttemptContext, 'servers' | 'log'>, peer: KeyId) {
    this.#context = context
    this.#peer = peer
  }

  /** Also beside the opening of a circuit. */
  get isRunning(): boolean {
    return this.#running !== undefined
  }

  get hasBegun(): boolean {
    return this.#begun > 0
  }

  /** So many were begun that no failure is worth another one. */
  get isSpent(): boolean {
    return this.#begun >= PATH_MAX_LOOKUPS
  }

  /** Why nothing is known of the peer where the last one was not answered. */
  get silence(): Failure {
    return this.#silence
  }

  /** Whether somebody is there who was not when the peer was looked up. */
  hasMoreToAsk(time: Time): boolean {
    return this.hasBegun && this.#starts(time).some(key => !this.#asked.has(key))
  }

  start(time: Time): void {
    for (const key of this.#starts(time)) this.#asked.add(key)
    this.#begun += 1
    // Neighbours may tell of the peer, but a lookup asks servers.
    this.#silence = this.#context.servers.hasOpenServer ? SERVERS_SILENT : NOT_CONNECTED
    const lookup = this.#context.servers.startLookup(time, this.#peer, this.#peer)
    this.#running = { lookup, startedAt: time.now }
  }

  /** @returns whether it is news of the one that runs */
  heard(time: Time, { lookup, record, isFinal }: LookupNews): boolean {
    if (this.#running?.lookup !== lookup) return false
    if (!isFinal) return true
    const failure = typeof record === 'string' ? this.#failureOf(record) : undefined
    this.#context.log.add(time, this.#peer, 'lookup', [], this.#running.startedAt, failure)
    this.#running = undefined
    return true
  }

  cancel(): void {
    if (this.#running !== undefined) this.#context.servers.cancelLookup(this.#running.lookup)
    this.#running = undefined
  }

  /** For an explanation; a record that leads nowhere is not the lookup's failure. */
  #failureOf(news: Extract<LookupNews['record'], string>): Failure {
    switch (news) {
      case 'absent':
        return NOT_FOUND
      case 'noAnswer':
        return this.#silence
      case 'revoked':
        return failureOfRevocation(undefined)
    }
  }

  #starts(time: Time): KeyId[] {
    return startsOf(this.#context.servers, time).map(({ key }) => key)
  }
}
