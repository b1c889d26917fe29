// What a benchmark gets from the harness. Types only.

import type { Worker } from './worker.ts'

export interface Bench {
  readonly rounds: number
  readonly isQuick: boolean
  /** @param flags for its Node, beside those of every worker */
  worker(name: string, flags?: readonly string[]): Worker
}
