// The store of a joined server is damaged while it is down: it sets it aside, starts without it, gets back from the
// others what it should keep, and never tells anything but what the keys signed (scenario R6).

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createNode } from '../client/node.ts'
import { inParallel } from '../demo/registry/in-parallel.ts'
import { encodeEntry, STORE_HEADER, scanStore } from '../host/node/store-format.ts'
import { figure } from './fixtures/figures.ts'
import type { MeshPeer } from './fixtures/mesh-peer.ts'
import { startMeshPeer } from './fixtures/mesh-peer.ts'
import type { MeshServer } from './fixtures/mesh-server.ts'
import { startMeshServer } from './fixtures/mesh-server.ts'

const RECORDS = 60
const WIDTH = 8
/** From when it listens until it keeps all of them again. */
const REFILLED_WITHIN_MS = 30_000

let others: MeshServer[] = []
let victim: MeshServer
/** Keys and the sequence numbers of their records. */
let published: readonly (readonly [key: string, sequence: number])[] = []
/** Of clients, those of this test among them, and of servers. */
let recordsInAll = 0

beforeAll(async () => {
  const seed = await startMeshServer()
  others = [seed]
  const joined = [1, 2, 3].map(() => startMeshServer(seed.address))
  const [second, third, last] = (await Promise.all(joined)) as [MeshServer, MeshServer, MeshServer]
  others = [seed, second, third]
  victim = last
  published = await inParallel(WIDTH, [...Array(RECORDS).keys()], at =>
    publishAndGo((others[at % others.length] as MeshServer).address),
  )
  recordsInAll = RECORDS + others.length + 1
  await keepsEverything()
}, 120_000)

afterAll(async () => {
  await Promise.all([victim, ...others].map(server => server?.close()))
})

/** A client that comes, is kept, and goes. */
async function publishAndGo(server: string): Promise<readonly [string, number]> {
  const node = await createNode({
    servers: [server],
    identity: 'ephemeral',
    discoverServers: false,
  })
  try {
    await node.online({ timeoutMs: 20_000 })
    return [node.key, (await node.lookup(node.key)).sequence]
  } finally {
    await node.close()
  }
}

async function keepsEverything(): Promise<void> {
  const look = async () => expect(await victim.health()).toMatchObject({ records: recordsInAll })
  await vi.waitFor(look, { timeout: REFILLED_WITHIN_MS, interval: 50 })
}

/** By one client more: of a single one the server takes so many requests at once and no more. */
async function eachIsFound(): Promise<void> {
  const client = await startMeshPeer([victim.url])
  recordsInAll += 1
  try {
    await inParallel(2, published, key => isFoundBy(client, key))
  } finally {
    await client.close()
  }
}

async function isFoundBy(
  { node }: MeshPeer,
  [key, sequence]: readonly [string, number],
): Promise<void> {
  expect(await node.lookup(key)).toMatchObject({ key, sequence })
}

const storeOf = ({ data }: MeshServer): string => join(data, 'records')
const setAside = ({ data }: MeshServer): string[] =>
  readdirSync(data).filter(name => name.startsWith('records.damaged-'))

function flipBytes(bytes: Buffer): Buffer {
  for (let at = STORE_HEADER.length; at < bytes.length; at += 997) {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0x55, at)
  }
  return bytes
}

/** As somebody would who knows the format: every check is right, but for what the keys signed. */
function forgeValues(bytes: Buffer): Buffer {
  const forged = scanStore(bytes).entries.map(({ key, value }) => {
    const other = value?.slice()
    if (other !== undefined && key.startsWith('record/')) other[other.length >> 1] = 0
    return encodeEntry(key, other)
  })
  return Buffer.concat([STORE_HEADER, ...forged])
}

describe('a store that is', () => {
  it.each<[string, (bytes: Buffer) => Buffer, { readonly isSetAside: boolean }]>([
    ['full of flipped bytes', flipBytes, { isSetAside: true }],
    ['without its beginning', bytes => bytes.subarray(100), { isSetAside: true }],
    ['cut in the middle', bytes => bytes.subarray(0, bytes.length >> 1), { isSetAside: false }],
    ['forged', forgeValues, { isSetAside: false }],
  ])(
    '%s',
    async (name, damage, { isSetAside }) => {
      const before = setAside(victim).length
      await victim.kill()
      writeFileSync(storeOf(victim), damage(readFileSync(storeOf(victim))))
      await victim.startAgain()
      const listeningAt = performance.now()
      expect(setAside(victim)).toHaveLength(before + Number(isSetAside))
      expect(victim.output().includes('the stored records were damaged')).toBe(isSetAside)
      expect(existsSync(storeOf(victim))).toBe(true)

      await victim.said(({ state }) => state === 'joined')
      // Whoever asks meanwhile is answered with what the others keep.
      await eachIsFound()
      await keepsEverything()
      figure(`R6, ${name}`, { 'refilled after, ms': Math.round(performance.now() - listeningAt) })
      await eachIsFound()
    },
    60_000,
  )
})
