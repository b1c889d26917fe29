// A keymesh server node, with limits out of the way of the measurement.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../../server/server-node.ts'
import { resources, settle } from '../resources.ts'
import { serve } from '../worker.ts'

const UNLIMITED = { bytesPerS: 2 ** 40, burstBytes: 2 ** 40 }
const data = mkdtempSync(join(tmpdir(), 'keymesh-bench-server-'))
process.on('exit', () => rmSync(data, { recursive: true, force: true }))

serve({
  start: async () => {
    const server = await startServer({
      port: 0,
      host: '127.0.0.1',
      data,
      relay: UNLIMITED,
      perAddressLimits: false,
      logLevel: 'silent',
    })
    return server.url
  },
  resources,
  settle,
})
