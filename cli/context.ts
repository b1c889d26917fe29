// What every command is given.

import type { Readable } from 'node:stream'
import type { Interruption } from './errors.ts'
import type { Output } from './output.ts'

export interface CliContext {
  readonly output: Output
  /** Aborted when the command is to end: by Ctrl-C, a signal, or a reader that has gone. */
  readonly signal: AbortSignal
  readonly env: NodeJS.ProcessEnv
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: NodeJS.WriteStream
  /** Ends the command as a signal would: a prompt in raw mode sees Ctrl-C as a key. */
  interrupt(interruption: Interruption): void
}
