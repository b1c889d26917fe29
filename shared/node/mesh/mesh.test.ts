// Clients that relay, in a world of their own: they come to have links among themselves that nobody asked for, and the
// network of these outlives its servers.

import { describe, expect, it } from 'vitest'
import {
  MESH_LINKS,
  MESH_LOOK_MS,
  MESH_MAX_LINKS,
  MESH_OWN_LINKS,
  RELAY_BUDGET_MIN_BYTES,
  RTC_IDLE_MS,
} from '../../wire/limits.ts'
import { clientRelayRole } from '../relay/client-relay-role.ts'
import { say } from '../testing/direct-nodes.ts'
import type { MiniNode, MiniNodeOptions } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'

const clientRelay = { role: clientRelayRole, bytesPerDay: 64 * RELAY_BUDGET_MIN_BYTES }
const SETTLED_MS = 6 * MESH_LOOK_MS

interface Mesh {
  readonly world: MiniWorld
  readonly server: MiniNode
  readonly relays: readonly MiniNode[]
}

function meshOf(count: number, options: MiniNodeOptions = {}): Mesh {
  const world = new MiniWorld()
  const server = world.server('server')
  const relays = Array.from({ length: count }, (_, index) =>
    world.client(`relay${index}`, [server], { hasRtc: true, clientRelay, ...options }),
  )
  world.until(() => relays.every(({ isOnline }) => isOnline))
  return { world, server, relays }
}

function linksOf({ world, relays }: Mesh, node: MiniNode): readonly MiniNode[] {
  return relays.filter(other => other !== node && world.wiresBetween(node, other).length > 0)
}

describe('clients that relay', () => {
  it('come to have links among themselves, of which no application is told', () => {
    const mesh = meshOf(8)
    mesh.world.run(SETTLED_MS)
    for (const node of mesh.relays) {
      const links = linksOf(mesh, node).length
      expect(links).toBeGreaterThanOrEqual(MESH_OWN_LINKS)
      expect(links).toBeLessThanOrEqual(MESH_MAX_LINKS)
      expect(node.seen('peerUp')).toEqual([])
      expect(node.seen('peerDown')).toEqual([])
    }
    const all = mesh.relays.map(node => linksOf(mesh, node).length)
    expect(Math.max(...all)).toBeGreaterThanOrEqual(MESH_LINKS)
  })

  it('keep these links when nothing runs over them', () => {
    const mesh = meshOf(3)
    mesh.world.run(SETTLED_MS)
    mesh.world.run(3 * RTC_IDLE_MS)
    for (const node of mesh.relays) expect(linksOf(mesh, node)).toHaveLength(2)
  })

  it('talk, and link up with strangers, when every server is gone', () => {
    const mesh = meshOf(12)
    const { world, server, relays } = mesh
    world.run(SETTLED_MS)
    server.kill()
    world.run(5_000)
    const pairs = relays.flatMap(one => relays.map(other => [one, other] as const))
    const strangers = pairs.find(([one, other]) => {
      return one !== other && world.wiresBetween(one, other).length === 0
    })
    if (strangers === undefined) throw new Error('all are linked to all')
    const [one, other] = strangers
    expect(say(world, one, other, 'hello')).toBe('delivered')
    world.until(() => world.wiresBetween(one, other).length === 1)
  })

  it('find others in place of those that went', () => {
    const mesh = meshOf(8)
    const { world, relays } = mesh
    world.run(SETTLED_MS)
    const [one] = relays as [MiniNode]
    for (const gone of linksOf(mesh, one).slice(0, 3)) gone.kill()
    world.run(12 * MESH_LOOK_MS)
    expect(linksOf(mesh, one).length).toBeGreaterThanOrEqual(MESH_OWN_LINKS)
  })

  it.each<[string, MiniNodeOptions]>([
    ['that let nobody in', { acceptPeer: () => false }],
    ['that show nobody their addresses', { mode: 'relay' }],
  ])('%s have none', (_, options) => {
    const mesh = meshOf(4, options)
    mesh.world.run(SETTLED_MS)
    expect(mesh.world.rtc.made).toBe(0)
  })

  it('leave those alone that do not relay', () => {
    const mesh = meshOf(3)
    const other = mesh.world.client('other', [mesh.server], { hasRtc: true })
    mesh.world.run(SETTLED_MS)
    expect(mesh.world.rtc.madeBy(other)).toBe(0)
  })

  it('dial one another as if there were no such link', () => {
    const mesh = meshOf(3)
    const { world, relays } = mesh
    world.run(SETTLED_MS)
    const [one, other] = relays as [MiniNode, MiniNode]
    expect(say(world, one, other, 'hello')).toBe('delivered')
    expect(one.seen('peerUp')).toMatchObject([{ isIncoming: false }])
    expect(other.seen('peerUp')).toMatchObject([{ isIncoming: true }])
    expect(one.seen('peerPath').at(-1)?.path?.hops).toEqual([])
  })
})
