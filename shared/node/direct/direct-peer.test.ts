// What is made of a peer's signals, one by one: by numbers, by roles, within rates and caps.

import { describe, expect, it } from 'vitest'
import { keyIdOf } from '../../identity/node-id.ts'
import type { LinkId } from '../../link/link-id.ts'
import type { DirectSignal } from '../../wire/direct-signal.ts'
import { decodeDirectSignal, encodeDirectSignal } from '../../wire/direct-signal.ts'
import type { CandidatePolicy } from '../../wire/ice-candidate.ts'
import {
  RTC_ASK_AFTER_MS,
  RTC_ASK_TIMEOUT_MS,
  RTC_ATTEMPTS_BURST,
  RTC_MAX_CANDIDATES,
  RTC_RETRY_MAX_MS,
  RTC_SIGNALS_BURST,
} from '../../wire/limits.ts'
import { CANDIDATE, DirectBench, SDP } from '../testing/direct-bench.ts'
import type { DirectEffect } from './direct-types.ts'

const LOW = keyIdOf(new Uint8Array(32).fill(1))
const HIGH = keyIdOf(new Uint8Array(32).fill(2))
const LOCAL = 'candidate:1 1 udp 2122260223 192.168.1.5 40000 typ host'

class Bench extends DirectBench {
  isAllowed = true
  /** Whether it was looked at. */
  isAsked = false
  readonly effects: DirectEffect[] = []
  readonly #peer
  #nextLink = 1

  constructor(own = LOW, candidates: CandidatePolicy = 'noLocal') {
    super(own, {
      candidates,
      isAllowed: () => {
        this.isAsked = true
        return this.isAllowed
      },
      usedAt: () => this.now,
    })
    this.#peer = own === LOW ? HIGH : LOW
  }

  up(): this {
    return this.session(this.#peer).wait(0)
  }

  hear(signal: DirectSignal): this {
    this.links.heard(this.time, this.#peer, encodeDirectSignal(signal))
    return this.drain()
  }

  protected override take(effect: DirectEffect): void {
    this.effects.push(effect)
    if (effect.kind === 'open') this.links.opening(effect.peer, this.#nextLink++ as LinkId)
  }

  /** The last link that was asked for. */
  get link(): LinkId {
    return (this.#nextLink - 1) as LinkId
  }

  of<Kind extends DirectEffect['kind']>(kind: Kind): Extract<DirectEffect, { kind: Kind }>[] {
    return this.effects.filter(
      (effect): effect is Extract<DirectEffect, { kind: Kind }> => effect.kind === kind,
    )
  }

  get told(): DirectSignal[] {
    return this.of('tell').map(({ bytes }) => decodeDirectSignal(bytes))
  }

  /** Our host describes its end. @returns the attempt's number */
  offer(): number {
    this.links.hostSignal(this.link, { kind: 'offer', sdp: SDP })
    this.drain()
    return this.told.at(-1)?.attempt ?? Number.NaN
  }
}

describe('the lower key', () => {
  it('offers as soon as there is a session', () => {
    const bench = new Bench().up()
    expect(bench.of('open')).toEqual([
      {
        kind: 'open',
        peer: HIGH,
        options: { isOfferer: true, iceServers: [], isRelayOnly: false },
      },
    ])
    expect(bench.offer()).toBeGreaterThan(0)
  })

  it('takes one answer to its offer, and none to another', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    bench.hear({ kind: 'answer', attempt: (attempt ^ 1) >>> 0, sdp: SDP })
    expect(bench.of('signalRtc')).toEqual([])
    bench.hear({ kind: 'answer', attempt, sdp: SDP }).hear({ kind: 'answer', attempt, sdp: SDP })
    expect(bench.of('signalRtc').map(({ signal }) => signal.kind)).toEqual(['answer'])
  })

  it('is offered nothing', () => {
    const bench = new Bench().up().hear({ kind: 'offer', attempt: 7, sdp: SDP })
    expect(bench.of('open')).toHaveLength(1)
    expect(bench.told).toEqual([])
  })

  it('offers when it is asked to, also before its time, and a few times', () => {
    const bench = new Bench().up()
    for (let n = 0; n < 3 * RTC_ATTEMPTS_BURST; n++) {
      bench.links.closed(bench.time, bench.link)
      bench.drain().hear({ kind: 'want', attempt: 0 })
    }
    expect(bench.of('open')).toHaveLength(RTC_ATTEMPTS_BURST)
    expect(bench.told.at(-1)).toEqual({ kind: 'refuse', attempt: 0, reason: 'tooSoon' })
  })

  it('offers anew when asked to although a connection is open here: at the peer it is not', () => {
    const bench = new Bench().up()
    const id = bench.offer()
    bench.hear({ kind: 'answer', attempt: id, sdp: SDP })
    const dead = bench.link
    bench.links.opened(dead)
    bench.wait(60_000).hear({ kind: 'want', attempt: 0 })
    expect(bench.link).not.toBe(dead)
    bench.offer()
    bench.links.opened(bench.link)
    bench.drain()
    expect(bench.of('close')).toEqual([{ kind: 'close', link: dead, reason: 'replaced' }])
  })

  it('passes on so many candidates of the peer and no more', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    for (let n = 0; n < RTC_MAX_CANDIDATES + 5; n++) {
      bench.hear({ kind: 'candidate', attempt, candidate: CANDIDATE, mid: '0' })
    }
    expect(bench.of('signalRtc')).toHaveLength(RTC_MAX_CANDIDATES)
    bench.hear({ kind: 'candidate', attempt, candidate: '', mid: '0' })
    expect(bench.of('signalRtc').at(-1)?.signal).toMatchObject({ candidate: '' })
  })

  it('tells so many candidates and no more, and always that there are no more', () => {
    const bench = new Bench().up()
    bench.offer()
    for (const candidate of [...new Array(RTC_MAX_CANDIDATES + 5).fill(CANDIDATE), '']) {
      bench.links.hostSignal(bench.link, { kind: 'candidate', candidate, mid: '0' })
    }
    bench.drain()
    expect(bench.told).toHaveLength(1 + RTC_MAX_CANDIDATES + 1)
    expect(bench.told.at(-1)).toMatchObject({ kind: 'candidate', candidate: '' })
  })

  it('passes on no candidate of the peer that leads to this device itself', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    const own = CANDIDATE.replace('203.0.113.5', '127.0.0.1')
    for (const candidate of [own, CANDIDATE]) {
      bench.hear({ kind: 'candidate', attempt, candidate, mid: '0' })
    }
    bench.hear({ kind: 'answer', attempt, sdp: `${SDP}a=${own}\r\n` })
    expect(bench.of('signalRtc').map(({ signal }) => signal)).toEqual([
      { kind: 'candidate', candidate: CANDIDATE, mid: '0' },
      { kind: 'answer', sdp: SDP },
    ])
  })

  it('reads so many signals and no more', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    for (let n = 0; n < RTC_SIGNALS_BURST; n++)
      bench.hear({ kind: 'refuse', attempt: 1, reason: 'busy' })
    bench.hear({ kind: 'answer', attempt, sdp: SDP })
    expect(bench.of('signalRtc')).toEqual([])
    bench.wait(1_000).hear({ kind: 'answer', attempt, sdp: SDP })
    expect(bench.of('signalRtc')).toHaveLength(1)
  })

  it.each(['busy', 'mode', 'tooSoon', 'failed'] as const)('tries again after %s', reason => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    bench.hear({ kind: 'refuse', attempt, reason })
    expect(bench.of('close')).toEqual([{ kind: 'close', link: bench.link, reason: 'normal' }])
    expect(bench.links.view(bench.time, HIGH)).toMatchObject({ state: 'waiting' })
    expect(bench.wait(RTC_RETRY_MAX_MS).of('open')).toHaveLength(2)
  })

