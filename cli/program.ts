// The keymesh command as a whole: its sub-commands, and how each run ends in one exit code.

import { Command, CommanderError } from 'commander'
import { addChat } from './commands/chat.ts'
import { addEcho } from './commands/echo.ts'
import { addExplain } from './commands/explain.ts'
import { addId } from './commands/id.ts'
import { addLookup } from './commands/lookup.ts'
import { addPing } from './commands/ping.ts'
import { addRevoke } from './commands/revoke.ts'
import { addRoutes } from './commands/routes.ts'
import { addSend } from './commands/send.ts'
import { addServe } from './commands/serve.ts'
import { addWatch } from './commands/watch.ts'
import type { CliContext } from './context.ts'
import { EXIT_CODES, toCliError } from './errors.ts'
import { Interrupt } from './interrupt.ts'
import { Output } from './output.ts'
import { packageVersion } from './version.ts'

const FOOTER = `
Servers come from --server, else from KEYMESH_SERVERS (separated by commas), else
http://localhost:8080. Every command takes --json and --help.
Exit codes: docs/ERRORS.md. NO_COLOR switches colours off.`

/** As the help lists them. */
const COMMANDS = [
  addId,
  addServe,
  addEcho,
  addPing,
  addSend,
  addChat,
  addLookup,
  addWatch,
  addRoutes,
  addExplain,
  addRevoke,
]

/** @param args without the program's name @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process
  const output = new Output({ stdout, stderr, env, isJson: asksForJson(args) })
  const interrupt = new Interrupt(process)
  const fail = (error: unknown): number => {
    const failure = toCliError(error, env)
    output.error(failure)
    if (failure.code === 'INTERNAL' && error instanceof Error) stderr.write(`${error.stack}\n`)
    return EXIT_CODES[failure.code]
  }
  // A fault outside of everything that is awaited: nothing can be closed in order any more.
  process.once('uncaughtException', error => process.exit(fail(error)))
  const program = buildProgram({
    output,
    env,
    stdin,
    stdout,
    signal: interrupt.signal,
    interrupt: interruption => interrupt.trigger(interruption),
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return interrupt.exitCode ?? 0
  } catch (error) {
    if (interrupt.exitCode !== undefined) return interrupt.exitCode
    if (error instanceof CommanderError && isHelp(error)) {
      return error.exitCode === 0 ? 0 : EXIT_CODES.USAGE
    }
    return fail(error)
  } finally {
    interrupt.dispose()
  }
}

export function buildProgram(context: CliContext): Command {
  const program = new Command('keymesh')
    .description('Dial a public key, not an address.')
    .version(packageVersion())
    .addHelpText('after', FOOTER)
    .exitOverride()
    // What went wrong is said once, by `run`.
    .configureOutput({ outputError: () => {} })
  for (const add of COMMANDS) add(program, context)
  return program
}

/** Help and version were asked for, or help was shown because nothing was asked at all. */
function isHelp({ code }: CommanderError): boolean {
  return ['commander.help', 'commander.helpDisplayed', 'commander.version'].includes(code)
}

/** Known before the options are parsed, so that a wrong option is told as JSON, too. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end < 0 ? args.length : end).includes('--json')
}
