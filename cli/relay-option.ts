// The option of commands that run for long: to carry messages of others meanwhile, so many bytes a day.

import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { RELAY_BUDGET_MIN_BYTES } from '../shared/wire/limits.ts'
import type { NodeFlags } from './options.ts'
import type { Output } from './output.ts'
import { bytesText } from './quantity-text.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

export function addRelayOption(command: Command): Command {
  const relay = new Option(
    '--relay-per-day <bytes>',
    'carry messages of others for so many bytes a day, as 500M or 1.5G (default: none)',
  )
  return command.addOption(relay.argParser(relayBytes))
}

/** `1048576`, `500M`, `1.5G`, `500MB`: units of 1,024, however they are written. */
export function relayBytes(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)([kmg]?)(?:i?b)?$/i.exec(text.trim())
  const [, digits = '', unit = ''] = match ?? []
  const isWhole = unit !== '' || !digits.includes('.')
  const bytes = Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1))
  if (isWhole && Number.isSafeInteger(bytes) && bytes >= RELAY_BUDGET_MIN_BYTES) return bytes
  throw new InvalidArgumentError('It must be 1M or more, as 500M, 1.5G or 2GB.')
}

/** Says that the option was heard. */
export function tellRelaying({ relayPerDay }: NodeFlags, output: Output): void {
  if (relayPerDay === undefined) return
  output.remark(
    { event: 'relaying', bytesPerDay: relayPerDay },
    `Carrying messages of others, up to ${bytesText(relayPerDay)} in 24 hours.`,
  )
}
