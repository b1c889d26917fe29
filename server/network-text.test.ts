import { describe, expect, it } from 'vitest'
import { networkText } from './network-text.ts'

const failure = {
  code: 'UNREACHABLE',
  message: 'The server wss://one.example cannot be reached.',
} as const

describe('what an operator reads of the network', () => {
  it('is a line for each change that matters', () => {
    expect(networkText({ state: 'joined', servers: 1 }, 'anywhere')).toBe('Joined the network.')
    expect(networkText({ state: 'alone' }, 'anywhere')).toContain('serving alone')
    expect(networkText({ state: 'joining' }, 'anywhere')).toBeUndefined()
  })

  it.each(['localNetwork', 'nowhere'] as const)(
    'does not call joined what is dialed from %s, and says what to do',
    from => {
      const text = networkText({ state: 'joined', servers: 1 }, from)
      expect(text).not.toContain('Joined')
      expect(text).toMatch(/^Reached the network, .* --public-url.* --lab\b/)
      expect(text?.includes('local network')).toBe(from === 'localNetwork')
      expect(networkText({ state: 'alone' }, from)).toBe(
        networkText({ state: 'alone' }, 'anywhere'),
      )
    },
  )

  it('names the server that does not answer, what happens, and what to do', () => {
    expect(networkText({ state: 'joining', failure }, 'anywhere')).toMatch(
      /^The server wss:.* cannot be reached\. Serving alone, .* Check the address of the server/,
    )
    const advised = { ...failure, hint: 'Do this.' }
    expect(networkText({ state: 'joining', failure: advised }, 'anywhere')).toMatch(
      / answers\. Do this\.$/,
    )
  })
})
