// The passphrase of a backup: from KEYMESH_PASSPHRASE, else asked on the terminal without showing what is
// typed, else the first line of standard input.

import { createInterface } from 'node:readline'
import { MeshError } from '../client/node.ts'
import type { CliContext } from './context.ts'
import { readUntil, throwIfAborted } from './read-until.ts'

type PassphraseContext = Pick<CliContext, 'output' | 'stdin' | 'env' | 'signal' | 'interrupt'>

/** `new`: asked twice, for a mistake would be found out when it is too late; and not too short. */
export type PassphraseUse = 'new' | 'known'

const MAX_CHARS = 4_096
/** Whoever finds a backup has all the time to guess. NIST SP 800-63B (revision 3) 5.1.1.1 asks for as many. */
const NEW_MIN_CHARS = 8

/**
 * Standard input is closed afterwards.
 * @throws {MeshError} `USAGE` when there is none, the two differ or a new one is too short; `ABORTED`
 */
export async function readPassphrase(
  context: PassphraseContext,
  use: PassphraseUse,
): Promise<string> {
  const { env, stdin } = context
  const given = env.KEYMESH_PASSPHRASE
  try {
    const passphrase = given ?? (await (stdin.isTTY ? ask(context, use) : readLine(context)))
    if (passphrase === '') {
      throw new MeshError('USAGE', 'No passphrase was given.', {
        hint: 'Type it at a terminal, set KEYMESH_PASSPHRASE, or write it to standard input.',
      })
    }
    if (use === 'new') expectLong(passphrase)
    return passphrase
  } finally {
    // One that is still open would keep the process alive.
    stdin.destroy()
  }
}

async function ask(context: PassphraseContext, use: PassphraseUse): Promise<string> {
  const { output, stdin, signal, interrupt } = context
  if (stdin.readableEnded) return ''
  // A terminal without an output is one that shows nothing; what is typed can be edited all the same.
  const reader = createInterface({ input: stdin, terminal: true, historySize: 0, signal })
  reader.on('SIGINT', () => interrupt('SIGINT'))
  const lines = reader[Symbol.asyncIterator]()
  const next = async (question: string): Promise<string> => {
    output.prompt(question)
    const { value } = await lines.next()
    output.prompt('\n')
    throwIfAborted(signal)
    return typeof value === 'string' ? value : ''
  }
  try {
    const passphrase = await next('Passphrase of the backup: ')
    if (use === 'known' || passphrase === '') return passphrase
    expectLong(passphrase)
    if ((await next('The same again: ')) === passphrase) return passphrase
    throw new MeshError('USAGE', 'The two passphrases differ.', { hint: 'Run the command again.' })
  } finally {
    reader.close()
  }
}

async function readLine({ stdin, signal }: PassphraseContext): Promise<string> {
  const text = await readUntil(stdin, { mark: '\n', maxChars: MAX_CHARS, signal })
  const [line = ''] = text.split(/\r?\n/, 1)
  if (line.length <= MAX_CHARS) return line
  throw new MeshError('USAGE', `A passphrase has at most ${MAX_CHARS} characters.`)
}

/** Counted as the backup takes it (docs/PROTOCOL.md 2.5). */
function expectLong(passphrase: string): void {
  const chars = Array.from(passphrase.normalize('NFKC')).length
  if (chars >= NEW_MIN_CHARS) return
  throw new MeshError(
    'USAGE',
    `A passphrase for a backup has at least ${NEW_MIN_CHARS} characters; this one has ${chars}.`,
    { hint: 'A backup is as safe as its passphrase: choose several words that nobody can guess.' },
  )
}
