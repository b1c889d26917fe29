// Many server nodes in one process, joined to one network over TLS on loopback.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNode } from '../../client/node.ts'
import type { RunningServer } from '../../server/server-node.ts'
import { startServer } from '../../server/server-node.ts'
import { resources, settle } from '../resources.ts'
import { serve } from '../worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'keymesh-bench-registry-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const servers: RunningServer[] = []
const stored = new Map<string, (copies: number) => void>()

serve({
  /** @returns the address of the first */
  start: async ({ count, seed }: { count: number; seed?: string }) => {
    for (let number = 0; number < count; number += 1) {
      const first = seed ?? servers[0]?.address
      servers.push(
        await startServer({
          port: 0,
          host: '127.0.0.1',
          data: join(folder, String(servers.length)),
          lab: true,
          lan: false,
          logLevel: 'silent',
          onReplicated: (key, copies) => stored.get(key)?.(copies),
          ...(first !== undefined && { join: [first] }),
        }),
      )
    }
    return servers[0]?.address
  },
  /** How many other servers the least connected one knows. */
  known: () => Math.min(...servers.map(server => server.stats().knownServers)),
  links: () => servers.reduce((sum, server) => sum + server.stats().links, 0),
  /** A client comes to a server, and its record is stored where it belongs. */
  put: async ({ at }: { at: number }) => {
    const startedAt = performance.now()
    const node = await createNode({
      servers: [servers[at]?.address ?? ''],
      identity: 'ephemeral',
      discoverServers: false,
    })
    const copies = await new Promise<number>(resolve => stored.set(node.key, resolve))
    const ms = performance.now() - startedAt
    stored.delete(node.key)
    await node.close()
    return { key: node.key, copies, ms }
  },
  /** All disjoint paths finished. */
  get: async ({ at, key }: { at: number; key: string }) => {
    const startedAt = performance.now()
    await servers[at]?.lookup(key)
    return performance.now() - startedAt
  },
  resources,
  settle,
})
