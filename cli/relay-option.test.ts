import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addRelayOption, relayBytes } from './relay-option.ts'

describe('--relay-per-day', () => {
  it.each([
    ['1048576', 1_048_576],
    ['1024k', 1_048_576],
    ['1M', 1_048_576],
    [' 500m ', 524_288_000],
    ['2G', 2_147_483_648],
  ])('reads %j as %i bytes', (text, bytes) => {
    expect(relayBytes(text)).toBe(bytes)
  })

  it.each(['', '0', '-1M', '1.5G', '1048575', '1023k', '1T', '1 M', 'M', '999999999999999G'])(
    'refuses %j',
    text => {
      expect(() => relayBytes(text)).toThrow('whole number of bytes from 1M')
    },
  )

  it('is off unless given', () => {
    const flagsOf = (...argv: string[]) =>
      addRelayOption(new Command()).parse(argv, { from: 'user' }).opts()
    expect(flagsOf()).toEqual({})
    expect(flagsOf('--relay-per-day', '2M')).toEqual({ relayPerDay: 2_097_152 })
  })
})
