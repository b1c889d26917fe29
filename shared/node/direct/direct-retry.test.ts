import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import { RTC_DOUBT_MS, RTC_RETRY_MIN_MS } from '../../wire/limits.ts'
import { DirectRetry } from './direct-retry.ts'
import type { DirectFailure } from './direct-types.ts'

const CHANGED_AT = 1_000

/** @returns how long after that failure the next attempt is due */
function pauseMs(retry: DirectRetry, at: number, failure: DirectFailure): number {
  retry.failed(at, failure)
  return (retry.at ?? Number.NaN) - at
}

function changed(): DirectRetry {
  const retry = new DirectRetry(seededRandom(1))
  retry.networkChanged(CHANGED_AT)
  return retry
}

describe('after a change of the network', () => {
  it.each([
    [0, true],
    [RTC_DOUBT_MS - 1, true],
    [RTC_DOUBT_MS, false],
    [60 * 60_000, false],
  ])('what is lost %i ms later is made again at once: %s', (laterMs, isAtOnce) => {
    const pause = pauseMs(changed(), CHANGED_AT + laterMs, 'lost')
    if (isAtOnce) expect(pause).toBe(0)
    else expect(pause).toBeGreaterThanOrEqual(RTC_RETRY_MIN_MS / 2)
  })

  it('an attempt that fails waits all the same', () => {
    expect(pauseMs(changed(), CHANGED_AT, 'unreachable')).toBeGreaterThanOrEqual(
      RTC_RETRY_MIN_MS / 2,
    )
  })

  it('a connection that was made since has nothing to do with it', () => {
    const retry = changed()
    retry.succeeded()
    expect(pauseMs(retry, CHANGED_AT, 'lost')).toBeGreaterThanOrEqual(RTC_RETRY_MIN_MS / 2)
  })
})
