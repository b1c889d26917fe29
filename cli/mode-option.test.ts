import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { addModeOption } from './mode-option.ts'

const flagsOf = (...argv: string[]): unknown =>
  addModeOption(new Command().exitOverride().configureOutput({ outputError: () => {} }))
    .parse(argv, { from: 'user' })
    .opts()

describe('--mode', () => {
  it.each(['fast', 'relay', 'private'])('takes %s', mode => {
    expect(flagsOf('--mode', mode)).toEqual({ mode })
  })

  it('is left to the library unless given', () => expect(flagsOf()).toEqual({}))

  it.each([
    ['PRIVATE', 'private'],
    ['Privat', 'private'],
    ['privte', 'private'],
    ['realy', 'relay'],
    ['Fast', 'fast'],
  ])('guesses what %s was meant to be, and does not take it', (text, mode) => {
    expect(() => flagsOf('--mode', text)).toThrow(
      `Allowed choices are fast, relay, private.\n(Did you mean ${mode}?)`,
    )
  })

  it.each(['', 'secret', 'onion'])('guesses nothing of %j', text => {
    expect(() => flagsOf('--mode', text)).toThrow(/Allowed choices are fast, relay, private\.$/)
  })
})
