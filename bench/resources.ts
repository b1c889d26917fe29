// What a worker process uses: resident memory after a collection, and CPU time since the last question.

let before = process.cpuUsage()

export interface Resources {
  readonly residentBytes: number
  readonly cpuMs: number
}

/** Numbers in an array, and arrays: together more than a young generation holds. */
const CHURN_LENGTH = 1_024
const CHURN_ARRAYS = 10_000

/** Collects garbage (workers run with --expose-gc) until memory has come to rest. */
export async function settle(): Promise<void> {
  churn()
  for (let i = 0; i < 6; i++) {
    globalThis.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Uses all of the young generation once: a page of it that is used for the first time later would look like a cost. */
function churn(): void {
  for (let i = 0; i < CHURN_ARRAYS; i++) new Array<number>(CHURN_LENGTH).fill(i)
}

export function resources(): Resources {
  const used = process.cpuUsage(before)
  before = process.cpuUsage()
  return { residentBytes: process.memoryUsage.rss(), cpuMs: (used.user + used.system) / 1000 }
}
