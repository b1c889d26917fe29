// One server process of a network on this machine, over TLS, with a folder of its own: it can be killed
// without a word, and started again from what its folder holds.

import { request } from 'node:http'
import type { RunningProcess } from '../../e2e/fixtures/processes.ts'
import { startProcess } from '../../e2e/fixtures/processes.ts'

export interface FleetServer {
  readonly number: number
  readonly key: string
  /** `wss://127.0.0.1:…/#key_…`. */
  readonly address: string
  readonly isUp: boolean
  /** Other servers that it has reached. */
  knownServers(): Promise<number>
  /** Pulls the plug. */
  kill(): Promise<void>
  /** After `kill`: at the same port, from its folder; it joins nobody. */
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** @param seed address of a server to join, if any */
export async function startFleetServer(
  number: number,
  folder: string,
  seed: string | undefined,
): Promise<FleetServer> {
  let process: RunningProcess | undefined = await serve(folder, 0, seed)
  const { key, url, address } = await readiness(process)
  const port = Number(new URL(url).port)
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = process
    process = undefined
    await ending?.stop(signal)
  }
  return {
    number,
    key,
    address,
    get isUp() {
      return process !== undefined
    },
    knownServers: () => knownServers(port),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async startAgain() {
      process = await serve(folder, port, undefined)
      await readiness(process)
    },
  }
}

function serve(folder: string, port: number, seed: string | undefined): Promise<RunningProcess> {
  const join = seed === undefined ? [] : ['--join', seed]
  const where = ['--host', '127.0.0.1', '--port', String(port), '--data', folder]
  const args = ['--import', 'tsx', 'cli/main.ts', 'serve', ...where, '--lab', '--json', ...join]
  return startProcess(globalThis.process.execPath, args)
}

async function readiness(
  server: RunningProcess,
): Promise<{ key: string; url: string; address: string }> {
  const { key, url, address } = await server.jsonLine(line => line.event === 'ready', 60_000)
  return { key: String(key), url: String(url), address: String(address) }
}

function knownServers(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/healthz' }, response => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve((JSON.parse(body) as { servers: number }).servers))
    })
    asked.on('error', reject)
    asked.end()
  })
}
