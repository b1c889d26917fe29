import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seeded } from '../session/testing/seeded.ts'
import { PATH_SWITCH_AFTER_MS, PATH_SWITCH_MIN_MS, PATH_SWITCH_MIN_SHARE } from '../wire/limits.ts'
import type { PathCandidate } from './path-choice.ts'
import { PathChoice } from './path-choice.ts'

function costs(...list: number[]): PathCandidate<string>[] {
  return list.map((cost, at) => ({ id: 'abcdefgh'.charAt(at), cost }))
}

/** On `a`, which costs 100. */
function onA(): PathChoice<string> {
  const choice = new PathChoice<string>()
  expect(choice.choose(0, costs(100, 200))).toBe('a')
  return choice
}

describe('PathChoice', () => {
  it('takes the cheapest when it has none, and none when there is none', () => {
    const choice = new PathChoice<string>()
    expect(choice.choose(0, [])).toBeUndefined()
    expect(choice.choose(0, costs(30, 20, 40))).toBe('b')
    expect(choice.current).toBe('b')
    expect(choice.choose(0, [])).toBeUndefined()
    expect(choice.current).toBeUndefined()
  })

  it('takes the best other one at once when the current one is gone, or has no finite cost', () => {
    const rest = costs(100, 300, 200)
    expect(onA().choose(1, rest.slice(1))).toBe('c')
    expect(onA().choose(1, costs(Infinity, 300, 200))).toBe('c')
    expect(onA().choose(1, costs(Number.NaN, 300, Infinity))).toBe('b')
    expect(onA().choose(1, costs(Infinity, Infinity))).toBeUndefined()
  })

  const MIN_GAIN = 100 * PATH_SWITCH_MIN_SHARE
  it.each([
    ['share', 100, 100 - MIN_GAIN + 0.01, 'a'],
    ['share', 100, 100 - MIN_GAIN, 'b'],
    ['share', 100, 100 - MIN_GAIN - 0.01, 'b'],
    ['gain', 20, 20 - PATH_SWITCH_MIN_MS + 0.01, 'a'],
    ['gain', 20, 20 - PATH_SWITCH_MIN_MS, 'b'],
    ['gain', 20, 20 - PATH_SWITCH_MIN_MS - 0.01, 'b'],
  ])('by %s: from %d to %d chooses %s', (_, current, other, chosen) => {
    const choice = onA()
    choice.choose(0, costs(current, other))
    expect(choice.choose(PATH_SWITCH_AFTER_MS, costs(current, other))).toBe(chosen)
  })

  it('takes a direct one at once, and after it was in use like any other', () => {
    const direct = { id: 'd', cost: 50, isDirect: true }
    const choice = onA()
    expect(choice.choose(0, [...costs(100), { ...direct, cost: 95 }])).toBe('a')
    expect(choice.choose(0, [...costs(100), direct])).toBe('d')
    expect(choice.choose(1, [...costs(100), { ...direct, cost: 300 }])).toBe('d')
    expect(choice.choose(5_000, [...costs(100), { ...direct, cost: 300 }])).toBe('a')
    expect(choice.choose(5_001, [...costs(100), direct])).toBe('a')
    expect(choice.choose(5_001 + PATH_SWITCH_AFTER_MS, [...costs(100), direct])).toBe('d')
  })

  it.each([
    [PATH_SWITCH_AFTER_MS - 1, 'a'],
    [PATH_SWITCH_AFTER_MS, 'b'],
    [PATH_SWITCH_AFTER_MS + 1, 'b'],
  ])('after %d ms of a better one is on %s', (now, chosen) => {
    const choice = onA()
    choice.choose(0, costs(100, 50))
    expect(choice.choose(now, costs(100, 50))).toBe(chosen)
  })

  it('begins to wait anew whenever the other one is not better any more', () => {
    const choice = onA()
    choice.choose(1_000, costs(100, 50))
    choice.choose(2_000, costs(100, 90))
    choice.choose(2_500, costs(100, 50))
    expect(choice.choose(2_500 + PATH_SWITCH_AFTER_MS - 1, costs(100, 50))).toBe('a')
    expect(choice.choose(2_500 + PATH_SWITCH_AFTER_MS, costs(100, 50))).toBe('b')
  })

  it('does not credit one that was away, nor one with the time of another', () => {
    const choice = onA()
    choice.choose(0, costs(100, 50))
    choice.choose(1_500, costs(100))
    expect(choice.choose(2_000, costs(100, 50, 40))).toBe('a')
    expect(choice.choose(3_900, costs(100, 95, 40))).toBe('a')
    expect(choice.choose(4_000, costs(100, 95, 40))).toBe('c')
  })

  it('of several that proved themselves takes the cheapest', () => {
    const choice = onA()
    choice.choose(0, costs(100, 50, 40, 60))
    expect(choice.choose(PATH_SWITCH_AFTER_MS, costs(100, 50, 40, 60))).toBe('c')
  })

  it('says when to ask again', () => {
    const choice = onA()
    expect(choice.nextTimeout()).toBeUndefined()
    choice.choose(700, costs(100, 50))
    choice.choose(900, costs(100, 50, 50))
    expect(choice.nextTimeout()).toBe(700 + PATH_SWITCH_AFTER_MS)
    choice.choose(1_000, costs(100, 90, 50))
    expect(choice.nextTimeout()).toBe(900 + PATH_SWITCH_AFTER_MS)
    choice.choose(900 + PATH_SWITCH_AFTER_MS, costs(100, 90, 50))
    expect(choice.current).toBe('c')
    expect(choice.nextTimeout()).toBeUndefined()
  })
})

