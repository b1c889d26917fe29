// What a benchmark gets from the harness. Types only.

import type { Worker } from './worker.ts'

export interface Bench {
  readonly rounds: number
  readonly isQuick: boolean
  worker(name: string): Worker
}
