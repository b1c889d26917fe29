// What a peer can make of direct connections by saying much at once, or by coming and going: no more connections than it
// may have, none that nobody keeps, and nothing forgotten that was said early.

import { describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { DirectSignal } from '../../wire/direct-signal.ts'
import { encodeDirectSignal } from '../../wire/direct-signal.ts'
import {
  RTC_ATTEMPTS_BURST,
  RTC_ATTEMPTS_PER_S,
  RTC_CREATED_FOR_OWN_DIALS,
  RTC_IDLE_MS,
  RTC_MAX_CONNECTIONS,
  RTC_MAX_CREATED,
  RTC_OPEN_TIMEOUT_MS,
  RTC_PLACES_FOR_OWN_DIALS,
} from '../../wire/limits.ts'
import type { NodeEffect } from '../effects.ts'
import type { NodeParts } from '../node-parts.ts'
import { CANDIDATE, DirectBench, SDP } from '../testing/direct-bench.ts'
import type { DirectConfig, DirectEffect } from './direct-types.ts'
import { applyDirectEffect } from './direct-wiring.ts'

/** Below all others: they offer to nobody, and answer it. */
const LOW = keyOf(0)
/** Above all others: it offers to nobody. */
const HIGH = keyOf(255)

function keyOf(first: number): KeyId {
  return keyIdOf(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? first : 1)))
}

/** A node with WebRTC, as far as links go. */
class Rig extends DirectBench {
  /** Links that the host was asked for and not told to close. */
  readonly open = new Set<LinkId>()
  readonly passed: NodeEffect[] = []
  made = 0
  readonly #parts: NodeParts

  constructor(ownKey: KeyId, changes?: Partial<DirectConfig>) {
    super(ownKey, changes)
    const nobody = { hasSession: () => false }
    this.#parts = {
      direct: this.links,
      directRole: { steps: undefined },
      links: {
        openRtc: () => {
          this.made += 1
          this.open.add(this.made as LinkId)
          return this.made as LinkId
        },
        feed: (_time: unknown, link: LinkId) => this.open.delete(link),
      },
      peers: nobody,
    } as unknown as NodeParts
  }

  protected override take(effect: DirectEffect): void {
    applyDirectEffect(this.#parts, this.time, effect, passed => this.passed.push(passed))
  }
}

function offers(count: number): DirectSignal[] {
  return Array.from({ length: count }, (_, n) => ({ kind: 'offer', attempt: n + 1, sdp: SDP }))
}

describe('a peer', () => {
  it('has one connection made by offers that come at once, of the last of them', () => {
    const rig = new Rig(HIGH).session(LOW, offers(RTC_ATTEMPTS_BURST))
    expect(rig.made).toBe(1)
    expect(rig.open.size).toBe(1)
    expect(rig.passed).toEqual([
      { kind: 'signalRtc', link: 1, signal: { kind: 'offer', sdp: SDP } },
    ])
  })

  it('has none made by an offer in a session that is over', () => {
    const rig = new Rig(HIGH).session(LOW, offers(1), { ends: true })
    expect(rig.made).toBe(0)
    rig.session(LOW, offers(1))
    expect(rig.made).toBe(1)
  })

  it('is heard with candidates that come together with its offer', () => {
    const candidate = { kind: 'candidate', candidate: CANDIDATE, mid: '0' } as const
    const rig = new Rig(HIGH).session(LOW, [...offers(1), { ...candidate, attempt: 1 }])
    expect(rig.passed).toEqual([
      { kind: 'signalRtc', link: 1, signal: { kind: 'offer', sdp: SDP } },
      { kind: 'signalRtc', link: 1, signal: candidate },
    ])
  })

  it.each([
    ['offers', HIGH, LOW],
    ['is offered one', LOW, HIGH],
  ])('that %s has no more attempts for coming and going', (_, own, peer) => {
    const rig = new Rig(own)
    const seconds = 60
    for (let round = 0; round < 10 * seconds; round++) {
      rig.session(peer, own === HIGH ? offers(1) : []).wait(50)
      rig.links.sessionDown(rig.time, peer)
      rig.drain().wait(50)
    }
    expect(rig.made).toBeGreaterThan(RTC_ATTEMPTS_BURST)
    expect(rig.made).toBeLessThanOrEqual(RTC_ATTEMPTS_BURST + RTC_ATTEMPTS_PER_S * seconds)
    expect(rig.open.size).toBe(0)
  })
})