/** How often the choice changes over an hour, asked every 100 ms. */
function switchesOver(costsAt: (now: number) => number[]): number {
  const choice = new PathChoice<string>()
  let switches = 0
  for (let now = 0, before: string | undefined; now < 3_600_000; now += 100) {
    const chosen = choice.choose(now, costs(...costsAt(now)))
    if (before !== undefined && chosen !== before) switches++
    before = chosen
  }
  return switches
}

describe('PathChoice on noise', () => {
  it('never changes between equals whose costs vary by a tenth, whatever they do', () => {
    const varying = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), {
      minLength: 3,
      maxLength: 3,
    })
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1_000, noNaN: true }),
        fc.array(varying, { minLength: 2, maxLength: 50 }),
        (cost, rounds) => {
          const choice = new PathChoice<string>()
          const chosen = rounds.map((factors, at) =>
            choice.choose(at * 5_000, costs(...factors.map(factor => factor * cost))),
          )
          expect(new Set(chosen).size).toBe(1)
        },
      ),
      { seed: 1, numRuns: 300 },
    )
  })

  it.each([1, 2, 3])('never changes between equals that vary by half at random (seed %i)', seed => {
    const random = seeded(seed)
    expect(switchesOver(() => [1, 2, 3].map(() => 100 * (0.5 + random.next())))).toBe(0)
  })

  it('changes once when one becomes clearly better, for all the noise', () => {
    const random = seeded(4)
    const noisy = (cost: number): number => cost * (0.9 + 0.2 * random.next())
    expect(switchesOver(now => [noisy(100), noisy(now < 1_800_000 ? 110 : 55)])).toBe(1)
  })

  it('never changes twice within the time that a better one takes to prove itself', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1_500), fc.array(fc.nat(300), { minLength: 3, maxLength: 3 })), {
          maxLength: 60,
        }),
        rounds => {
          const choice = new PathChoice<string>()
          let now = 0
          let [before, changedAt] = [choice.choose(now, costs(1, 2, 3)), -Infinity]
          for (const [pauseMs, list] of rounds) {
            now += pauseMs
            const chosen = choice.choose(now, costs(...list))
            if (chosen === before) continue
            expect(now - changedAt).toBeGreaterThanOrEqual(PATH_SWITCH_AFTER_MS)
            changedAt = now
            before = chosen
          }
        },
      ),
      { seed: 2, numRuns: 500 },
    )
  })
})

describe('PathChoice on averages of round trips', () => {
  it('of two equal paths changes seldom, where taking the cheapest changes all the time', () => {
    const random = seeded(5)
    /** 50 ms and a jitter that is 20 ms on average. */
    const rtt = (): number => 50 - 20 * Math.log(1 - random.next())
    const smoothed = [rtt(), rtt()] as [number, number]
    const choice = new PathChoice<string>()
    const counts = { ours: 0, cheapest: 0 }
    let [before, cheapestBefore] = [choice.choose(0, costs(...smoothed)), 'a']
    for (let now = 1_000; now < 3_600_000; now += 1_000) {
      // The path in use is measured every second, the other one every five.
      for (const at of [0, 1] as const) {
        const isDue = 'ab'.charAt(at) === before || now % 5_000 === 0
        if (isDue) smoothed[at] += (rtt() - smoothed[at]) / 8
      }
      const chosen = choice.choose(now, costs(...smoothed))
      const cheapest = smoothed[0] <= smoothed[1] ? 'a' : 'b'
      if (chosen !== before) counts.ours++
      if (cheapest !== cheapestBefore) counts.cheapest++
      before = chosen
      cheapestBefore = cheapest
    }
    expect(counts.cheapest).toBeGreaterThan(300)
    expect(counts.ours).toBeLessThan(12)
  })
})
