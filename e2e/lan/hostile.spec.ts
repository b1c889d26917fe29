// A machine that does harm on the LAN (docs/PROTOCOL.md 12): floods, forgeries and replays over real sockets cost
// its neighbours little, and they still find each other.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FloodKind, LanNode } from '../fixtures/lan-programs.ts'
import { floodRate, startFlood, startLanNode } from '../fixtures/lan-programs.ts'
import type { Lab } from '../fixtures/netns.ts'
import { openLab } from '../fixtures/netns.ts'
import type { RunningProcess } from '../fixtures/processes.ts'
import { hasLab } from './has-lab.ts'

const FLOOD_PER_S = 10_000
/** Of a machine that is busy with other things. */
const MIN_FLOOD_PER_S = 2_000
const MEASURED_MS = 3_000
/** Most of it is the system's own work of taking datagrams; other programs share the processors too. */
const MAX_CPU_SHARE = 0.5
/** Addresses that one machine takes for itself. */
const FALSE_ADDRESSES = Array.from({ length: 48 }, (_, n) => `192.168.7.${100 + n}/24`)

let lab: Lab
const running: RunningProcess[] = []

beforeEach(async () => {
  if (hasLab) lab = await openLab()
})

afterEach(async () => {
  await Promise.all(running.splice(0).map(program => program.stop()))
  if (hasLab) await lab.close()
})

async function startNode(v4: string): Promise<LanNode> {
  const node = await startLanNode(await lab.machine({ v4, hasV6: false }))
  running.push(node.process)
  return node
}

describe.skipIf(!hasLab)('a flood', () => {
  it.each<[string, FloodKind, readonly string[]]>([
    ['of noise', 'noise', []],
    ['of beacons that are too big', 'oversized', []],
    ['of true beacons of two thousand keys', 'keys', []],
    ['of the same from many addresses', 'keys', FALSE_ADDRESSES],
    ['of the beacon of another, repeated', 'replay', FALSE_ADDRESSES],
    ['of beacons that claim the key of another', 'forged', FALSE_ADDRESSES],
  ])('%s costs little, and keeps nobody from being found', async (_, kind, addresses) => {
    const bad = await lab.machine({ v4: '192.168.7.66/24', hasV6: false })
    await bad.addAddresses(addresses)
    const flood = await startFlood(bad, kind, FLOOD_PER_S)
    running.push(flood)
    const a = await startNode('192.168.7.1/24')
    await flood.jsonLine(line => line.event === 'flooding')
    const share = await a.cpuShare(MEASURED_MS)
    const b = await startNode('192.168.7.2/24')
    const startedAt = performance.now()
    await Promise.all([a.linked(b.key), b.linked(a.key)])
    const foundMs = performance.now() - startedAt
    const rate = await floodRate(flood)
    process.stderr.write(
      `flood ${kind} x${addresses.length + 1}: ${Math.round(rate)}/s, ${(100 * share).toFixed(1)} % CPU, found after ${Math.round(foundMs)} ms\n`,
    )
    expect(rate).toBeGreaterThan(MIN_FLOOD_PER_S)
    expect(share).toBeLessThan(MAX_CPU_SHARE)
  })
})
