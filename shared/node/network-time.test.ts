import { describe, expect, it } from 'vitest'
import type { KeyId } from '../identity/node-id.ts'
import { NetworkTime } from './network-time.ts'
import { START_UNIX_MS } from './testing/mini-world.ts'
import { identityOf } from './testing/records.ts'

const KEY = 'k'.repeat(32) as KeyId

function keyOf(number: number): KeyId {
  return identityOf(number).keyId
}

describe('NetworkTime', () => {
  const time = { now: 0, unixMs: START_UNIX_MS }
  const offset = (network: NetworkTime): number => network.at(time) - START_UNIX_MS

  function told(...offsets: readonly number[]): NetworkTime {
    const network = new NetworkTime()
    offsets.forEach((ms, at) => {
      network.sample(time, keyOf(at), START_UNIX_MS + ms, 0)
    })
    return network
  }

  it.each([
    [[], 0],
    [[500], 500],
    [[1_000_000, 20], 20],
    [[-1_000_000, 20], 20],
    [[10, 20, 1_000_000], 20],
    [[10, 20, 30, 40], 20],
    [[1, 2, 3, 4, 5], 3],
    // The sixth pushes the first out.
    [[1_000, 2, 3, 4, 5, 6], 4],
  ])('of %j is %i', (offsets, expected) => {
    expect(offset(told(...offsets))).toBe(expected)
  })

  describe('for what we sign', () => {
    const DAY_MS = 86_400_000
    const recordOffset = (network: NetworkTime, ownUnixMs = START_UNIX_MS): number => {
      const own = { now: 0, unixMs: ownUnixMs }
      return network.forRecord({ now: 0, unixMs: network.at(own) }).unixMs - ownUnixMs
    }

    it.each([
      [[], 0],
      [[500], 500],
      [[DAY_MS], DAY_MS],
      [[3 * DAY_MS], 3 * DAY_MS],
      [[3 * DAY_MS + 1], 0],
      [[-3 * DAY_MS], -3 * DAY_MS],
      [[-3 * DAY_MS - 1], 0],
      [[9 * DAY_MS, 9 * DAY_MS], 0],
      [[9 * DAY_MS, 20], 20],
      [[9 * DAY_MS, 9 * DAY_MS, 9 * DAY_MS], 9 * DAY_MS],
    ])('of %j is %i', (offsets, expected) => {
      expect(recordOffset(told(...offsets))).toBe(expected)
    })

    it('is what one server says when our own clock shows a time that cannot be', () => {
      const network = new NetworkTime()
      network.sample({ now: 0, unixMs: 5_000 }, KEY, START_UNIX_MS, 0)
      expect(recordOffset(network, 5_000)).toBe(START_UNIX_MS - 5_000)
      // And no longer once that clock was set.
      expect(recordOffset(network)).toBe(0)
    })
  })

  it('hears each server once', () => {
    const network = told(10, 20)
    for (let i = 0; i < 9; i++) network.sample(time, keyOf(7), START_UNIX_MS + 1e9, 0)
    expect(offset(network)).toBe(20)
  })

  it('forgets the one it has not heard for the longest', () => {
    const network = told(1, 2, 3, 4, 5)
    network.sample(time, keyOf(0), START_UNIX_MS + 100, 0)
    network.sample(time, keyOf(9), START_UNIX_MS + 9, 0)
    // Left are 3, 4, 5, 9 and 100.
    expect(offset(network)).toBe(5)
  })

  it('counts half of the round trip and gives whole milliseconds', () => {
    const network = new NetworkTime()
    network.sample(time, KEY, START_UNIX_MS, 25)
    expect(network.at(time)).toBe(START_UNIX_MS + 13)
  })

  it.each([0, 1_577_836_799_999, 7_258_118_400_001, Number.MAX_SAFE_INTEGER])(
    'ignores %i',
    unixMs => {
      const network = new NetworkTime()
      network.sample(time, KEY, unixMs, 0)
      expect(offset(network)).toBe(0)
    },
  )
})
