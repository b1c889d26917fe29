import { describe, expect, it } from 'vitest'
import { networkText } from './network-text.ts'

const failure = {
  code: 'UNREACHABLE',
  message: 'The server wss://one.example cannot be reached.',
} as const

describe('what an operator reads of the network', () => {
  it('is a line for each change that matters', () => {
    expect(networkText({ state: 'joined', servers: 1 })).toBe('Joined the network.')
    expect(networkText({ state: 'alone' })).toContain('serving alone')
    expect(networkText({ state: 'joining' })).toBeUndefined()
  })

  it('names the server that does not answer, what happens, and what to do', () => {
    expect(networkText({ state: 'joining', failure })).toMatch(
      /^The server wss:.* cannot be reached\. Serving alone, .* No server can be reached; check /,
    )
    const advised = { ...failure, hint: 'Do this.' }
    expect(networkText({ state: 'joining', failure: advised })).toMatch(/ answers\. Do this\.$/)
  })
})
