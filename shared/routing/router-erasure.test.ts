// Security gate 4: when a circuit is over, every key and ephemeral of it is zeros at every node.

import { describe, expect, it } from 'vitest'
import { nodeSuite } from '../../host/node/node-suite.ts'
import { isAllZero } from '../bytes/equal.ts'
import type { CryptoSuite } from '../crypto/suite.ts'
import type { RandomBytes } from '../machine/machine.ts'
import { SETUP_TIMEOUT_MS, SETUPS_TOWARD_BURST } from '../wire/limits.ts'
import type { CircuitId } from './circuit.ts'
import { expectNothingLeft, HELLO } from './testing/circuit-fixture.ts'
import type { TestNode } from './testing/router-net.ts'
import { RouterNet } from './testing/router-net.ts'
import { seededRandom } from './testing/scripted-random.ts'

describe('key erasure', () => {
  /** Every key array that the suite was given and every ephemeral that `random` gave. */
  function watched(net: RouterNet, name: string, isServer: boolean) {
    const secrets = new Set<Uint8Array>()
    const keep = (key: Uint8Array) => {
      secrets.add(key)
      return key
    }
    const seeded = seededRandom(name.length)
    const suite: CryptoSuite = {
      ...nodeSuite,
      dh: (privateKey, publicKey) => {
        const secret = nodeSuite.dh(privateKey, publicKey)
        return secret && keep(secret)
      },
      seal: (key, ...rest) => nodeSuite.seal(keep(key), ...rest),
      sealInto: (key, ...rest) => nodeSuite.sealInto(keep(key), ...rest),
      open: (key, ...rest) => nodeSuite.open(keep(key), ...rest),
      xorStream: (key, ...rest) => nodeSuite.xorStream(keep(key), ...rest),
    }
    const random: RandomBytes = length => (length === 32 ? keep(seeded(length)) : seeded(length))
    const node = net.node(name, { isServer, suite, random })
    return { node, secrets }
  }

  it.each(['opened', 'refused', 'timed out'] as const)(
    'is whole after a circuit that was %s',
    how => {
      const net = new RouterNet()
      const all = [
        watched(net, 'client', false),
        watched(net, 'relay', true),
        watched(net, 'end', false),
      ]
      const path = all.map(({ node }) => node) as [TestNode, TestNode, TestNode]
      net.connect(path[0], path[1])
      net.connect(path[1], path[2])
      path[2].answers = how === 'opened'
      const circuit = net.open(path)
      const far = net.taken(path[2], 'incoming')[0]?.circuit as CircuitId
      if (how === 'opened') {
        net.run(path[0], { kind: 'send', circuit, data: HELLO })
        net.run(path[2], { kind: 'send', circuit: far, data: HELLO })
        net.run(path[0], { kind: 'destroy', circuit, reason: 'closed' })
      } else if (how === 'refused') {
        net.run(path[2], { kind: 'refuse', circuit: far, reason: 'busy' })
      } else {
        net.advance(SETUP_TIMEOUT_MS)
      }
      expectNothingLeft(path)
      for (const { secrets, node } of all) {
        expect([node.name, secrets.size > 1]).toEqual([node.name, true])
        expect([...secrets].filter(secret => !isAllZero(secret))).toEqual([])
      }
    },
  )

  it('is whole after setups that waited for a link, in vain, with success, and to be refused then', () => {
    const net = new RouterNet()
    const all = [
      watched(net, 'client', false),
      watched(net, 'relay', true),
      watched(net, 'end', false),
    ]
    const path = all.map(({ node }) => node) as [TestNode, TestNode, TestNode]
    const [client, relay, end] = path
    net.connect(client, relay)
    relay.dial = () => {}
    const waiting = (count: number) => Array.from({ length: count }, () => net.open(path))
    waiting(2)
    net.run(relay, { kind: 'noLink', peer: end.keyId })
    // The last is one too many for the rate toward that end.
    for (const count of [SETUPS_TOWARD_BURST - 3, 4]) {
      const circuits = waiting(count)
      expect(relay.router.load.circuits).toBe(count)
      const [atRelay, atEnd] = net.connect(relay, end)
      net.deliver()
      for (const circuit of circuits) {
        net.run(client, { kind: 'destroy', circuit, reason: 'closed' })
      }
      net.feed(relay, { kind: 'linkDown', link: atRelay })
      net.feed(end, { kind: 'linkDown', link: atEnd })
    }
    const reasons = net.taken(client, 'closed').map(({ reason }) => reason)
    expect(reasons.filter(reason => reason !== 'closed')).toEqual([
      'unreachable',
      'unreachable',
      'quota',
    ])
    expectNothingLeft(path)
    for (const { secrets } of all) {
      expect(secrets.size).toBeGreaterThan(1)
      expect([...secrets].filter(secret => !isAllZero(secret))).toEqual([])
    }
  })
})
