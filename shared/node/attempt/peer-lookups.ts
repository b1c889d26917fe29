// The lookups of the peer itself in one attempt to reach it: one at a time, and who was there to be asked. When to
// look it up, and what to make of the news, is for the attempt to say (path-attempt.ts).

import type { KeyId } from '../../identity/node-id.ts'
import type { Time } from '../../machine/machine.ts'
import { PATH_MAX_LOOKUPS } from '../../wire/limits.ts'
import { failureOfRevocation, NOT_FOUND, SERVERS_SILENT } from '../peer-failure.ts'
import type { AttemptContext, LookupNews } from './attempt-types.ts'
import { startsOf } from './peer-routes.ts'

/** For an explanation; a record that leads nowhere is not the lookup's failure. */
const FAILURE = {
  found: undefined,
  absent: NOT_FOUND,
  noAnswer: SERVERS_SILENT,
  revoked: failureOfRevocation(undefined),
} as const

export class PeerLookups {
  readonly #context: Pick<AttemptContext, 'servers' | 'log'>
  readonly #peer: KeyId
  readonly #asked = new Set<KeyId>()
  #running: { readonly lookup: number; readonly startedAt: number } | undefined
  #begun = 0

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

  /** Whether somebody is there who was not when the peer was looked up. */
  hasMoreToAsk(time: Time): boolean {
    return this.hasBegun && this.#starts(time).some(key => !this.#asked.has(key))
  }

  start(time: Time): void {
    for (const key of this.#starts(time)) this.#asked.add(key)
    this.#begun += 1
    const lookup = this.#context.servers.startLookup(time, this.#peer, this.#peer)
    this.#running = { lookup, startedAt: time.now }
  }

  /** @returns whether it is news of the one that runs */
  heard(time: Time, { lookup, record, isFinal }: LookupNews): boolean {
    if (this.#running?.lookup !== lookup) return false
    if (!isFinal) return true
    const failure = FAILURE[typeof record === 'string' ? record : 'found']
    this.#context.log.add(time, this.#peer, 'lookup', [], this.#running.startedAt, failure)
    this.#running = undefined
    return true
  }

  cancel(): void {
    if (this.#running !== undefined) this.#context.servers.cancelLookup(this.#running.lookup)
    this.#running = undefined
  }

  #starts(time: Time): KeyId[] {
    return startsOf(this.#context.servers, time).map(({ key }) => key)
  }
}
