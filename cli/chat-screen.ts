// Where a chat's lines come from. On a terminal: a prompt that arriving lines do not garble, for it is
// taken away, they are written, and it comes back with what was typed. Through a pipe: plain lines.

import type { Interface } from 'node:readline'
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import type { CliContext } from './context.ts'

export interface ChatScreen {
  readonly isInteractive: boolean
  /** Ends with the input: Ctrl-D, Ctrl-C, the end of a pipe. */
  readonly lines: AsyncIterable<string>
  close(): void
}

type ScreenContext = Pick<CliContext, 'output' | 'stdin' | 'stdout' | 'signal' | 'interrupt'>

export function openChatScreen(context: ScreenContext): ChatScreen {
  const { output, stdin, stdout } = context
  const isInteractive = stdin.isTTY === true && stdout.isTTY === true && !output.isJson
  return isInteractive ? openTerminal(context) : openPipe(context)
}

function openPipe({ stdin, signal }: ScreenContext): ChatScreen {
  const reader = createInterface({ input: stdin, signal, crlfDelay: Number.POSITIVE_INFINITY })
  return { isInteractive: false, lines: reader, close: () => closeInput(reader, stdin) }
}

function openTerminal({ output, stdin, stdout, signal, interrupt }: ScreenContext): ChatScreen {
  const reader = createInterface({
    input: stdin,
    output: stdout,
    terminal: true,
    signal,
    prompt: '> ',
  })
  // In raw mode Ctrl-C is a key like any other.
  reader.on('SIGINT', () => interrupt('SIGINT'))
  const giveBack = output.divert(line => writeAbovePrompt(reader, stdout, line))
  reader.prompt()
  return {
    isInteractive: true,
    lines: promptedLines(reader),
    close: () => {
      giveBack()
      closeInput(reader, stdin)
      cursorTo(stdout, 0)
      clearScreenDown(stdout)
    },
  }
}

async function* promptedLines(reader: Interface): AsyncIterable<string> {
  for await (const line of reader) {
    reader.prompt()
    yield line
  }
}

function writeAbovePrompt(reader: Interface, stdout: NodeJS.WriteStream, line: string): void {
  moveCursor(stdout, 0, -reader.getCursorPos().rows)
  cursorTo(stdout, 0)
  clearScreenDown(stdout)
  stdout.write(`${line}\n`)
  // The reader counts the rows of its prompt to go back over them; it stands on a new one now.
  Object.assign(reader, { prevRows: 0 })
  reader.prompt(true)
}

/** A standard input that is still open would keep the process alive. */
function closeInput(reader: Interface, stdin: ScreenContext['stdin']): void {
  reader.close()
  stdin.destroy()
}
