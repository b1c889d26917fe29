// How the command line ends: one exit code for each kind of failure (the table of docs/ERRORS.md), and
// whatever was thrown as the code, sentence and hint that its user reads.

import { CommanderError } from 'commander'
import type { ErrorCode } from '../client/node.ts'
import { MeshError } from '../client/node.ts'

/** Codes of the library, and one for faults of our own. */
export type CliErrorCode = ErrorCode | 'INTERNAL'

export interface CliError {
  readonly code: CliErrorCode
  /** One sentence. */
  readonly message: string
  readonly hint: string
}

export const EXIT_CODES: Readonly<Record<CliErrorCode, number>> = {
  INTERNAL: 1,
  USAGE: 2,
  INVALID_KEY: 2,
  TOO_LARGE: 2,
  NOT_FOUND: 3,
  OFFLINE: 3,
  REVOKED: 3,
  NO_PATH: 3,
  UNREACHABLE: 4,
  TIMEOUT: 5,
  REFUSED: 6,
  QUOTA: 6,
  UNAUTHENTICATED: 7,
  WRONG_NETWORK: 8,
  INCOMPATIBLE: 8,
  PROTOCOL: 8,
  STORAGE: 9,
  CORRUPT: 9,
  IN_USE: 10,
  CLOSED: 11,
  ABORTED: 130,
}

/** Ended from outside: 128 and the number of the signal, as shells count it. */
export const INTERRUPT_EXIT_CODES = {
  SIGHUP: 129,
  SIGINT: 130,
  /** Whoever read our output has gone. */
  SIGPIPE: 141,
  SIGTERM: 143,
} as const

export type Interruption = keyof typeof INTERRUPT_EXIT_CODES

/** @param env tells whether npm started us */
export function toCliError(thrown: unknown, env: NodeJS.ProcessEnv = {}): CliError {
  if (thrown instanceof MeshError) return thrown
  if (thrown instanceof CommanderError) return usageError(thrown, env)
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return {
    code: 'INTERNAL',
    message: `Something went wrong inside keymesh (${message}).`,
    hint: 'This is a fault of keymesh; please report it with the command that you ran.',
  }
}

/** The parser's own texts start with `error:` and put its guess of what was meant on a second line. */
function usageError({ code, message: text }: CommanderError, env: NodeJS.ProcessEnv): CliError {
  const sentence = text.replace(/^error: /, '').replaceAll('\n', ' ')
  const [first = '', ...rest] = sentence
  const ending = /[.)]$/.test(sentence) ? '' : '.'
  // npm takes options for its own, and leaves us their values.
  const isOfNpm = code === 'commander.excessArguments' && env.npm_lifecycle_event === 'keymesh'
  const message = first.toUpperCase() + rest.join('') + ending
  return new MeshError('USAGE', message, isOfNpm ? { hint: NPM_HINT } : {})
}

const NPM_HINT =
  'Options go behind two dashes of their own: npm run -s keymesh -- ping KEY --count 3.'
