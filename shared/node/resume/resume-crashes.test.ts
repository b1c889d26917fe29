// Crashes at every write to the store, with and without the loss of the newest writes (docs/PROTOCOL.md 7.7). The
// application keeps what it was shown, by id, on the same disk, as applications do. Whatever is lost: it has
// nothing twice, and in order; what was saved at the sender arrives; no key and counter are used twice.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../../host/node/node-suite.ts'
import { mapKey } from '../../bytes/map-key.ts'
import { utf8Decode } from '../../bytes/utf8.ts'
import { StateSeal } from '../../session/state-seal.ts'
import type { MiniNode, Seen } from '../testing/mini-node.ts'
import { MiniWorld, START_UNIX_MS } from '../testing/mini-world.ts'
import { restoreSessions } from './restore.ts'

const MESSAGES = 12
const HISTORY = 'history/'

interface Crash {
  readonly who: 'alice' | 'bob'
  /** The write, counted from 0, before which it happens. */
  readonly atSave: number
  /** Writes before that one which turn out not to have reached the disk. */
  readonly lostWrites: number
  /** The step that writes is finished, so that nothing of it is lost. */
  readonly isAfterStep?: boolean
}

/** One end with its application: its history on disk, and what must arrive from it. */
class Talker {
  readonly node: MiniNode
  readonly world: MiniWorld
  saves = 0
  readonly owed = new Set<string>()
  /** What the disk lost after it was shown, so that nobody owes it any more. */
  readonly lostByDisk = new Set<string>()
  #sent = 0

  constructor(world: MiniWorld, node: MiniNode, onSave: (saves: number) => void) {
    this.world = world
    this.node = node
    node.onSave = () => onSave(this.saves++)
    node.onEvent = event => {
      if (event.kind === 'message') this.#keep(event)
    }
  }

  /** Texts, in the order in which the application first had them. */
  get history(): string[] {
    return [...this.node.disk]
      .filter(([name]) => name.startsWith(HISTORY))
      .map(([, value]) => utf8Decode(value))
  }

  send(to: MiniNode): void {
    if (!this.node.isUp || this.#sent === MESSAGES) return
    this.#sent += 1
    const text = `${this.node.name} ${this.#sent}`
    this.owed.add(text)
    this.node.send(to, text)
  }

  /** The process dies, and the newest writes with it. */
  crash(lostWrites: number, downMs: number): void {
    const before = new Set(this.history)
    this.node.kill()
    this.node.loseWrites(lostWrites)
    for (const text of this.history) before.delete(text)
    for (const text of before) this.lostByDisk.add(text)
    this.world.at(this.world.now + downMs, () => this.node.boot())
  }

  /** What of the messages that did not arrive so far the store still holds. */
  get saved(): Set<string> {
    const seal = new StateSeal(nodeSuite, length => new Uint8Array(length), this.node.seed)
    const { peers } = restoreSessions(seal, START_UNIX_MS + this.world.now, this.node.disk)
    return new Set(peers.flatMap(({ messages }) => messages.map(({ data }) => utf8Decode(data))))
  }

  #keep({ id, data }: Seen<'message'>): void {
    const name = HISTORY + mapKey(id)
    if (this.node.disk.has(name)) return
    this.node.overwritten.push([name, undefined])
    this.node.disk.set(name, data.slice())
  }
}

function talk(crashes: readonly Crash[], seed = 1, pathMs = 400) {
  const world = new MiniWorld(seed)
  world.delayMs = pathMs / 4
  const server = world.server('one')
  const nodes = {
    alice: world.client('alice', [server], { keepsSessions: true }),
    bob: world.client('bob', [server], { keepsSessions: true }),
  }
  const left = [...crashes]
  const talker = (who: 'alice' | 'bob'): Talker => {
    const one: Talker = new Talker(world, nodes[who], saves => {
      const at = left.findIndex(crash => crash.who === who && crash.atSave === saves)
      const [crash] = at < 0 ? [] : left.splice(at, 1)
      if (crash?.isAfterStep) world.at(world.now, () => endLife(one, crash.lostWrites))
      else if (crash !== undefined) endLife(one, crash.lostWrites)
    })
    return one
  }
  const [alice, bob] = [talker('alice'), talker('bob')]
  const endLife = (one: Talker, lostWrites: number): void => {
    const other = one === alice ? bob : alice
    one.crash(lostWrites, 20 + world.random.next() * 300)
    // Of what was on its way, what the store does not hold is lost, unless it has arrived.
    const { saved } = one
    const arrived = new Set(other.history)
    for (const text of one.owed) if (!saved.has(text) && !arrived.has(text)) one.owed.delete(text)
  }
  world.until(() => nodes.alice.isOnline && nodes.bob.isOnline)
  nodes.alice.dial(nodes.bob)
  for (let at = 0; at < MESSAGES; at++) {
    world.at(world.now + 300 + at * 45, () => alice.send(nodes.bob))
    world.at(world.now + 310 + at * 70, () => bob.send(nodes.alice))
  }
  world.run(15_000)
  return { world, alice, bob, nodes }
}

function expectWhole(from: Talker, to: Talker): void {
  const numbers = to.history.map(text => Number(text.split(' ')[1]))
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  const missing = [...from.owed].filter(text => !to.history.includes(text))
  expect(missing.filter(text => !to.lostByDisk.has(text))).toEqual([])
}

describe('a crash', () => {
  const calm = talk([])

  it('needs something to hit', () => {
    expect(calm.alice.saves).toBeGreaterThan(2 * MESSAGES)
    expect(calm.bob.history).toHaveLength(MESSAGES)
    expect(calm.alice.history).toHaveLength(MESSAGES)
  })

  for (const who of ['alice', 'bob'] as const) {
    it.each([0, 1, 2, 7])(`at any write of ${who}, which loses the %i before it`, lostWrites => {
      for (let atSave = 0; atSave < calm[who].saves; atSave++) {
        const { alice, bob, nodes } = talk([{ who, atSave, lostWrites }])
        expectWhole(alice, bob)
        expectWhole(bob, alice)
        expect(nodes[who].seen('peerUp').length).toBeGreaterThan(0)
      }
    })
  }

  it.each(['alice', 'bob'] as const)('of %s between two steps is seen by no application', who => {
    for (let atSave = 0; atSave < calm[who].saves; atSave++) {
      const { alice, bob, nodes } = talk([{ who, atSave, lostWrites: 0, isAfterStep: true }])
      expectWhole(alice, bob)
      expectWhole(bob, alice)
      for (const { texts } of Object.values(nodes)) expect(texts).toEqual([...new Set(texts)])
    }
  })

  it('after the other, of either, at random', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = new MiniWorld(seed).random
      const upTo = (limit: number): number => Math.floor(random.next() * limit)
      const crashes = Array.from({ length: 1 + upTo(8) }, () => ({
        who: (['alice', 'bob'] as const)[upTo(2)] ?? 'alice',
        atSave: upTo(60),
        lostWrites: upTo(5),
      }))
      const { alice, bob } = talk(crashes, seed, 20 + upTo(600))
      expectWhole(alice, bob)
      expectWhole(bob, alice)
    }
  })
})
