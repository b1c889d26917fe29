// What a session says of the rate of its paths, over a line of a known width, and of their round trips meanwhile.

import { describe, expect, it } from 'vitest'
import type { SessionEffect } from './effects.ts'
import type { PathId } from './path.ts'
import type { End } from './testing/pair.ts'
import { Pair } from './testing/pair.ts'

const PIECE_BYTES = 16_384

type Report = Extract<SessionEffect, { kind: 'path' }>

function reports(end: End, path: PathId): Report[] {
  return end.effects.filter(
    (effect): effect is Report => effect.kind === 'path' && effect.path === path,
  )
}

/** In kilobytes per second, the newest last. */
function rates(end: End, path: PathId): number[] {
  return reports(end, path).flatMap(({ bytesPerS }) => (bytesPerS ? [bytesPerS / 1_000] : []))
}

/** Something always waits, for `ms`. */
function bulk(pair: Pair, ms: number): void {
  for (const untilMs = pair.now + ms; pair.now < untilMs; pair.run(pair.now + 100)) {
    while (pair.alice.session.queuedBytes < 4_194_304)
      pair.send(pair.alice, new Uint8Array(PIECE_BYTES))
  }
}

describe('the rate of a path', () => {
  it.each([200, 1_000])('is told while data waits for it: %i bytes per ms', bytesPerMs => {
    const pair = new Pair({ network: { bytesPerMs }, replacesPaths: false })
    const path = pair.openPath()
    bulk(pair, 20_000)
    const told = rates(pair.alice, path)
    expect(told.at(-1)).toBeGreaterThan(0.97 * bytesPerMs)
    expect(Math.max(...told)).toBeLessThan(1.02 * bytesPerMs)
    // Once a second at most; the peer, which sends no data, says nothing.
    expect(told.length).toBeGreaterThanOrEqual(10)
    expect(told.length).toBeLessThanOrEqual(20)
    expect(rates(pair.bob, path)).toEqual([])
  })

  it('is that of what arrives, over a line that loses packets', () => {
    const pair = new Pair({ network: { bytesPerMs: 500, loss: 0.05 } })
    const path = pair.openPath()
    bulk(pair, 20_000)
    expect(rates(pair.alice, path).at(-1)).toBeGreaterThan(400)
    expect(Math.max(...rates(pair.alice, path))).toBeLessThan(510)
  })

  it('is told also after another path that lost packets', () => {
    const pair = new Pair({ network: { bytesPerMs: 1_000, loss: 0.2 }, replacesPaths: false })
    const [first, second] = [pair.openPath(), pair.openPath()]
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    bulk(pair, 10_000)
    pair.network = { ...pair.network, loss: 0 }
    pair.handle(pair.alice, { kind: 'prefer', path: second })
    bulk(pair, 20_000)
    expect(rates(pair.alice, second).at(-1)).toBeGreaterThan(950)
  })

  it('is not told of a path that only chat goes over', () => {
    const pair = new Pair({ network: { bytesPerMs: 200 } })
    const path = pair.openPath()
    for (let i = 0; i < 100; i++) {
      pair.send(pair.alice, new Uint8Array(10 * i))
      pair.run(pair.now + 300)
    }
    expect(reports(pair.alice, path)).not.toEqual([])
    expect(rates(pair.alice, path)).toEqual([])
  })

  it('is not what a slow reader takes, but what the path carried before that', () => {
    const pair = new Pair({ network: { bytesPerMs: 5_000 }, consumes: false })
    const path = pair.openPath()
    for (let taken = 0; taken < 60; taken++) {
      bulk(pair, 500)
      pair.handle(pair.bob, { kind: 'consumed', bytes: 6 * PIECE_BYTES })
    }
    const [first, ...more] = rates(pair.alice, path)
    expect(first).toBeGreaterThan(4_000)
    expect(more).toEqual([])
  })

  it('is not spoilt by what another path still carries, on the line that both share', () => {
    const pair = new Pair({ network: { bytesPerMs: 300 }, replacesPaths: false })
    const [first, second] = [pair.openPath(), pair.openPath()]
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    bulk(pair, 15_000)
    pair.handle(pair.alice, { kind: 'prefer', path: second })
    bulk(pair, 1_000)
    const toldOfFirst = rates(pair.alice, first).length
    bulk(pair, 39_000)
    expect(rates(pair.alice, first)).toHaveLength(toldOfFirst)
    pair.handle(pair.alice, { kind: 'prefer', path: first })
    bulk(pair, 30_000)
    for (const path of [first, second]) {
      for (const rate of rates(pair.alice, path).slice(3)) {
        expect(rate).toBeGreaterThan(270)
        expect(rate).toBeLessThan(310)
      }
    }
    expect(rates(pair.alice, second).length).toBeGreaterThan(10)
  })
})

describe('the round trip of a path', () => {
  it('is told without the queue of its own data', () => {
    const pair = new Pair({ network: { bytesPerMs: 500 } })
    const path = pair.openPath()
    pair.handle(pair.alice, { kind: 'ping', id: 1 })
    pair.run(1_000)
    bulk(pair, 20_000)
    // What waits takes seconds.
    for (const { rttMs } of reports(pair.alice, path)) expect(rttMs).toBeLessThan(150)
  })

  it('follows a line that grows longer under what is no bulk', () => {
    const pair = new Pair({ network: { bytesPerMs: 5_000 } })
    const path = pair.openPath()
    for (let i = 0; i < 400; i++) {
      if (i === 100) pair.network = { ...pair.network, delayMs: 100 }
      pair.send(pair.alice, new Uint8Array(10_000))
      pair.run(pair.now + 30)
    }
    expect(reports(pair.alice, path).at(-1)?.rttMs).toBeGreaterThan(160)
    expect(rates(pair.alice, path)).toEqual([])
  })
})
