// A keymesh server node, with limits out of the way of the measurement.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunningServer } from '../../server/server-node.ts'
import { startServer } from '../../server/server-node.ts'
import { resources, settle } from '../resources.ts'
import { serve } from '../worker.ts'

const UNLIMITED = { bytesPerS: 2 ** 40, burstBytes: 2 ** 40 }
const data = mkdtempSync(join(tmpdir(), 'keymesh-bench-server-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

let server: RunningServer | undefined

serve({
  /** @param join another one, on this machine, whose network it joins */
  start: async ({ join: seed }: { join?: string }) => {
    server = await startServer({
      port: 0,
      host: '127.0.0.1',
      data,
      relay: UNLIMITED,
      perAddressLimits: false,
      logLevel: 'silent',
      lan: false,
      ...(seed !== undefined && { join: [seed] }),
      lab: true,
    })
    return server.url
  },
  whereabouts: () => ({ key: server?.key, address: server?.address }),
  resources,
  settle,
})
