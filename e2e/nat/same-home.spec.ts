// Two clients behind one router. It does not lead back in what goes out to its own address, as many do not: directly they
// talk where they may tell each other their addresses at home, and else over the server.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NatClient } from '../fixtures/nat-client.ts'
import { startNatClient } from '../fixtures/nat-client.ts'
import type { NatLab } from '../fixtures/nat-lab.ts'
import { openNatLab } from '../fixtures/nat-lab.ts'
import type { NatServer } from '../fixtures/nat-server.ts'
import { startNatServer } from '../fixtures/nat-server.ts'
import { hasNatLab } from './has-lab.ts'

const TALK = { messages: 50, everyMs: 50, bytes: 100, timeoutMs: 10_000 } as const

const CASES = [
  { hasLocalAddresses: true, path: 'direct' },
  { hasLocalAddresses: false, path: 'relay' },
] as const
type Case = (typeof CASES)[number]

let lab: NatLab
let server: NatServer
const clients = new Map<Case, readonly [NatClient, NatClient]>()

beforeAll(async () => {
  if (!hasNatLab) return
  lab = await openNatLab()
  server = await startNatServer(lab)
  await Promise.all(CASES.map(startTalk))
})

afterAll(async () => {
  await Promise.all([...clients.values()].flat().map(client => client.close()))
  await server?.close()
  await lab?.close()
})

async function startTalk(one: Case): Promise<void> {
  const home = await lab.home('portRestricted')
  const start = async () => startNatClient(await home.host(), [server.address], one)
  const pair = await Promise.all([start(), start()])
  clients.set(one, pair)
  pair[0].talk(pair[1], TALK)
}

describe.skipIf(!hasNatLab)('two clients behind the same NAT', () => {
  it.each(CASES)('talk, telling their local addresses: $hasLocalAddresses', async talk => {
    const [one, other] = clients.get(talk) ?? []
    if (one === undefined || other === undefined) throw new Error('a client did not start')
    if (talk.path === 'direct') await one.said('path', other, { path: 'direct' })
    await Promise.all([one.said('heardAll', other), other.said('heardAll', one)])
    const paths = [...one.all('path'), ...other.all('path')].map(line => line.path)
    expect(paths.includes('direct')).toBe(talk.path === 'direct')
    expect([...one.all('heardTwice'), ...other.all('heardTwice')]).toEqual([])
  })
})
