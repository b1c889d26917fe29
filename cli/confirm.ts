// Asks a person at a terminal whether to go on.

import { createInterface } from 'node:readline'
import { MeshError } from '../client/node.ts'
import type { CliContext } from './context.ts'
import { throwIfAborted } from './read-until.ts'

type ConfirmContext = Pick<CliContext, 'output' | 'stdin' | 'signal'>

/**
 * Standard input is closed afterwards.
 * @param question with its question mark
 * @throws {MeshError} `USAGE` where there is nobody to ask, `ABORTED`
 */
export async function confirmed(context: ConfirmContext, question: string): Promise<boolean> {
  const { output, stdin, signal } = context
  if (stdin.isTTY !== true) {
    throw new MeshError(
      'USAGE',
      'This asks before it is done, and there is no terminal to ask at.',
      {
        hint: 'Run it at a terminal, or say --yes.',
      },
    )
  }
  // The terminal shows what is typed, and makes a signal of Ctrl-C.
  const reader = createInterface({ input: stdin, terminal: false, signal })
  try {
    output.prompt(`${question} [y/N] `)
    const { value } = await reader[Symbol.asyncIterator]().next()
    if (typeof value === 'string') return /^y(es)?$/i.test(value.trim())
    output.prompt('\n')
    throwIfAborted(signal)
    return false
  } finally {
    reader.close()
    // One that is still open would keep the process alive.
    stdin.destroy()
  }
}
