// Two clients behind every pair of home routers: they talk over the servers at once, and directly soon after where hole
// punching can do that; what it can do is what the simulator says (sim/sim-rtc.ts). Kernel NATs, real sockets.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canPunch } from '../../sim/sim-rtc.ts'
import { figure } from '../fixtures/figures.ts'
import type { NatClient } from '../fixtures/nat-client.ts'
import { startNatClient } from '../fixtures/nat-client.ts'
import type { NatLab } from '../fixtures/nat-lab.ts'
import { openNatLab } from '../fixtures/nat-lab.ts'
import type { NatKind } from '../fixtures/nat-rules.ts'
import { NAT_KINDS } from '../fixtures/nat-rules.ts'
import type { NatServer } from '../fixtures/nat-server.ts'
import { startNatServer } from '../fixtures/nat-server.ts'
import { hasNatLab } from './has-lab.ts'

const TALK = { messages: 100, everyMs: 50, bytes: 100, timeoutMs: 10_000 } as const
const OPEN = { state: 'open' }
/** As long as an attempt in vain, and another one. */
const DIRECT_WITHIN_MS = 40_000
/** An attempt at a direct connection is given up before (docs/PROTOCOL.md 9.3). */
const GIVEN_UP_WITHIN_MS = 30_000

const PAIRS = NAT_KINDS.flatMap((a, at) => NAT_KINDS.slice(at).map(b => ({ a, b })))
const DIRECT = PAIRS.filter(({ a, b }) => canPunch(a, b))
const RELAYED = PAIRS.filter(({ a, b }) => !canPunch(a, b))

let lab: NatLab
const servers: NatServer[] = []
const dialers = new Map<NatKind, NatClient>()
const dialed = new Map<NatKind, NatClient>()

beforeAll(async () => {
  if (!hasNatLab) return
  lab = await openNatLab()
  servers.push(await startNatServer(lab))
  servers.push(await startNatServer(lab, [addresses()[0] ?? '']))
  for (const kind of NAT_KINDS) {
    const [one, other] = await Promise.all([startBehind(kind), startBehind(kind)])
    dialers.set(kind, one)
    dialed.set(kind, other)
  }
  // They need the longest to find out: the others talk meanwhile.
  for (const pair of RELAYED) await firstByteMs(pair)
})

afterAll(async () => {
  const clients = [...dialers.values(), ...dialed.values()]
  await Promise.all(clients.map(client => client.close()))
  await Promise.all(servers.map(server => server.close()))
  await lab?.close()
})

function addresses(): string[] {
  return servers.map(({ address }) => address)
}

async function startBehind(nat: NatKind): Promise<NatClient> {
  const home = await lab.home(nat)
  return startNatClient(await home.host(), addresses())
}

interface Pair {
  readonly a: NatKind
  readonly b: NatKind
}

function clientsOf({ a, b }: Pair): { one: NatClient; other: NatClient } {
  const [one, other] = [dialers.get(a), dialed.get(b)]
  if (one === undefined || other === undefined) throw new Error('a client did not start')
  return { one, other }
}

async function firstByteMs(pair: Pair): Promise<number> {
  const { one, other } = clientsOf(pair)
  one.talk(other, TALK)
  return deliveredAfterMs(pair)
}

async function deliveredAfterMs(pair: Pair): Promise<number> {
  const { one, other } = clientsOf(pair)
  const { atMs: dialedAt } = await one.said('dialing', other)
  const { atMs } = await one.said('delivered', other)
  return Math.round(atMs - dialedAt)
}

describe.skipIf(!hasNatLab)('two clients behind NATs', () => {
  it.each(DIRECT)('$a and $b talk directly', async pair => {
    const { one, other } = clientsOf(pair)
    const firstMs = await firstByteMs(pair)
    const isOpen = async () => (await one.explain(other)).direct
    await expect.poll(isOpen, { timeout: DIRECT_WITHIN_MS, interval: 500 }).toEqual(OPEN)
    const { atMs: dialedAt } = await one.said('dialing', other)
    const { atMs: directAt } = await one.said('path', other, { path: 'direct' })
    figure(`NAT: ${pair.a} and ${pair.b}`, {
      'first byte, ms': firstMs,
      'direct, ms': Math.round(directAt - dialedAt),
    })
  })

  it.each(RELAYED)('$a and $b talk over a server', async pair => {
    const { one, other } = clientsOf(pair)
    const firstMs = await deliveredAfterMs(pair)
    await expect
      .poll(async () => (await one.explain(other)).direct?.reason, {
        timeout: GIVEN_UP_WITHIN_MS,
        interval: 500,
      })
      .toBe('unreachable')
    const { direct, routes } = await one.explain(other)
    expect(direct?.state).not.toBe('open')
    expect(routes[0]).toMatchObject({ state: 'active', metrics: { hops: 1 } })
    figure(`NAT: ${pair.a} and ${pair.b}`, { 'first byte, ms': firstMs })
  })

  it.each(PAIRS)('$a and $b lost nothing, and showed nothing twice', async pair => {
    const { one, other } = clientsOf(pair)
    const { messages } = TALK
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      await to.said('heardAll', from)
      await from.said('sent', to, { messages, delivered: messages })
    }
    for (const event of ['heardTwice', 'undelivered', 'closed', 'failed']) {
      expect([...one.all(event), ...other.all(event)]).toEqual([])
    }
  })
})
