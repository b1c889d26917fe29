// Counts round trips and sums them up at the end. Pure.

export interface PingSummary {
  readonly sent: number
  readonly received: number
  /** Absent when nothing was received. */
  readonly minMs?: number
  readonly medianMs?: number
  readonly maxMs?: number
}

export class PingStatistics {
  readonly #rttsMs: number[] = []
  #lost = 0

  received(rttMs: number): void {
    this.#rttsMs.push(rttMs)
  }

  lost(): void {
    this.#lost += 1
  }

  get summary(): PingSummary {
    const sorted = this.#rttsMs.toSorted((a, b) => a - b)
    const received = sorted.length
    const sent = received + this.#lost
    const [minMs] = sorted
    const maxMs = sorted.at(-1)
    if (minMs === undefined || maxMs === undefined) return { sent, received }
    return { sent, received, minMs, medianMs: medianOf(sorted), maxMs }
  }
}

function medianOf(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return roundMs((lower + upper) / 2)
}

/** To a tenth: what follows differs from one ping to the next. */
export function roundMs(ms: number): number {
  return Math.round(ms * 10) / 10
}
