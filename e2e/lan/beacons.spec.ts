// Nodes of one LAN find each other by beacons and open links, without a server, the internet or any configuration:
// over real sockets between network namespaces (docs/PROTOCOL.md 12).

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LanNode } from '../fixtures/lan-programs.ts'
import { startLanNode } from '../fixtures/lan-programs.ts'
import type { Lab, MachineOptions } from '../fixtures/netns.ts'
import { openLab } from '../fixtures/netns.ts'
import { hasLab } from './has-lab.ts'

/** A first beacon may be lost or come before an address may be used; the next one is a second later. */
const SOON_MS = 5_000
const HALF_A_DAY_MS = 43_200_000

let lab: Lab
const nodes: LanNode[] = []

beforeEach(async () => {
  if (hasLab) lab = await openLab()
})

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(node => node.process.stop()))
  if (hasLab) await lab.close()
})

async function startOn(options: MachineOptions, env?: Record<string, string>): Promise<LanNode> {
  const node = await startLanNode(await lab.machine(options), env)
  nodes.push(node)
  return node
}

async function linkedSoon(a: LanNode, b: LanNode): Promise<number> {
  const startedAt = performance.now()
  await Promise.all([a.met(b.key), b.met(a.key), a.linked(b.key), b.linked(a.key)])
  return performance.now() - startedAt
}

describe.skipIf(!hasLab)('two nodes on one LAN', () => {
  it.each<[string, MachineOptions, MachineOptions, RegExp]>([
    [
      'IPv4 only',
      { v4: '192.168.7.1/24', hasV6: false },
      { v4: '192.168.7.2/24', hasV6: false },
      /^192\.168\.7\.1$/,
    ],
    ['nothing but link-local IPv6', {}, {}, /^\[fe80::/],
    ['both', { v4: '10.7.0.1/16' }, { v4: '10.7.0.2/16' }, /^10\.7\.0\.1$|^\[fe80::/],
    ['IPv4 on one side, and IPv6 on both', { v4: '10.7.0.1/16' }, {}, /^\[fe80::/],
  ])('find each other and log in, with %s', async (_, one, two, address) => {
    const a = await startOn(one)
    const b = await startOn(two)
    expect(await linkedSoon(a, b)).toBeLessThan(SOON_MS)
    const { host, zone } = await b.met(a.key)
    expect(host).toMatch(address)
    expect(zone).toBe(host.startsWith('[fe80') ? 'eth0' : null)
  })

  it('find each other when their clocks are half a day apart', async () => {
    const a = await startOn({ v4: '192.168.7.1/24' })
    const b = await startOn({ v4: '192.168.7.2/24' }, { CLOCK_OFF_MS: String(-HALF_A_DAY_MS) })
    expect(await linkedSoon(a, b)).toBeLessThan(SOON_MS)
  })

  it('find each other when the cable comes later', async () => {
    const machine = await lab.machine({ v4: '192.168.7.1/24', isPlugged: false })
    const a = await startLanNode(machine)
    nodes.push(a)
    const b = await startOn({ v4: '192.168.7.2/24' })
    await machine.plug()
    await linkedSoon(a, b)
  })

  it('find each other on one machine', async () => {
    const machine = await lab.machine({ v4: '192.168.7.1/24' })
    const [a, b] = [await startLanNode(machine), await startLanNode(machine)]
    nodes.push(a, b)
    expect(await linkedSoon(a, b)).toBeLessThan(SOON_MS)
  })
})

describe.skipIf(!hasLab)('a node alone', () => {
  it('runs where there is no network at all, and ends when asked', async () => {
    const node = await startOn({ isPlugged: false, hasV6: false })
    expect(node.key).toMatch(/^key_/)
    expect(await node.process.stop()).toEqual({ code: null, signal: 'SIGTERM' })
    nodes.splice(0)
  })
})
