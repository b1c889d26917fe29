import { describe, expect, it } from 'vitest'
import { serverNamed } from '../testing/attempt-fixture.ts'
import { TriedHops } from './tried-hops.ts'

/** @param generation of the onion keys */
function way(names: string, generation = 1) {
  const onionKey = new Uint8Array(32).fill(generation)
  const hops = names.split('-').map(name => ({ id: serverNamed(name).publicKey, onionKey }))
  return { relays: [], hops, latencyMs: 0 }
}

function having(...names: string[]): (tried: TriedHops) => string[] {
  return tried => names.filter(name => tried.has(way(name)))
}

describe('a way', () => {
  // The last one stands for the peer.
  const known = having('x-v', 'one-x-v', 'two-x-v', 'one-y-x-v', 'two-y-x-v', 'two-z-x-v')

  it('that was taken is not taken again, but its end may be', () => {
    const tried = new TriedHops()
    tried.taken(way('x-v'))
    tried.taken(way('one-y-x-v'))
    expect(known(tried)).toEqual(['x-v', 'one-y-x-v'])
    tried.forget(way('x-v'))
    expect(known(tried)).toEqual(['one-y-x-v'])
  })

  it('that was refused behind the first relay is not taken over another', () => {
    const tried = new TriedHops()
    tried.refused(way('one-x-v'))
    expect(known(tried)).toEqual([
      'x-v',
      'one-x-v',
      'two-x-v',
      'one-y-x-v',
      'two-y-x-v',
      'two-z-x-v',
    ])
    expect(tried.has(way('two-x-v', 2))).toBe(false)
    expect(tried.has(way('two-y-v'))).toBe(false)
  })

  it('over three relays that was refused may be taken over another middle', () => {
    const tried = new TriedHops()
    tried.refused(way('one-y-x-v'))
    expect(known(tried)).toEqual(['one-y-x-v', 'two-y-x-v'])
    expect(tried.isDoubted(way('x-v').hops)).toBe(true)
    expect(tried.isDoubted(way('z-v').hops)).toBe(false)
    expect(tried.isDoubted(way('x-v', 2).hops)).toBe(false)
  })

  it('over one relay that was refused is not taken over that relay', () => {
    const tried = new TriedHops()
    tried.refused(way('x-v'))
    expect(known(tried)).toContain('two-x-v')
    expect(tried.has(way('y-v'))).toBe(false)
  })
})
