import { describe, expect, it } from 'vitest'
import { setAsideWords, untold } from './private-words.ts'
import type { RelaySetAside } from './route-types.ts'

describe('what is against a relay', () => {
  it.each<[Omit<RelaySetAside, 'key'>, string]>([
    [{ reason: 'peer' }, 'is the one that is sought'],
    [{ reason: 'noRelay' }, 'does not relay'],
    [
      { reason: 'network', shared: '203.0.0.0/16', with: 'key_b' },
      'is in 203.0.0.0/16, like <key_b>',
    ],
    [{ reason: 'operator', shared: 'a\nb', with: 'key_b' }, 'is run by “a b”, like <key_b>'],
    [{ reason: 'unknown', with: 'key_b' }, 'shows no public address, like <key_b>'],
  ])('is said: %j', (relay, words) => {
    const printable = (text: string): string => text.replace('\n', ' ')
    expect(setAsideWords({ key: 'key_a', ...relay }, key => `<${key}>`, printable)).toBe(words)
  })
})

describe('those that are not told', () => {
  it('are counted without those that only failed', () => {
    const setAside = [
      { key: 'a', reason: 'noKey' },
      { key: 'b', reason: 'failed' },
    ] as const
    expect(untold({ place: 'last', candidates: 9, usable: 5, setAside })).toBe(3)
    expect(untold({ place: 'last', candidates: 2, usable: 1, setAside })).toBe(0)
  })
})
