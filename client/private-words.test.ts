import { describe, expect, it } from 'vitest'
import { setAsideWords, shortageWords, toldOf, untold } from './private-words.ts'
import type { PrivatePath, RelaySetAside } from './route-types.ts'

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

describe('a path for which there are too few relays in all', () => {
  const setAside = [
    { key: 'a', reason: 'taken' },
    { key: 'b', reason: 'combination' },
    { key: 'c', reason: 'noKey' },
  ] as const
  const guard = { place: 'guard', candidates: 3, usable: 0, setAside } as const

  it.each<[PrivatePath['missing'], RegExp]>([
    ['onlyOne', /^Only one relay can be used; three are needed/],
    ['onlyTwo', /^Only two relays can be used; three are needed/],
  ])('says so (%s), in the place of what follows from it', (missing, words) => {
    const path: PrivatePath = { places: [guard], ...(missing && { missing }) }
    expect(shortageWords(path)).toMatch(words)
    expect(toldOf(path, guard).map(({ key }) => key)).toEqual(['c'])
    expect(untold(guard)).toBe(0)
  })

  it.each([undefined, 'network', 'guard'] as const)('is none where %s is missing', missing => {
    const path: PrivatePath = { places: [guard], ...(missing && { missing }) }
    expect(shortageWords(path)).toBeUndefined()
    expect(toldOf(path, guard)).toBe(setAside)
  })
})
