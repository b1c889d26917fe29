import { describe, expect, it } from 'vitest'
import type { Explanation } from '../client/node.ts'
import { explanationOf, routeOf } from '../client/testing/explanations.ts'
import { directTexts, noDirect } from './direct-text.ts'

const directly = [routeOf({ state: 'active', hops: [] })]
const idle = { state: 'idle' } as const

describe('the line on a direct connection', () => {
  it.each<[Partial<Explanation>, string]>([
    [{}, 'not from here: this machine has no WebRTC'],
    [{ direct: idle, mode: 'relay' }, 'not in mode relay'],
    [{ direct: idle, mode: 'private' }, 'not in mode private'],
    [{ direct: { state: 'open' } }, 'connected'],
    [{ direct: { state: 'trying' } }, 'trying (no outcome so far)'],
    [
      { direct: { state: 'trying', reason: 'silent' } },
      'trying again; the peer did not answer the offer (no outcome so far)',
    ],
    [
      { direct: { state: 'waiting', reason: 'unreachable', retryAt: 6_000 } },
      'no direct way was found between the two networks, again in 5 s',
    ],
    [{ direct: { state: 'idle', reason: 'unsupported' } }, 'the peer has no WebRTC'],
    [{ direct: idle, routes: directly }, 'not needed: there is a link to it already'],
  ])('of %j', (change, text) => {
    expect(directTexts(explanationOf(change), 1_000, undefined)).toEqual([text])
  })

  it('is left out where nothing is wanted', () => {
    expect(directTexts(explanationOf({ direct: idle, routes: [] }), 0, undefined)).toEqual([])
  })

  it('names the switch', () => {
    const off = (change: Partial<Explanation>) =>
      directTexts(explanationOf(change), 0, 'KEYMESH_WEBRTC=off')
    const text = ['not from here: switched off (KEYMESH_WEBRTC=off)']
    expect(off({})).toEqual(text)
    expect(off({ mode: 'relay' })).toEqual(text)
  })
})

describe('why there can be no direct connection', () => {
  it('is told to scripts in a word', () => {
    expect(noDirect(explanationOf({}), true)).toBe('switchedOff')
    expect(noDirect(explanationOf({}), false)).toBe('noWebRtc')
    expect(noDirect(explanationOf({ direct: idle, mode: 'private' }), false)).toBe('mode')
    expect(noDirect(explanationOf({ direct: idle }), false)).toBeUndefined()
  })
})
