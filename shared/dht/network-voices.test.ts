import { describe, expect, it } from 'vitest'
import { NetworkVoices } from './network-voices.ts'

describe('NetworkVoices', () => {
  it('listens to as many answers of one network as there may be, and to each network by itself', () => {
    const voices = new NetworkVoices(2)
    expect(['a', 'a', 'b'].map(network => voices.hear(network))).toEqual([true, true, true])
    expect(voices.isSilenced('a')).toBe(false)
    expect(voices.hear('a')).toBe(false)
    expect(['a', 'b', 'c'].map(network => voices.isSilenced(network))).toEqual([true, false, false])
  })

  it('always listens where networks do not count', () => {
    const voices = new NetworkVoices(1)
    for (let i = 0; i < 5; i++) expect(voices.hear(undefined)).toBe(true)
    expect(voices.isSilenced(undefined)).toBe(false)
  })
})