  it('offers anew to a peer that knows nothing of the offer after a while', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    bench.wait(RTC_ASK_AFTER_MS - 1).hear({ kind: 'want', attempt: 0 })
    expect(bench.of('open')).toHaveLength(1)
    bench.wait(1).hear({ kind: 'want', attempt: 0 })
    expect(bench.of('open')).toHaveLength(2)
    bench.hear({ kind: 'answer', attempt, sdp: SDP })
    expect(bench.of('signalRtc')).toEqual([])
  })

  it('tells a peer that does not answer from a host that finds no way out', () => {
    const bench = new Bench().up()
    bench.offer()
    bench.links.closed(bench.time, bench.link)
    expect(bench.links.view(bench.time, HIGH)).toMatchObject({ failure: 'unreachable' })
  })

  it('does not try again what the peer cannot', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    bench.hear({ kind: 'refuse', attempt, reason: 'unsupported' })
    expect(bench.links.view(bench.time, HIGH)).toEqual({ state: 'idle', failure: 'unsupported' })
    expect(bench.wait(10 * RTC_RETRY_MAX_MS).of('open')).toHaveLength(1)
  })

  it('tells the peer when an attempt failed here', () => {
    const bench = new Bench().up()
    const attempt = bench.offer()
    bench.hear({ kind: 'answer', attempt, sdp: SDP })
    bench.links.closed(bench.time, bench.link)
    expect(bench.drain().told.at(-1)).toEqual({ kind: 'refuse', attempt, reason: 'failed' })
    expect(bench.links.view(bench.time, HIGH)).toMatchObject({ failure: 'unreachable' })
  })
})

