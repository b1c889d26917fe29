// Whole nodes on a LAN: A and C hear only B, which relays for them within its budget; and what B is asked.

import { describe, expect, it } from 'vitest'
import { decodeCbor } from '../../bytes/cbor.ts'
import { asMap, getUint } from '../../bytes/cbor-fields.ts'
import { DailyBudget } from '../../routing/daily-budget.ts'
import { RELAY_BUDGET_MIN_BYTES, RELAY_BUDGET_STEPS } from '../../wire/limits.ts'
import { EMPTY_BODY } from '../../wire/registry-bodies.ts'
import { encodeRequest } from '../../wire/rpc-messages.ts'
import type { MiniNode } from '../testing/mini-node.ts'
import { MiniWorld } from '../testing/mini-world.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { RELAY_BUDGET_KEY } from './client-relay.ts'
import { clientRelayRole } from './client-relay-role.ts'

interface Lan {
  readonly world: MiniWorld
  readonly a: MiniNode
  readonly b: MiniNode
  readonly c: MiniNode
}

const relaying = (bytesPerDay: number) => ({ clientRelay: { role: clientRelayRole, bytesPerDay } })

function makeLan(bytesPerDay = 64 * RELAY_BUDGET_MIN_BYTES): Lan {
  const world = new MiniWorld()
  const a = world.client('a', [], { address: '192.168.1.1' })
  const b = world.client('b', [], { address: '192.168.1.2', ...relaying(bytesPerDay) })
  const c = world.client('c', [], { address: '192.168.1.3' })
  world.hears = (from, to) => from === b || to === b
  world.run(10_000)
  return { world, a, b, c }
}

function usedBytes(node: MiniNode): number {
  const saved = node.disk.get(RELAY_BUDGET_KEY)
  return saved === undefined ? 0 : getUint(asMap(decodeCbor(saved)), 'used')
}

function verdictOf({ world }: Lan, from: MiniNode, to: MiniNode, text: string): string | undefined {
  const sent = from.send(to, text)
  world.until(() => from.answer(sent) !== undefined, 40_000)
  return from.verdict(sent)
}

describe('a client that relays', () => {
  it('has links of those who hear it, and they none of each other', () => {
    const { world, a, b, c } = makeLan()
    expect(world.wiresBetween(a, b).length).toBeGreaterThan(0)
    expect(world.wiresBetween(b, c).length).toBeGreaterThan(0)
    expect(world.wiresBetween(a, c)).toEqual([])
  })

  it('brings two together that cannot hear each other, without any server', () => {
    const lan = makeLan()
    const { a, b, c } = lan
    expect(verdictOf(lan, a, c, 'hello')).toBe('delivered')
    expect(verdictOf(lan, c, a, 'hello yourself')).toBe('delivered')
    expect([a.texts, b.texts, c.texts]).toEqual([['hello yourself'], [], ['hello']])
    expect(a.seen('peerPath').at(-1)?.path?.hops).toEqual([b.key])
  })

  it('is dialed again by its neighbours after it was away', () => {
    const lan = makeLan()
    const { world, a, b, c } = lan
    b.kill()
    world.run(5_000)
    expect(world.wiresBetween(a, b)).toEqual([])
    b.boot()
    world.run(60_000)
    expect(verdictOf(lan, a, c, 'hello')).toBe('delivered')
  })

  it('relays no more for a neighbour than it leaves for the others', () => {
    const lan = makeLan(RELAY_BUDGET_MIN_BYTES)
    const { world, a, b, c } = lan
    const part = 'x'.repeat(RELAY_BUDGET_MIN_BYTES / 3)
    expect(verdictOf(lan, a, c, part)).toBe('delivered')
    expect(verdictOf(lan, a, c, part)).not.toBe('delivered')
    expect(usedBytes(b)).toBeLessThan(RELAY_BUDGET_MIN_BYTES * 0.55)
    const d = world.client('d', [], { address: '192.168.1.4' })
    world.run(10_000)
    expect(verdictOf(lan, d, c, 'hello')).toBe('delivered')
  })

  it('relays no more once its budget is used up, in a life before too', () => {
    const lan = makeLan(RELAY_BUDGET_MIN_BYTES)
    const { world, a, b, c } = lan
    const time = { now: 0, unixMs: START_UNIX_MS + world.now }
    const budget = new DailyBudget(RELAY_BUDGET_MIN_BYTES, time, undefined)
    budget.spend(time, a.key, RELAY_BUDGET_MIN_BYTES)
    b.disk.set(RELAY_BUDGET_KEY, budget.takeSave() ?? new Uint8Array(0))
    b.kill()
    b.boot()
    world.run(60_000)
    expect(verdictOf(lan, a, c, 'still there?')).not.toBe('delivered')
    expect(c.texts).toEqual([])
    // For itself it still speaks.
    expect(verdictOf(lan, b, c, 'hello')).toBe('delivered')
  })

  it('writes its budget down seldom, and ahead of what it spends', () => {
    const lan = makeLan(RELAY_BUDGET_MIN_BYTES)
    const { a, b, c } = lan
    let writes = 0
    b.onSave = key => {
      if (key === RELAY_BUDGET_KEY) writes += 1
    }
    for (let i = 0; i < 8; i++) verdictOf(lan, a, c, 'x'.repeat(40_000))
    expect(writes).toBeGreaterThan(1)
    expect(writes).toBeLessThanOrEqual(RELAY_BUDGET_STEPS)
  })
})

describe('a client that does not relay', () => {
  it('brings nobody together, and nobody keeps a link to it', () => {
    const world = new MiniWorld()
    const a = world.client('a', [], { address: '192.168.1.1' })
    const b = world.client('b', [], { address: '192.168.1.2' })
    world.run(60_000)
    expect(world.wiresBetween(a, b)).toEqual([])
  })

  it('loses whoever asks it something, as one that relays loses a server that does', () => {
    const request = encodeRequest({ id: 1, method: 'servers', body: EMPTY_BODY })
    const world = new MiniWorld()
    const server = world.server('s')
    const plain = world.client('plain', [server])
    const relay = world.client('relay', [server], relaying(RELAY_BUDGET_MIN_BYTES))
    world.run(2_000)
    for (const client of [plain, relay]) {
      const [before] = world.wiresBetween(server, client)
      world.inject(server, client, request)
      world.run(100)
      expect(world.wiresBetween(server, client)).not.toContain(before)
    }
  })
})

describe('the configuration', () => {
  it.each([0, RELAY_BUDGET_MIN_BYTES - 1, 2_000_000.5])('takes no budget of %d bytes', bytes => {
    expect(() => new MiniWorld().client('a', [], relaying(bytes))).toThrow(RangeError)
  })

  it('takes none of a server', () => {
    expect(() => new MiniWorld().server('s', relaying(RELAY_BUDGET_MIN_BYTES))).toThrow(RangeError)
  })
})
