// Exit codes, what people read, and docs/ERRORS.md: the document has every code, and says the same.

import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { ERROR_HINTS, MeshError } from '../client/node.ts'
import { failureOfClose } from '../shared/node/links/close-failure.ts'
import type { CloseReason } from '../shared/wire/close-code.ts'
import { CLOSE_CODE } from '../shared/wire/close-code.ts'
import { EXIT_CODES, INTERRUPT_EXIT_CODES, toCliError } from './errors.ts'

const DOCUMENT = readFileSync(new URL('../docs/ERRORS.md', import.meta.url), 'utf8')

/** The rows of the table under a heading, without its head, as cells. */
function rowsUnder(heading: string): string[][] {
  const section = DOCUMENT.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const lines = section.split('\n').filter(line => line.startsWith('|'))
  return lines.slice(2).map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
}

describe('docs/ERRORS.md', () => {
  it('has each code of MeshError and of the command line, with its exit code', () => {
    const documented = rowsUnder('Codes').map(row => [row.at(0), Number(row.at(-1))])
    const actual = [...Object.keys(ERROR_HINTS), 'INTERNAL'].map(code => [
      `\`${code}\``,
      EXIT_CODES[code as keyof typeof EXIT_CODES],
    ])
    expect(documented).toEqual(actual)
  })

  it('leaves no cell empty', () => {
    const rows = ['Codes', 'Exit codes of the command line', 'Close codes of links'].map(rowsUnder)
    for (const row of rows.flat()) expect(row).not.toContain('')
  })

  it('has each exit code, with the codes that end in it', () => {
    const rows = rowsUnder('Exit codes of the command line')
    const documented = rows.map(([exitCode]) => Number(exitCode))
    const actual = [0, ...Object.values(EXIT_CODES), ...Object.values(INTERRUPT_EXIT_CODES)]
    expect(documented).toEqual([...new Set(actual)].sort((a, b) => a - b))
    for (const [code, exitCode] of Object.entries(EXIT_CODES)) {
      expect(rows.find(row => Number(row[0]) === exitCode)?.[1]).toContain(`\`${code}\``)
    }
    for (const [signal, exitCode] of Object.entries(INTERRUPT_EXIT_CODES)) {
      expect(rows.find(row => Number(row[0]) === exitCode)?.[1]).toContain(signal)
    }
  })

  it('has each close code of a link, with the code that an application sees', () => {
    const documented = rowsUnder('Close codes of links').map(row => [row[0], row[1], row[3]])
    const url = { scheme: 'ws', host: 'one.example', port: 80 } as const
    const actual = Object.entries(CLOSE_CODE).map(([name, number]) => {
      const { code } = failureOfClose(url, name as CloseReason, undefined)
      return [String(number), `\`${name}\``, `\`${code}\``]
    })
    expect(documented).toEqual(actual)
  })
})

describe('toCliError', () => {
  it('keeps what the library says', () => {
    const error = new MeshError('QUOTA', 'Full.', { hint: 'Wait.' })
    expect(toCliError(error)).toMatchObject({ code: 'QUOTA', message: 'Full.', hint: 'Wait.' })
  })

  it.each([
    ["error: unknown option '--x'", "Unknown option '--x'."],
    [
      "error: unknown command 'pin'\n(Did you mean ping?)",
      "Unknown command 'pin' (Did you mean ping?)",
    ],
    ['error: bad. It must be 1.', 'Bad. It must be 1.'],
  ])('turns the parser’s %j into one sentence', (text, sentence) => {
    expect(toCliError(new CommanderError(1, 'commander.x', text))).toMatchObject({
      code: 'USAGE',
      message: sentence,
    })
  })

  it('tells who started it through npm where options go, if one has lost its name', () => {
    const error = new CommanderError(1, 'commander.excessArguments', 'error: too many arguments')
    const npm = { npm_lifecycle_event: 'keymesh' }
    expect(toCliError(error, npm).hint).toContain('npm run -s keymesh -- ')
    expect(toCliError(error).hint).toBe(ERROR_HINTS.USAGE)
    expect(toCliError(new CommanderError(1, 'commander.x', 'x'), npm).hint).toBe(ERROR_HINTS.USAGE)
  })

  it.each([[new TypeError('x is undefined')], ['a string'], [undefined]])(
    'calls anything else a fault of its own',
    thrown => {
      const { code, message } = toCliError(thrown)
      expect(code).toBe('INTERNAL')
      expect(message).toMatch(/^Something went wrong inside keymesh \(.+\)\.$/)
    },
  )
})
