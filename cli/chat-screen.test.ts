// The prompt of a chat on a terminal that a test plays: keys go in, the characters that come out are read.

import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import type { ChatScreen } from './chat-screen.ts'
import { openChatScreen } from './chat-screen.ts'
import { Output } from './output.ts'

let screen: ChatScreen | undefined

afterEach(() => screen?.close())

function open({ isTTY = true, isJson = false } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => {} })
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 20, rows: 10 })
  const interrupts: string[] = []
  const output = new Output({ stdout, stderr: stdout, env: { NO_COLOR: '1' }, isJson })
  const context: Parameters<typeof openChatScreen>[0] = {
    output,
    stdin,
    stdout: stdout as unknown as NodeJS.WriteStream,
    signal: new AbortController().signal,
    interrupt: (name: string): void => void interrupts.push(name),
  }
  screen = openChatScreen(context)
  const lines = screen.lines[Symbol.asyncIterator]()
  /** What was written since the last look. */
  const written = (): string => String(stdout.read() ?? '')
  const press = async (keys: string): Promise<void> => {
    stdin.write(keys)
    await nextTurn()
  }
  return { screen, output, lines, interrupts, written, press, stdin }
}

const result = (output: Output, text: string) => output.result({ event: 'message' }, text)

describe('a chat on a terminal', () => {
  it('writes an arriving line in place of the prompt, and brings back what was typed', async () => {
    const { output, written, press, lines } = open()
    const line = lines.next()
    await press('half')
    written()
    result(output, 'Ann: hi')
    expect(written()).toBe('\u001b[1G\u001b[0JAnn: hi\n\u001b[1G\u001b[0J> half\u001b[7G')
    await press(' done\r')
    expect(await line).toEqual({ done: false, value: 'half done' })
  })

  it('clears every row of a typed line that wraps', async () => {
    const { output, written, press, lines } = open()
    void lines.next()
    await press('x'.repeat(45))
    written()
    result(output, 'Ann: hi')
    expect(written().startsWith('\u001b[2A\u001b[1G\u001b[0JAnn: hi\n')).toBe(true)
  })

  it('writes remarks above the prompt, too', async () => {
    const { output, written } = open()
    written()
    output.remark({ event: 'path' }, 'connected')
    expect(written()).toContain('keymesh: connected\n')
  })

  it('takes Ctrl-C for an interrupt and Ctrl-D for the end', async () => {
    const { press, lines, interrupts } = open()
    const line = lines.next()
    await press('\u0003')
    expect(interrupts).toEqual(['SIGINT'])
    await press('\u0004')
    expect(await line).toMatchObject({ done: true })
  })

  it('closed, it takes the prompt away and lets go of the input', () => {
    const opened = open()
    opened.written()
    opened.screen.close()
    expect(opened.written().endsWith('\u001b[1G\u001b[0J')).toBe(true)
    expect(opened.stdin.destroyed).toBe(true)
    result(opened.output, 'after')
    expect(opened.written()).toBe('after\n')
  })
})

describe('a chat without a terminal', () => {
  it.each([
    ['in a pipe', { isTTY: false }],
    ['with --json', { isJson: true }],
  ])('%s has no prompt: lines are lines', async (_, how) => {
    const opened = open(how)
    expect(opened.screen.isInteractive).toBe(false)
    opened.stdin.end('one\r\ntwo\nthree')
    const lines: string[] = []
    for await (const line of opened.screen.lines) lines.push(line)
    expect(lines).toEqual(['one', 'two', 'three'])
    expect(opened.written()).toBe('')
  })
})
