// A network of server processes on this machine, all joined through the first of them.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FleetServer } from './fleet-server.ts'
import { startFleetServer } from './fleet-server.ts'

export interface Fleet {
  readonly servers: readonly FleetServer[]
  /** Ends all of them and removes their folders. */
  close(): Promise<void>
}

/** Files that a server writes while it is being killed. */
const REMOVAL = { recursive: true, force: true, maxRetries: 3, retryDelay: 50 }

/** How many start at once: a start is work for a whole core. */
const AT_ONCE = 4

export async function startFleet(count: number): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'keymesh-fleet-'))
  // Where it is not closed: after the servers are killed (processes.ts).
  const remove = (): void => rmSync(folder, REMOVAL)
  process.once('exit', remove)
  const servers: FleetServer[] = []
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(server => server.stop()))
    process.off('exit', remove)
    remove()
  }
  try {
    const start = (number: number): Promise<FleetServer> =>
      startFleetServer(number, join(folder, String(number)), servers[0]?.address)
    servers.push(await start(1))
    while (servers.length < count) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, count - servers.length) }, (_, at) => {
        return servers.length + 1 + at
      })
      const outcomes = await Promise.allSettled(numbers.map(start))
      servers.push(...outcomes.flatMap(one => (one.status === 'fulfilled' ? [one.value] : [])))
      for (const one of outcomes) if (one.status === 'rejected') throw one.reason
    }
  } catch (error) {
    await close()
    throw error
  }
  return { servers, close }
}
