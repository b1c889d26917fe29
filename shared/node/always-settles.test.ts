// Under random faults, of any seed: every request is answered once and within its time, messages are shown
// once and in order, and when all is over nothing is left. MiniNode throws for a second answer.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { MiniNode } from './testing/mini-node.ts'
import { MiniWorld } from './testing/mini-world.ts'

const FAULTS = [
  'cut',
  'freeze',
  'restartServer',
  'restartPeer',
  'powerCut',
  'hangUp',
  'cancel',
] as const
const ASKS = ['dial', 'send', 'ping', 'lookup'] as const

const step = fc.record({
  ask: fc.constantFrom(...ASKS),
  fault: fc.option(fc.constantFrom(...FAULTS), { freq: 2, nil: undefined }),
  pauseMs: fc.constantFrom(0, 3, 8, 17, 40, 400, 6_000),
  isSecondServer: fc.boolean(),
  isBob: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const DIAL_MS = 10_000
const SEND_MS = 30_000

interface Asked {
  readonly node: MiniNode
  readonly life: number
  readonly request: number
  readonly dueAt: number
}

it('every request is answered once and in time, whatever breaks', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.array(step, { maxLength: 12 }),
      (seed, steps) => {
        const world = new MiniWorld(seed)
        const servers = [world.server('one'), world.server('two')]
        const alice = world.client('alice', servers)
        const bob = world.client('bob', servers)
        const asked: Asked[] = []
        let sent = 0
        const ask = (node: MiniNode, peer: MiniNode, { ask: kind }: Step): void => {
          const waitMs = kind === 'send' ? SEND_MS : DIAL_MS
          const request =
            kind === 'send'
              ? node.send(peer, String(sent++))
              : kind === 'lookup'
                ? node.lookup(peer.key, DIAL_MS)
                : node[kind](peer, DIAL_MS)
          asked.push({ node, life: node.life, request, dueAt: world.now + waitMs })
        }
        for (const one of steps) {
          const [node, peer] = one.isBob ? [bob, alice] : [alice, bob]
          ask(node, peer, one)
          world.run(one.pauseMs)
          breakSomething(world, one, node, servers[one.isSecondServer ? 1 : 0] as MiniNode, asked)
          world.run(one.pauseMs)
          for (const { node: asker, life, request, dueAt } of asked) {
            if (asker.life === life && world.now >= dueAt)
              expect(asker.answer(request)).toBeDefined()
          }
        }
        world.run(SEND_MS)
        for (const { node, life, request } of asked) {
          if (node.life === life) expect(node.answer(request)).toBeDefined()
        }
        for (const { texts } of [alice, bob]) {
          expect(new Set(texts).size).toBe(texts.length)
        }
        for (const node of [alice, bob, ...servers]) {
          const { core } = node
          node.shutdown()
          expect(core.load).toMatchObject({ links: 0, peers: 0, circuits: 0 })
          expect(core.nextTimeout()).toBeUndefined()
        }
      },
    ),
    { seed: 11, numRuns: 60 },
  )
})

function breakSomething(
  world: MiniWorld,
  { fault }: Step,
  node: MiniNode,
  server: MiniNode,
  asked: readonly Asked[],
): void {
  switch (fault) {
    case 'cut':
      world.cut(node, server)
      return
    case 'freeze':
      world.freeze(node, server)
      return
    case 'restartServer':
    case 'powerCut':
      server.kill(fault === 'powerCut')
      world.run(20)
      server.boot()
      return
    case 'restartPeer':
      node.kill()
      world.run(20)
      node.boot()
      return
    case 'hangUp':
      for (const peer of world.nodes) node.hangUp(peer)
      return
    case 'cancel':
      for (const one of asked)
        if (one.node === node && one.life === node.life) node.cancel(one.request)
  }
}
