// A question to a person, on a terminal that a test plays.

import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { confirmed } from './confirm.ts'
import { Output } from './output.ts'

function open(isTTY = true) {
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const screen = new PassThrough()
  const output = new Output({ stdout: screen, stderr: screen, env: {}, isJson: false })
  const aborting = new AbortController()
  const ask = () => confirmed({ output, stdin, signal: aborting.signal }, 'Really?')
  return { stdin, aborting, ask, shown: () => String(screen.read()) }
}

describe('a question', () => {
  it.each([
    ['y', true],
    ['Y', true],
    [' yes ', true],
    ['', false],
    ['n', false],
    ['yesterday', false],
    ['no, y', false],
  ])('answered with %j', async (line, expected) => {
    const { stdin, ask, shown } = open()
    stdin.write(`${line}\nyes\n`)
    expect(await ask()).toBe(expected)
    expect(shown()).toBe('Really? [y/N] ')
    expect(stdin.destroyed).toBe(true)
  })

  it('that the end of the input answers is answered with no', async () => {
    const { stdin, ask } = open()
    stdin.end()
    expect(await ask()).toBe(false)
  })

  it('is given up with the command', async () => {
    const { aborting, ask } = open()
    const answer = expect(ask()).rejects.toMatchObject({ code: 'ABORTED' })
    aborting.abort()
    await answer
  })

  it('is not asked where there is no terminal', async () => {
    const { ask, shown } = open(false)
    await expect(ask()).rejects.toMatchObject({
      code: 'USAGE',
      hint: expect.stringContaining('--yes'),
    })
    expect(shown()).toBe('null')
  })
})
