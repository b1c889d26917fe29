import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { Output } from './output.ts'
import { addRelayOption, relayBytes, tellRelaying } from './relay-option.ts'

describe('--relay-per-day', () => {
  it.each([
    ['1048576', 1_048_576],
    ['1024k', 1_048_576],
    ['1M', 1_048_576],
    [' 500m ', 524_288_000],
    ['2G', 2_147_483_648],
    ['1.5G', 1_610_612_736],
    ['500MB', 524_288_000],
    ['500MiB', 524_288_000],
    ['0.5gb', 536_870_912],
    ['1.1M', 1_153_433],
  ])('reads %j as %i bytes', (text, bytes) => {
    expect(relayBytes(text)).toBe(bytes)
  })

  it.each([
    '',
    '0',
    '-1M',
    '1.5',
    '1048575',
    '1048576.5B',
    '0.9M',
    '1.M',
    '.5G',
    '1T',
    '1 M',
    'M',
    '999999999999999G',
  ])('refuses %j', text => {
    expect(() => relayBytes(text)).toThrow('It must be 1M or more, as 500M, 1.5G or 2GB.')
  })

  it('is off unless given', () => {
    const flagsOf = (...argv: string[]) =>
      addRelayOption(new Command()).parse(argv, { from: 'user' }).opts()
    expect(flagsOf()).toEqual({})
    expect(flagsOf('--relay-per-day', '2M')).toEqual({ relayPerDay: 2_097_152 })
  })
})

describe('what is said of it', () => {
  const said = (relayPerDay?: number, isJson = false): string => {
    let text = ''
    const stream = {
      write: (line: string) => {
        text += line
      },
    }
    const output = new Output({ stdout: stream, stderr: stream, env: {}, isJson })
    const flags = { timeout: 1, discovery: true, lan: true }
    tellRelaying(relayPerDay === undefined ? flags : { ...flags, relayPerDay }, output)
    return text
  }

  it('is how much is carried, for people and for programs', () => {
    expect(said(524_288_000)).toBe(
      'keymesh: Carrying messages of others, up to 500 MiB in 24 hours.\n',
    )
    expect(JSON.parse(said(524_288_000, true))).toEqual({
      event: 'relaying',
      bytesPerDay: 524_288_000,
    })
  })

  it('is nothing unless it was asked for', () => expect(said()).toBe(''))
})
