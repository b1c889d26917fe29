// When others are asked for routes once more.

import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyId } from '../../identity/node-id.ts'
import type { RankedRoute } from '../../routes/route.ts'
import { TOLD_LINK_MS } from '../../wire/limits.ts'
import { routesForTests } from '../testing/routes.ts'
import { AskSchedule } from './ask-schedule.ts'

const INTERVAL_MS = TOLD_LINK_MS / 2
const finder = routesForTests()

let schedule: AskSchedule
let now: number

beforeEach(() => {
  schedule = new AskSchedule()
  now = 1_000
})

function routes(names: string): RankedRoute[] {
  return [...names].map(name => finder.judged(0, 'bob' as KeyId, [name as KeyId]))
}

/** Asks whenever it is due. @returns how long after one another, in intervals */
function pauses(count: number, known: (number: number) => string): number[] {
  const found: number[] = []
  let last = now
  for (let number = 0; number < count; now += INTERVAL_MS / 4) {
    if (!schedule.isDue({ now, unixMs: 0 })) continue
    schedule.asked({ now, unixMs: 0 }, routes(known(number)))
    found.push((now - last) / INTERVAL_MS)
    last = now
    number += 1
  }
  return found
}

describe('a question for routes', () => {
  it('is asked at once, and again before the word of others is forgotten', () => {
    expect(pauses(3, number => 'abcdef'.slice(0, number))).toEqual([0, 1, 1])
  })

  it('is asked half as often each time that it brought nothing new', () => {
    expect(pauses(8, () => 'ab')).toEqual([0, 1, 2, 4, 8, 8, 8, 8])
  })

  it('is not asked more often because a route is known no more', () => {
    expect(pauses(4, number => ['abc', 'ab', 'a', ''][number] ?? '')).toEqual([0, 1, 2, 4])
  })

  it('is asked more often again as soon as there is news', () => {
    expect(pauses(6, number => (number < 3 ? 'a' : 'ab'))).toEqual([0, 1, 2, 4, 1, 2])
  })

  it('is a first one again after a rest', () => {
    expect(pauses(4, () => 'a')).toEqual([0, 1, 2, 4])
    schedule.reset()
    expect(schedule.isDue({ now, unixMs: 0 })).toBe(true)
    expect(pauses(3, () => 'a').slice(1)).toEqual([1, 2])
  })
})
