// The DirectLinks of one node on a clock of the test's own, and what a test does with them. What becomes of their effects
// is up to the bench of each test.

import type { KeyId } from '../../identity/node-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import type { Time } from '../../machine/machine.ts'
import type { DirectSignal } from '../../wire/direct-signal.ts'
import { encodeDirectSignal } from '../../wire/direct-signal.ts'
import { RTC_MAX_CREATED } from '../../wire/limits.ts'
import { DirectLinks } from '../direct/direct-links.ts'
import type { DirectConfig, DirectEffect, SessionFacts } from '../direct/direct-types.ts'

export const SDP = 'v=0\r\n'
export const CANDIDATE = 'candidate:1 1 udp 2122260223 203.0.113.5 40000 typ host'

/** Of a node that may connect to everybody, and has no links but these, of which none is used. */
export function directLinksOf(ownKey: KeyId, changes: Partial<DirectConfig> = {}): DirectLinks {
  return new DirectLinks({
    random: seededRandom(1),
    ownKey,
    candidates: 'noLocal',
    maxCreated: RTC_MAX_CREATED,
    iceServers: () => [],
    isAllowed: () => true,
    hasLinkTo: () => false,
    isCarrying: () => false,
    isKept: () => false,
    isPinned: () => false,
    usedAt: () => undefined,
    ...changes,
  })
}

export abstract class DirectBench {
  now = 1_000
  readonly links: DirectLinks

  constructor(ownKey: KeyId, changes?: Partial<DirectConfig>) {
    this.links = directLinksOf(ownKey, changes)
  }

  get time(): Time {
    return { now: this.now, unixMs: this.now }
  }

  /** The session begins, says all that in one packet, and perhaps ends in it. */
  session(
    peer: KeyId,
    signals: readonly DirectSignal[] = [],
    { ends = false, ...facts }: SessionFacts & { readonly ends?: boolean } = {},
  ): this {
    this.links.sessionUp(this.time, peer, facts)
    for (const signal of signals) this.links.heard(this.time, peer, encodeDirectSignal(signal))
    if (ends) this.links.sessionDown(this.time, peer)
    return this.drain()
  }

  wait(ms: number): this {
    this.now += ms
    this.links.timeout(this.time)
    return this.drain()
  }

  drain(): this {
    for (let effect = this.links.poll(); effect !== undefined; effect = this.links.poll()) {
      this.take(effect)
    }
    return this
  }

  protected abstract take(effect: DirectEffect): void
}
