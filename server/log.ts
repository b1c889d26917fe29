// The server's log: one JSON object a line. At `info` and above never a key, an address or a size
// (docs/THREATS.md 32): counts and causes only. Contents and keys appear at no level.

import type { DestinationStream, Logger } from 'pino'
import { destination, pino } from 'pino'
import type { LogLevel } from './config.ts'

export type Log = Logger

const STDERR = 2

export function createLog(level: LogLevel, to?: DestinationStream): Log {
  return pino({ level, base: null }, to ?? destination({ dest: STDERR, sync: true }))
}
