// What is wrong with a command line is told before anything is opened.

import { describe, expect, it } from 'vitest'
import type { CliContext } from './context.ts'
import { toCliError } from './errors.ts'
import { Output } from './output.ts'
import { buildProgram } from './program.ts'

const KEY = 'key_AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9'

function parse(...args: string[]): Promise<unknown> {
  const { stdin, stdout } = process
  const nowhere = { write: () => {} }
  const output = new Output({ stdout: nowhere, stderr: nowhere, env: {}, isJson: false })
  const signal = new AbortController().signal
  const context: CliContext = { output, signal, env: {}, stdin, stdout, interrupt: () => {} }
  return buildProgram(context).parseAsync(args, { from: 'user' })
}

describe('the command line', () => {
  it.each([
    [['pin'], 'USAGE', "Unknown command 'pin' (Did you mean ping?)"],
    [['ping'], 'USAGE', "Missing required argument 'key'."],
    [['send', KEY], 'USAGE', "Missing required argument 'text'."],
    [['send', KEY, 'a', 'b'], 'USAGE', 'Too many arguments'],
    [['ping', KEY, '--nonsense'], 'USAGE', "Unknown option '--nonsense'."],
    [['ping', KEY, '--count', '0'], 'USAGE', 'a whole number from 1 to'],
    [['ping', KEY, '--timeout', 'long'], 'USAGE', 'a whole number from 1 to 600000.'],
    [['ping', KEY, '--server'], 'USAGE', 'argument missing.'],
    [['ping', KEY, '--server', 'nonsense'], 'USAGE', "'nonsense' is not a server address."],
    [['ping', KEY, '--network', 'x'], 'USAGE', 'A network id has 32 hex digits.'],
    [['ping', 'key_x'], 'INVALID_KEY', 'The key is too short'],
    [['chat', `${KEY}x`], 'INVALID_KEY', 'The key'],
    [['id', '--backup', 'a', '--restore', 'b'], 'USAGE', 'cannot be used with'],
    [['id', '--replace'], 'USAGE', 'without --restore.'],
    [['id', '--replace', '--backup', 'a'], 'USAGE', 'without --restore.'],
    [['watch'], 'USAGE', "Missing required argument 'key'."],
    [['watch', KEY, 'key_x'], 'INVALID_KEY', 'The key is too short'],
    [['routes'], 'USAGE', "Missing required argument 'key'."],
    [['explain', 'key_x'], 'INVALID_KEY', 'The key is too short'],
    [['ping', KEY, '--mode', 'PRIVATE'], 'USAGE', 'private. (Did you mean private?)'],
    [['ping', KEY, '--mode', 'secret'], 'USAGE', 'Allowed choices are fast, relay, private.'],
    [['lookup', KEY, '--mode', 'fast'], 'USAGE', "Unknown option '--mode'."],
    [['revoke', 'x'], 'USAGE', 'Too many arguments'],
    [['revoke', '--data', '/nonexistent'], 'NOT_FOUND', 'no identity'],
    [['serve', '--port', '65536'], 'USAGE', 'a whole number from 0 to 65535.'],
    [['serve', '--log-level', 'loud'], 'USAGE', 'Allowed choices are silent'],
    [['serve', '--join', 'ws://192.0.2.1'], 'USAGE', 'is not encrypted.'],
    [['serve', '--tls-cert', 'x'], 'USAGE', 'TLS needs both'],
  ])('%j ends in %s', async (args, code, sentence) => {
    const error = await parse(...args).then(
      () => undefined,
      (thrown: unknown) => toCliError(thrown),
    )
    expect(error).toMatchObject({ code, message: expect.stringContaining(sentence) })
  })
})