describe('two sessions with one peer', () => {
  it('are one too many to give up for the end of either', () => {
    const rig = new Rig(LOW).session(HIGH).wait(0)
    rig.links.sessionUp(rig.time, HIGH, { kind: 'signals' })
    rig.links.sessionDown(rig.time, HIGH)
    rig.drain()
    expect(rig.open.size).toBe(1)
    rig.links.sessionUp(rig.time, HIGH)
    rig.links.sessionDown(rig.time, HIGH, 'signals')
    rig.drain()
    expect(rig.open.size).toBe(1)
    rig.links.sessionDown(rig.time, HIGH)
    rig.drain()
    expect(rig.open.size).toBe(0)
    expect(rig.links.nextTimeout()).toBeUndefined()
  })
})

describe('a node that is full of connections', () => {
  it('lets none go for another one that is pinned', () => {
    const pinned = keyOf(3)
    // All others are in use; of this one nothing is known, as of all without a session of the application.
    const usedAt = (key: KeyId): number | undefined => (key === pinned ? undefined : rig.now)
    const rig: Rig = new Rig(LOW, { usedAt, isPinned: key => key === pinned })
    for (let n = 1; n <= RTC_MAX_CONNECTIONS; n++) {
      rig.session(keyOf(n)).wait(0)
      rig.links.opened(n as LinkId)
    }
    expect(rig.open.size).toBe(RTC_MAX_CONNECTIONS)
    for (let n = 0; n < RTC_MAX_CONNECTIONS; n++) {
      rig.session(keyOf(100 + n)).wait(0)
      rig.links.opened(rig.made as LinkId)
    }
    rig.wait(RTC_IDLE_MS)
    expect(rig.links.view(rig.time, pinned).state).toBe('open')
    expect(rig.open.size).toBeLessThanOrEqual(RTC_MAX_CONNECTIONS)
  })

  it('has places, and connections of its life, that only those get whom it dialed', () => {
    const rig = new Rig(LOW)
    const came = { isIncoming: true }
    for (let n = 1; n <= RTC_MAX_CONNECTIONS; n++) rig.session(keyOf(n), [], came).wait(0)
    expect(rig.open.size).toBe(RTC_MAX_CONNECTIONS - RTC_PLACES_FOR_OWN_DIALS)
    for (let n = 101; n <= 100 + RTC_MAX_CONNECTIONS; n++) rig.session(keyOf(n)).wait(0)
    expect(rig.open.size).toBe(RTC_MAX_CONNECTIONS)

    const old = new Rig(LOW, { maxCreated: RTC_CREATED_FOR_OWN_DIALS + 1 })
    for (const peer of [keyOf(1), keyOf(2)]) old.session(peer, [], came).wait(0)
    expect(old.made).toBe(1)
    old.session(keyOf(3)).wait(0)
    expect(old.made).toBe(2)
  })

  it.each([
    ['a peer that offers again and again', HIGH, LOW, { kind: 'offer', attempt: 0, sdp: SDP }],
    ['a peer that wants one again and again', LOW, HIGH, { kind: 'want', attempt: 0 }],
    ['a network that changes again and again', LOW, HIGH, undefined],
  ] as const)('makes no more in its life for %s', (_what, own, peer, signal) => {
    const rig = new Rig(own, { maxCreated: RTC_CREATED_FOR_OWN_DIALS + 3 })
    rig.session(peer, [], { isIncoming: true }).wait(0)
    for (let attempt = 1; attempt <= 20; attempt++) {
      if (signal === undefined) rig.links.networkChanged(rig.time)
      else {
        const said = signal.kind === 'offer' ? { ...signal, attempt } : signal
        rig.links.heard(rig.time, peer, encodeDirectSignal(said))
      }
      rig.drain().wait(1_000 / RTC_ATTEMPTS_PER_S)
    }
    expect(rig.made).toBe(3)
  })

  it('begins none anew with a peer that may not have one any more', () => {
    let isAllowed = true
    const rig = new Rig(LOW, { isAllowed: () => isAllowed })
    rig.session(HIGH).wait(0)
    isAllowed = false
    rig.links.networkChanged(rig.time)
    rig.drain().wait(RTC_OPEN_TIMEOUT_MS)
    expect(rig.made).toBe(1)
  })

  it('makes no more in its life than its host does', () => {
    const rig = new Rig(LOW, { maxCreated: 3 })
    for (let n = 1; n <= 5; n++) rig.session(keyOf(n)).wait(0)
    expect(rig.made).toBe(3)
    const other = new Rig(LOW, { maxCreated: Number.POSITIVE_INFINITY })
    for (let n = 0; n < 2 * RTC_MAX_CREATED; n++) {
      const peer = keyOf(1 + (n % 200))
      other.session(peer).wait(0)
      other.links.sessionDown(other.time, peer)
      other.drain().wait(1_000)
    }
    expect(other.made).toBe(2 * RTC_MAX_CREATED)
    expect(other.links.hasRoomBeside(0)).toBe(true)
  })
})
