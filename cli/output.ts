// Everything the command line says. Results go to stdout, remarks and errors to stderr; with --json
// everything goes to stdout, one object a line, told apart by `event`.

import type { CliError } from './errors.ts'
import { printable, printableLine } from './printable.ts'
import type { Style } from './style.ts'
import { styleFor } from './style.ts'

export interface JsonEvent {
  readonly event: string
  readonly [field: string]: unknown
}

export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface OutputTarget {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: NodeJS.ProcessEnv
  readonly isJson: boolean
}

export class Output {
  readonly isJson: boolean
  /** For texts of `result`. */
  readonly style: Style
  readonly #target: OutputTarget
  readonly #remarkStyle: Style
  #writeLine: (line: string) => void

  constructor(target: OutputTarget) {
    this.#target = target
    this.isJson = target.isJson
    this.style = styleFor(target.stdout, target.env)
    this.#remarkStyle = styleFor(target.stderr, target.env)
    this.#writeLine = line => void target.stdout.write(`${line}\n`)
  }

  /** @param text for people; what others wrote in it must be printable already */
  result(event: JsonEvent, text: string): void {
    this.#writeLine(this.isJson ? jsonLine(event) : text)
  }

  /** Something on the way, which is no result. */
  remark(event: JsonEvent, text: string): void {
    if (this.isJson) this.#writeLine(jsonLine(event))
    else this.#toStderr(this.#remarkStyle.dim(`keymesh: ${printableLine(text)}`))
  }

  /** A question to a person, without a line break: on stderr, for what is asked for may go to stdout. */
  prompt(text: string): void {
    this.#target.stderr.write(text)
  }

  error({ code, message, hint }: CliError): void {
    if (this.isJson) {
      this.#writeLine(jsonLine({ event: 'error', code, message, hint }))
      return
    }
    const { red, dim } = this.#remarkStyle
    this.#toStderr(
      `${red('keymesh:')} ${printableLine(message)} (${code})\n  ${dim(printableLine(hint))}`,
    )
  }

  /** Lets a screen with a prompt write the lines, for as long as it is open. @returns gives them back */
  divert(writeLine: (line: string) => void): () => void {
    const before = this.#writeLine
    this.#writeLine = writeLine
    this.#isDiverted = true
    return () => {
      this.#writeLine = before
      this.#isDiverted = false
    }
  }

  #isDiverted = false

  /** A prompt and stderr share a terminal, so a screen writes for both. */
  #toStderr(line: string): void {
    if (this.#isDiverted) this.#writeLine(line)
    else this.#target.stderr.write(`${line}\n`)
  }
}

/** The start of a key: enough for people to tell a few apart. */
export function shortKey(key: string): string {
  return `${key.slice(0, 12)}…`
}

// JSON leaves some characters as they are that a terminal obeys.
function jsonLine(event: JsonEvent): string {
  return printable(JSON.stringify(event, shortened))
}

/** Points in time to a millisecond, spans of time to a tenth of one, anything else to a thousandth. */
function shortened(name: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value
  if (POINT_IN_TIME.test(name)) return Math.round(value)
  const digits = name.endsWith('Ms') ? 10 : 1_000
  return Math.round(value * digits) / digits
}

const POINT_IN_TIME = /^(?:since|lastSeen|\w+At)$/
