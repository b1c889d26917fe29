import { describe, expect, it } from 'vitest'
import { directLine } from './direct-line.ts'

const OPEN = { kind: 'open', path: undefined } as const

describe('what is said of a direct connection', () => {
  it.each([
    ['without WebRTC, in every mode', undefined, 'relay', OPEN, /^not from here/],
    ['in a mode that has none', { state: 'idle' }, 'relay', OPEN, /^not used in this mode$/],
    ['just before the node knows the mode', { state: 'waiting' }, 'private', OPEN, /^not used/],
    ['just after the mode was left', { state: 'idle' }, 'fast', OPEN, /^none now$/],
    ['without a session', { state: 'idle' }, 'fast', undefined, /^none: there is no session/],
    ['where the peer cannot', { state: 'idle', reason: 'unsupported' }, 'fast', OPEN, /no WebRTC$/],
    ['else', { state: 'trying' }, 'fast', OPEN, /^trying$/],
  ] as const)('%s', (_, direct, mode, reach, words) => {
    expect(directLine(direct, mode, reach)).toMatch(words)
  })
})
