// The command line on machines of one LAN, which have no internet and are told of no server: they find a server
// that is there, and without one each other.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Lab, Machine, MachineOptions } from '../fixtures/netns.ts'
import { openLab } from '../fixtures/netns.ts'
import type { RunningProcess } from '../fixtures/processes.ts'
import { hasLab } from './has-lab.ts'

let lab: Lab
let home: string
const running: RunningProcess[] = []

beforeEach(async () => {
  if (hasLab) lab = await openLab()
  home = mkdtempSync(join(tmpdir(), 'keymesh-e2e-lan-'))
})

afterEach(async () => {
  await Promise.all(running.splice(0).map(program => program.stop()))
  if (hasLab) await lab.close()
  rmSync(home, { recursive: true, force: true })
})

async function keymesh(machine: Machine, ...args: readonly string[]): Promise<RunningProcess> {
  const command = ['--import', 'tsx', 'cli/main.ts', ...args, '--json']
  const env = { HOME: home, KEYMESH_SERVERS: '', KEYMESH_LAN: '' }
  const program = await machine.start(process.execPath, command, { env })
  running.push(program)
  return program
}

async function keyOf(program: RunningProcess): Promise<string> {
  const { key } = await program.jsonLine(line => line.event === 'ready')
  return String(key)
}

/** Rejects unless `key` answers. @returns the kind of the path */
async function ping(machine: Machine, key: string): Promise<unknown> {
  const pinging = await keymesh(machine, 'ping', key, '--count', '1', '--timeout', '15000')
  const { path } = await pinging.jsonLine(line => line.event === 'pong')
  return path
}

const NETWORKS: readonly [string, MachineOptions, MachineOptions, MachineOptions][] = [
  [
    'IPv4 only',
    { v4: '192.168.7.1/24', hasV6: false },
    { v4: '192.168.7.2/24', hasV6: false },
    { v4: '192.168.7.3/24', hasV6: false },
  ],
  ['nothing but link-local IPv6', {}, {}, {}],
]

describe.skipIf(!hasLab)('the command line without configuration', () => {
  it.each(NETWORKS)('talks through a server that is there, with %s', async (_, one, two, three) => {
    const serving = await lab.machine(one)
    const echoing = await lab.machine(two)
    const pinging = await lab.machine(three)
    await keyOf(await keymesh(serving, 'serve', '--port', '8443', '--data', join(home, 'server')))
    const echo = await keymesh(echoing, 'echo', '--data', join(home, 'echo'))
    await ping(pinging, await keyOf(echo))
  })

  it.each(NETWORKS)('talks without any server, with %s', async (_, one, two) => {
    const echoing = await lab.machine(one)
    const pinging = await lab.machine(two)
    const echo = await keymesh(echoing, 'echo', '--data', join(home, 'echo'))
    expect(await ping(pinging, await keyOf(echo))).toBe('direct')
  })

  it('says nothing on the LAN with --no-lan, and nobody finds it', async () => {
    const serving = await lab.machine({ v4: '192.168.7.1/24' })
    const asking = await lab.machine({ v4: '192.168.7.2/24' })
    const data = join(home, 'server')
    const serve = await keymesh(serving, 'serve', '--port', '8443', '--data', data, '--no-lan')
    const lookup = await keymesh(asking, 'lookup', await keyOf(serve), '--timeout', '3000')
    const failure = await lookup.jsonLine(line => 'code' in line && line.event === 'error')
    expect(failure.code).toMatch(/^(UNREACHABLE|TIMEOUT)$/)
  })
})
