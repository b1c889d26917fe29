// A server node in this process for one test: a folder of its own, any free port, its log in memory.
// Everything is gone after `stopAll`.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerOptions } from '../config.ts'
import type { RunningServer } from '../server-node.ts'
import { startServer } from '../server-node.ts'

export interface TestServer extends RunningServer {
  readonly data: string
  readonly wsUrl: string
  /** What it logged so far. */
  log(): string
}

const running = new Set<RunningServer>()
const folders = new Set<string>()

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'keymesh-server-'))
  folders.add(folder)
  return folder
}

export async function startTestServer(options: ServerOptions = {}): Promise<TestServer> {
  const data = options.data ?? (await newFolder())
  const lines: string[] = []
  const server = await startServer({
    port: 0,
    lan: false,
    log: { write: line => void lines.push(line) },
    ...options,
    data,
  })
  running.add(server)
  return {
    key: server.key,
    url: server.url,
    port: server.port,
    address: server.address,
    get network() {
      return server.network
    },
    stats: () => server.stats(),
    lookup: (key, options) => server.lookup(key, options),
    close: closing => server.close(closing),
    data,
    wsUrl: `ws://127.0.0.1:${server.port}`,
    log: () => lines.join(''),
  }
}

/** For `afterEach`. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map(server => server.close()))
  await Promise.all([...folders].map(folder => rm(folder, { recursive: true, force: true })))
  running.clear()
  folders.clear()
}
