// One of four joined servers is killed while 200 clients are attached to it, and to one other each: nothing that
// was acknowledged is lost, and all of them are soon attached to two servers again (scenario R3).

import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MeshNode } from '../client/node.ts'
import { inParallel } from '../demo/registry/in-parallel.ts'
import { figure } from './fixtures/figures.ts'
import type { MeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'

const CLIENTS = 200
const OTHERS = 3
/** Logins at once. */
const WIDTH = 16
/** Of one pair of clients: as often as people type in a hurry. */
const MESSAGE_EVERY_MS = 250
const MESSAGES_BEFORE = 3
const MESSAGES_AFTER = 3
const MOST_WITHIN_MS = 5_000
const ALL_WITHIN_MS = 30_000

let victim: MeshServer
let others: MeshServer[]
let clients: MeshPeer[] = []

beforeAll(async () => {
  victim = await startMeshServer()
  others = await Promise.all(Array.from({ length: OTHERS }, () => startMeshServer(victim.address)))
  clients = await inParallel(WIDTH, [...Array(CLIENTS).keys()], at =>
    startMeshPeer([victim.address, others[at % OTHERS]?.address ?? '']),
  )
}, 120_000)

afterAll(async () => {
  await Promise.all(clients.map(client => client.close()))
  await Promise.all([victim, ...(others ?? [])].map(server => server?.close()))
}, 60_000)

it('clients of a killed server lose nothing and find another', async () => {
  const pairs = Array.from({ length: CLIENTS / 2 }, (_, at) => {
    const [from, to] = clients.slice(2 * at, 2 * at + 2) as [MeshPeer, MeshPeer]
    return new Talk(from, to)
  })
  await Promise.all(pairs.map(pair => pair.acknowledged(MESSAGES_BEFORE)))

  const killedAt = performance.now()
  const reattached = Promise.all(
    clients.map(async ({ node }) => {
      await attachedElsewhere(node, victim.key)
      return performance.now() - killedAt
    }),
  )
  await victim.kill()
  const times = (await reattached).sort((a, b) => a - b)
  const most = times[Math.ceil(0.95 * CLIENTS) - 1] ?? Number.NaN
  const all = times.at(-1) ?? Number.NaN
  await Promise.all(pairs.map(pair => pair.acknowledged(pair.count + MESSAGES_AFTER)))
  await Promise.all(pairs.map(pair => pair.end()))

  const acknowledged = pairs.reduce((sum, pair) => sum + pair.count, 0)
  figure('R3', {
    'acknowledged messages': acknowledged,
    'reattached, 95 %, ms': Math.round(most),
    'reattached, all, ms': Math.round(all),
    'longest wait for a receipt, ms': Math.round(Math.max(...pairs.map(pair => pair.slowestMs))),
  })
  for (const pair of pairs) expect(pair.received()).toEqual(pair.sent())
  expect(most).toBeLessThanOrEqual(MOST_WITHIN_MS)
  expect(all).toBeLessThanOrEqual(ALL_WITHIN_MS)
}, 120_000)

/** One client writes to another, message after message, each when the one before is acknowledged. */
class Talk {
  readonly #from: MeshPeer
  readonly #to: MeshPeer
  readonly #running: Promise<void>
  #acknowledged = 0
  #isEnding = false
  #wake = (): void => {}
  slowestMs = 0

  constructor(from: MeshPeer, to: MeshPeer) {
    this.#from = from
    this.#to = to
    this.#running = this.#run()
  }

  get count(): number {
    return this.#acknowledged
  }

  /** Resolves once so many are. Rejects when a message fails. */
  async acknowledged(count: number): Promise<void> {
    while (this.#acknowledged < count) {
      const next = new Promise<void>(resolve => {
        this.#wake = resolve
      })
      await Promise.race([next, this.#running])
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true
    await this.#running
  }

  sent(): string[] {
    return [...Array(this.#acknowledged).keys()].map(String)
  }

  received(): string[] {
    return this.#to.textsFrom(this.#from.key)
  }

  async #run(): Promise<void> {
    while (!this.#isEnding) {
      const startedAt = performance.now()
      await this.#from.node.send(this.#to.key, String(this.#acknowledged))
      this.#acknowledged += 1
      const tookMs = performance.now() - startedAt
      this.slowestMs = Math.max(this.slowestMs, tookMs)
      this.#wake()
      await new Promise(resolve => setTimeout(resolve, MESSAGE_EVERY_MS - tookMs))
    }
  }
}

/** Resolves when it has lost that server and is attached to two others. */
function attachedElsewhere(node: MeshNode, lost: string): Promise<void> {
  return new Promise(resolve => {
    const look = (): void => {
      const online = node.status.servers.filter(({ state }) => state === 'online')
      if (online.length < 2 || online.some(({ key }) => key === lost)) return
      node.removeEventListener('status', look)
      resolve()
    }
    node.addEventListener('status', look)
    look()
  })
}
