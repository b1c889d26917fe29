// The disk of a joined server fills up: it takes no new records and says so, goes on relaying and answering, and is
// whole again by itself once there is room (scenario R5).

import { describe, expect, it, vi } from 'vitest'
import type { NodeStatus } from '../client/node.ts'
import { createNode } from '../client/node.ts'
import { closing } from './fixtures/cleanup.ts'
import { figure } from './fixtures/figures.ts'
import type { MeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'
import { openSmallDisk, smallDiskProblem } from './fixtures/small-disk.ts'

const WHOLE_WITHIN_MS = 10_000
/** So many records fit into the page that the store has begun, and more. */
const MAX_NEWCOMERS = 20

const problem = smallDiskProblem()
if (problem !== undefined) process.stdout.write(`no test of a full disk: ${problem}\n`)

/** A client of that server only. @returns why the server does not keep its record, `undefined` when it does */
async function comeAndGo(server: MeshServer): Promise<string | undefined> {
  const node = await createNode({
    servers: [server.url],
    identity: 'ephemeral',
    discoverServers: false,
  })
  try {
    return await new Promise((resolve, reject) => {
      const look = ({ servers }: NodeStatus): void => {
        const [{ state, error } = { state: 'waiting' as const }] = servers
        if (error !== undefined) resolve(error.code)
        else if (state === 'online') node.online().then(() => resolve(undefined), reject)
      }
      node.addEventListener('status', ({ detail }) => look(detail))
      look(node.status)
    })
  } finally {
    await node.close()
  }
}

async function becomes(server: MeshServer, status: string): Promise<void> {
  const look = async () => expect(await server.health()).toMatchObject({ status })
  await vi.waitFor(look, { timeout: WHOLE_WITHIN_MS, interval: 20 })
}

async function talk(alice: MeshPeer, bob: MeshPeer, text: string): Promise<void> {
  expect(await alice.node.send(bob.key, text)).toMatchObject({ status: 'delivered' })
  expect(bob.textsFrom(alice.key)).toContain(text)
}

describe.skipIf(problem !== undefined)('a full disk', () => {
  it('refuses new records, stops nothing else, and is forgotten once there is room', async () => {
    const disk = await closing(openSmallDisk())
    const seed = await closing(startMeshServer())
    const server = await closing(startMeshServer(seed.address, `${disk.folder}/server`))
    await server.said(({ state }) => state === 'joined')
    const alice = await closing(startMeshPeer([server.url]))
    const bob = await closing(startMeshPeer([server.url]))
    const far = await closing(startMeshPeer([seed.url]))
    await talk(alice, bob, 'before')

    disk.fill()
    const refusals: (string | undefined)[] = []
    while (refusals.at(-1) === undefined && refusals.length < MAX_NEWCOMERS) {
      refusals.push(await comeAndGo(server))
    }
    expect(refusals.at(-1)).toBe('QUOTA')
    await becomes(server, 'degraded')
    await talk(alice, bob, 'while it is full')
    await talk(far, alice, 'from the other server')
    expect(await alice.node.lookup(far.key)).toMatchObject({ key: far.key })
    expect(await far.node.lookup(bob.key)).toMatchObject({ key: bob.key })

    disk.free()
    const freedAt = performance.now()
    await becomes(server, 'ok')
    expect(await comeAndGo(server)).toBeUndefined()
    const wholeMs = performance.now() - freedAt
    figure('R5', { 'full service after, ms': Math.round(wholeMs) })
    expect(wholeMs).toBeLessThanOrEqual(WHOLE_WITHIN_MS)
    await talk(bob, alice, 'after')
  })
})
