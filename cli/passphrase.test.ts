// Where a passphrase comes from, on a terminal that a test plays and through pipes.

import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { Output } from './output.ts'
import type { PassphraseUse } from './passphrase.ts'
import { readPassphrase } from './passphrase.ts'

function open({ isTTY = true, env = {} as NodeJS.ProcessEnv } = {}) {
  const setRawMode = vi.fn()
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode })
  const screen = new PassThrough()
  const output = new Output({ stdout: screen, stderr: screen, env: {}, isJson: false })
  const aborting = new AbortController()
  const { signal } = aborting
  const interrupt = vi.fn(() => aborting.abort())
  const press = async (keys: string | Uint8Array): Promise<void> => {
    stdin.write(keys)
    await nextTurn()
  }
  const read = (use: PassphraseUse) =>
    readPassphrase({ output, stdin, env, signal, interrupt }, use)
  return { stdin, setRawMode, interrupt, aborting, press, read, shown: () => String(screen.read()) }
}

describe('a passphrase on a terminal', () => {
  it('is asked for once when it is known, and never shown', async () => {
    const { read, press, shown, setRawMode, stdin } = open()
    const passphrase = read('known')
    await press('sécret x\u007f\u007f\r')
    expect(await passphrase).toBe('sécret')
    expect(shown()).toBe('Passphrase of the backup: \n')
    expect(setRawMode.mock.calls).toEqual([[true], [false]])
    expect(stdin.destroyed).toBe(true)
  })

  it('is asked for twice when it is new, also when both come at once', async () => {
    const { read, press, shown } = open()
    const passphrase = read('new')
    await press('secret words\rsecret words\r')
    expect(await passphrase).toBe('secret words')
    expect(shown()).toBe('Passphrase of the backup: \nThe same again: \n')
  })

  it('must be the same twice', async () => {
    const { read, press, setRawMode } = open()
    const passphrase = expect(read('new')).rejects.toMatchObject({
      code: 'USAGE',
      message: 'The two passphrases differ.',
    })
    await press('one or the\r')
    await press('other one\r')
    await passphrase
    expect(setRawMode).toHaveBeenLastCalledWith(false)
  })

  it.each([
    ['nothing is typed', '\r'],
    ['Ctrl-D is pressed', '\u0004'],
  ])('is missing when %s', async (_, keys) => {
    const { read, press } = open()
    const passphrase = expect(read('new')).rejects.toMatchObject({ code: 'USAGE' })
    await press(keys)
    await passphrase
  })

  it('is refused before it is asked for again when it is new and too short', async () => {
    const { read, press, shown } = open()
    const passphrase = expect(read('new')).rejects.toMatchObject({
      code: 'USAGE',
      message: 'A passphrase for a backup has at least 8 characters; this one has 5.',
      hint: expect.stringContaining('nobody can guess'),
    })
    await press('short\r')
    await passphrase
    expect(shown()).toBe('Passphrase of the backup: \n')
  })

  it('is given up with Ctrl-C, and the terminal is as it was', async () => {
    const { read, press, interrupt, setRawMode } = open()
    const passphrase = expect(read('new')).rejects.toMatchObject({ code: 'ABORTED' })
    await press('half\u0003')
    await passphrase
    expect(interrupt).toHaveBeenCalledExactlyOnceWith('SIGINT')
    expect(setRawMode).toHaveBeenLastCalledWith(false)
  })

  it('is missing when the input has ended before', async () => {
    const { read, stdin } = open()
    stdin.end()
    for await (const _ of stdin.iterator({ destroyOnReturn: false }));
    await expect(read('known')).rejects.toMatchObject({ code: 'USAGE' })
  })
})

describe('a passphrase through a pipe', () => {
  it.each([
    ['its first line', 'sécret x \nmore\n', 'sécret x '],
    ['a line of Windows', 'secret words\r\n', 'secret words'],
    ['all of it when there is one line only', 'secret words', 'secret words'],
    ['what the shortest may be', 'sécret12', 'sécret12'],
    ['what the longest may be', `${'x'.repeat(4096)}`, 'x'.repeat(4096)],
  ])('is %s', async (_, text, passphrase) => {
    const { read, stdin, shown } = open({ isTTY: false })
    stdin.end(text)
    expect(await read('new')).toBe(passphrase)
    expect(shown()).toBe('null')
  })

  it('does not wait for the end of the pipe', async () => {
    const { read, stdin } = open({ isTTY: false })
    stdin.write('secret\n')
    expect(await read('known')).toBe('secret')
    expect(stdin.destroyed).toBe(true)
  })

  it('survives a character that comes in two pieces', async () => {
    const { read, press } = open({ isTTY: false })
    const passphrase = read('known')
    for (const byte of Buffer.from('é\n')) await press(Uint8Array.of(byte))
    expect(await passphrase).toBe('é')
  })

  it.each([
    ['missing in an empty pipe', ''],
    ['missing in an empty line', '\nsecret'],
    ['refused when it is too long', 'x'.repeat(4097)],
  ])('is %s', async (_, text) => {
    const { read, stdin } = open({ isTTY: false })
    stdin.end(text)
    await expect(read('known')).rejects.toMatchObject({ code: 'USAGE' })
  })

  it.each([
    ['7 letters', 'secret7', 7],
    ['7 that were typed as more', 'se\u0301cret7', 7],
    ['4 emoji', '🙂🙂🙂🙂', 4],
  ])('is refused when it is new and has %s, and taken when it is known', async (_, text, count) => {
    const short = open({ isTTY: false })
    short.stdin.end(text)
    await expect(short.read('new')).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(`this one has ${count}.`),
    })
    const known = open({ isTTY: false })
    known.stdin.end(text)
    expect(await known.read('known')).toBe(text)
  })

  it('is given up with the command', async () => {
    const { read, aborting } = open({ isTTY: false })
    const passphrase = expect(read('known')).rejects.toMatchObject({ code: 'ABORTED' })
    aborting.abort()
    await passphrase
  })
})

describe('KEYMESH_PASSPHRASE', () => {
  it.each([true, false])('goes before everything else (terminal: %s)', async isTTY => {
    const { read, shown } = open({ isTTY, env: { KEYMESH_PASSPHRASE: 'a secret ' } })
    expect(await read('new')).toBe('a secret ')
    expect(shown()).toBe('null')
  })

  it('is refused when it is empty, or new and too short', async () => {
    const { read } = open({ env: { KEYMESH_PASSPHRASE: '' } })
    await expect(read('known')).rejects.toMatchObject({ code: 'USAGE' })
    const short = open({ env: { KEYMESH_PASSPHRASE: 'short' } })
    await expect(short.read('new')).rejects.toMatchObject({ code: 'USAGE' })
  })
})
