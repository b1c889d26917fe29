import { describe, expect, it } from 'vitest'
import { Output, shortKey } from './output.ts'

function outputs({ isJson = false, isTTY = false, env = {} as NodeJS.ProcessEnv }) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written) => ({
    isTTY,
    write: (text: string) => {
      written[name] += text
    },
  })
  const output = new Output({ stdout: stream('stdout'), stderr: stream('stderr'), env, isJson })
  return { output, written }
}

const FAILURE = { code: 'OFFLINE', message: 'Away.', hint: 'Wait.' } as const

describe('Output', () => {
  it('writes results to stdout, remarks and errors to stderr', () => {
    const { output, written } = outputs({})
    output.result({ event: 'pong' }, 'answer')
    output.remark({ event: 'path' }, 'connected')
    output.error(FAILURE)
    expect(written).toEqual({
      stdout: 'answer\n',
      stderr: 'keymesh: connected\nkeymesh: Away. (OFFLINE)\n  Wait.\n',
    })
  })

  it.each([false, true])('asks people on stderr (--json: %s)', isJson => {
    const { output, written } = outputs({ isJson })
    output.prompt('Passphrase: ')
    expect(written).toEqual({ stdout: '', stderr: 'Passphrase: ' })
  })

  it('with --json writes everything to stdout, one object a line', () => {
    const { output, written } = outputs({ isJson: true, isTTY: true })
    output.result({ event: 'pong', seq: 1 }, 'answer')
    output.remark({ event: 'path', path: null }, 'connected')
    output.error(FAILURE)
    expect(written.stderr).toBe('')
    expect(
      written.stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      { event: 'pong', seq: 1 },
      { event: 'path', path: null },
      { event: 'error', ...FAILURE },
    ])
  })

  it('writes no more digits than mean something', () => {
    const { output, written } = outputs({ isJson: true })
    const since = 1_795_485_553_256.539
    output.result({ event: 'x', links: [{ since, rttMs: 2.222_233_9, key: '1.23456' }] }, '')
    const route = { startedAt: since, retryAt: since, lastSeen: since, tookMs: 0.04, hops: 3 }
    output.result({ event: 'y', ...route, reliability: 2 / 3, bytesPerS: 1_234.5 }, '')
    expect(written.stdout.split('\n')).toEqual([
      '{"event":"x","links":[{"since":1795485553257,"rttMs":2.2,"key":"1.23456"}]}',
      '{"event":"y","startedAt":1795485553257,"retryAt":1795485553257,"lastSeen":1795485553257,' +
        '"tookMs":0,"hops":3,"reliability":0.667,"bytesPerS":1234.5}',
      '',
    ])
  })

  it('never lets JSON paint a terminal, nor changes what it says', () => {
    const { output, written } = outputs({ isJson: true })
    const text = 'a\u001b[31m\u009b2J\u007f\u202e\n\u2028'
    output.result({ event: 'message', text }, '')
    expect(written.stdout).toMatch(/^[\u0020-\u007e]*\n$/)
    expect(JSON.parse(written.stdout)).toEqual({ event: 'message', text })
  })

  it('never lets a remark or an error paint a terminal', () => {
    const { output, written } = outputs({})
    output.remark({ event: 'x' }, 'a\u001b[2J')
    output.error({ ...FAILURE, message: 'b\u001b[2J' })
    expect(written.stderr).not.toContain('\u001b')
  })

  it.each([
    ['on a terminal', true, {}, true],
    ['in a pipe', false, {}, false],
    ['with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['on a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('is coloured %s: %s', (_, isTTY, env, isColoured) => {
    const { output, written } = outputs({ isTTY, env })
    output.error(FAILURE)
    expect(written.stderr.includes('\u001b[')).toBe(isColoured)
    expect(output.style.bold('x')).toBe(isColoured ? '\u001b[1mx\u001b[22m' : 'x')
  })

  it('gives all its lines to a screen while that is open', () => {
    const { output, written } = outputs({})
    const lines: string[] = []
    const giveBack = output.divert(line => lines.push(line))
    output.result({ event: 'message' }, 'one')
    output.remark({ event: 'path' }, 'two')
    expect(lines).toEqual(['one', 'keymesh: two'])
    giveBack()
    output.result({ event: 'message' }, 'three')
    output.remark({ event: 'path' }, 'four')
    expect(written).toEqual({ stdout: 'three\n', stderr: 'keymesh: four\n' })
  })
})

it('shortens keys so that people can tell them apart', () => {
  expect(shortKey('key_9899D74B5MkaRrnWgF7tmh')).toBe('key_9899D74B…')
})
