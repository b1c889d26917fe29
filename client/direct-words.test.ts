import { expect, it } from 'vitest'
import { directWords } from './direct-words.ts'

it.each([
  [undefined, 'not from here: no WebRTC, or switched off'],
  [{ state: 'open' }, 'connected'],
  [{ state: 'trying' }, 'trying'],
  [{ state: 'trying', reason: 'lost' }, 'trying again; the connection was lost'],
  [{ state: 'waiting', reason: 'silent' }, 'the peer did not answer the offer'],
  [{ state: 'idle' }, 'none: no session with the peer, or its path mode is not fast'],
  [{ state: 'idle', reason: 'unsupported' }, 'the peer has no WebRTC'],
] as const)('of %j is said: %s', (direct, words) => {
  expect(directWords(direct)).toBe(words)
})
