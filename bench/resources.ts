// What a worker process uses: resident memory after a collection, and CPU time since the last question.

let before = process.cpuUsage()

export interface Resources {
  readonly residentBytes: number
  readonly cpuMs: number
}

/** Collects garbage (workers run with --expose-gc) until memory has come to rest. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 6; i++) {
    globalThis.gc?.()
    await new Promise(resolve => setImmediate(resolve))
  }
}

export function resources(): Resources {
  const used = process.cpuUsage(before)
  before = process.cpuUsage()
  return { residentBytes: process.memoryUsage.rss(), cpuMs: (used.user + used.system) / 1000 }
}