describe('the higher key', () => {
  it('waits for an offer, then asks for one, then gives up for now', () => {
    const bench = new Bench(HIGH).up()
    expect(bench.told).toEqual([])
    expect(bench.wait(RTC_ASK_AFTER_MS).told).toEqual([{ kind: 'want', attempt: 0 }])
    expect(bench.of('open')).toEqual([])
    bench.wait(RTC_ASK_TIMEOUT_MS)
    expect(bench.links.view(bench.time, LOW)).toMatchObject({ state: 'waiting', failure: 'silent' })
  })

  it('hands an offer to its host, and its answer to the peer under the same number', () => {
    const bench = new Bench(HIGH).up().hear({ kind: 'offer', attempt: 77, sdp: SDP })
    expect(bench.of('open').map(({ options }) => options.isOfferer)).toEqual([false])
    expect(bench.of('signalRtc').map(({ signal }) => signal)).toEqual([{ kind: 'offer', sdp: SDP }])
    bench.links.hostSignal(bench.link, { kind: 'answer', sdp: SDP })
    expect(bench.drain().told).toEqual([{ kind: 'answer', attempt: 77, sdp: SDP }])
  })

  it('drops the attempt before for a newer offer, and opens a few of them', () => {
    const bench = new Bench(HIGH).up()
    for (let attempt = 1; attempt <= 3 * RTC_ATTEMPTS_BURST; attempt++) {
      bench.hear({ kind: 'offer', attempt, sdp: SDP })
    }
    expect(bench.of('open')).toHaveLength(RTC_ATTEMPTS_BURST)
    expect(bench.of('close')).toHaveLength(RTC_ATTEMPTS_BURST - 1)
    expect(bench.told.at(-1)).toMatchObject({ kind: 'refuse', reason: 'tooSoon' })
  })

  it('refuses what the mode of the peer forbids', () => {
    const bench = new Bench(HIGH)
    bench.isAllowed = false
    bench.up().hear({ kind: 'offer', attempt: 5, sdp: SDP })
    expect(bench.of('open')).toEqual([])
    expect(bench.told).toEqual([{ kind: 'refuse', attempt: 5, reason: 'mode' }])
  })

  it.each([LOW, HIGH])('announces no attempt that the mode of the peer forbids', own => {
    const bench = new Bench(own)
    bench.isAllowed = false
    bench.session(own === LOW ? HIGH : LOW)
    expect(bench.links.view(bench.time, own === LOW ? HIGH : LOW)).toEqual({ state: 'idle' })
  })
})

describe('what is told of our addresses', () => {
  const tellings = (candidates: CandidatePolicy): DirectSignal[] => {
    const bench = new Bench(LOW, candidates).up()
    for (const candidate of [LOCAL, CANDIDATE, '']) {
      bench.links.hostSignal(bench.link, { kind: 'candidate', candidate, mid: '0' })
    }
    return bench.drain().told
  }

  it.each([
    ['all', [LOCAL, CANDIDATE, '']],
    ['noLocal', [CANDIDATE, '']],
    ['relay', ['']],
  ] as const)('under %s', (policy, told) => {
    expect(
      tellings(policy).flatMap(one => (one.kind === 'candidate' ? [one.candidate] : [])),
    ).toEqual(told)
  })

  it('hides behind which local address a reflexive one is', () => {
    const bench = new Bench().up()
    const candidate =
      'candidate:2 1 udp 1686052607 203.0.113.5 40000 typ srflx raddr 192.168.1.5 rport 5000'
    bench.links.hostSignal(bench.link, { kind: 'candidate', candidate, mid: '0' })
    expect(JSON.stringify(bench.drain().told)).toContain('203.0.113.5')
    expect(JSON.stringify(bench.told)).not.toContain('192.168')
  })

  it('holds for what stands in a description, too', () => {
    const bench = new Bench().up()
    const sdp = `v=0\r\na=${LOCAL}\r\na=${CANDIDATE}\r\n`
    bench.links.hostSignal(bench.link, { kind: 'offer', sdp })
    expect(bench.drain().told).toMatchObject([{ sdp: `v=0\r\na=${CANDIDATE}\r\n` }])
  })
})

describe('signals that ask for no connection', () => {
  it('make no room for one', () => {
    const bench = new Bench(HIGH).up()
    bench.isAsked = false
    bench.hear({ kind: 'candidate', attempt: 9, candidate: CANDIDATE, mid: '0' })
    bench
      .hear({ kind: 'answer', attempt: 9, sdp: SDP })
      .hear({ kind: 'refuse', attempt: 9, reason: 'busy' })
    expect(bench.isAsked).toBe(false)
    bench.hear({ kind: 'offer', attempt: 9, sdp: SDP })
    expect(bench.isAsked).toBe(true)
  })
})

describe('bytes that are no signal', () => {
  it('are nothing', () => {
    const bench = new Bench().up()
    for (const bytes of [[], [9, 0, 0, 0, 1], [3, 0], [5, 0, 0, 0, 1, 99]]) {
      bench.links.heard(bench.time, HIGH, Uint8Array.from(bytes))
    }
    expect(bench.drain().told).toEqual([])
  })
})
