// The option of commands that run for long: to carry messages of others meanwhile, so many bytes a day.

import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { RELAY_BUDGET_MIN_BYTES } from '../shared/wire/limits.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }

export function addRelayOption(command: Command): Command {
  const relay = new Option(
    '--relay-per-day <bytes>',
    'carry messages of others for so many bytes a day, as 500M or 2G (default: none)',
  )
  return command.addOption(relay.argParser(relayBytes))
}

/** `1048576`, `500M`, `2G`: units of 1,024. */
export function relayBytes(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})([kmg]?)$/i.exec(text.trim()) ?? []
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  if (Number.isSafeInteger(bytes) && bytes >= RELAY_BUDGET_MIN_BYTES) return bytes
  throw new InvalidArgumentError('It must be a whole number of bytes from 1M, as 500M or 2G.')
}
