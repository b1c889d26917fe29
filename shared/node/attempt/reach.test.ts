// What one peer's reach remembers. Attempts are in path-attempt.test.ts, answers in peers.test.ts.

import { expect, it } from 'vitest'
import { encodeAnswer } from '../../wire/session-setup.ts'
import { FakeCircuits, SERVER } from '../testing/fake-circuits.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import { Reach } from './reach.ts'

const [ALICE, BOB, HOME] = [identityOf(1), identityOf(2), identityOf(3)]
const LIFE_MS = 5_000

function onionFor(ms: number) {
  return [{ key: new Uint8Array(32).fill(1), expiresMs: START_UNIX_MS + ms }]
}

/** Alice has reached Bob at a server of hers and one that is not. */
function reached(bobsMs: number, homesMs: number): { reach: Reach; fake: FakeCircuits } {
  const fake = new FakeCircuits(ALICE)
  const bob = new FakeCircuits(BOB)
  const reach = new Reach(fake.context, BOB.keyId)
  reach.start(fake.time, undefined, 'fast')
  const servers = [SERVER.publicKey, HOME.publicKey]
  const { record } = recordOf(BOB, { servers, onion: onionFor(bobsMs) })
  const home = recordOf(HOME, { type: 'server', onion: onionFor(homesMs) }).record
  const news = { lookup: 1, record, servers: [home], isFinal: true }
  reach.heard(fake.time, { kind: 'lookup', news })
  bob.peers.incoming(bob.time, bob.newCircuit(), SERVER.keyId, fake.lastSetup)
  const [[, answer] = []] = bob.answers
  const [circuit] = fake.opened.map(one => one.circuit)
  if (answer === undefined || circuit === undefined) throw new Error('not reached')
  expect(reach.circuitOpened(fake.time, circuit, encodeAnswer(answer))?.kind).toBe('session')
  return { reach, fake }
}

it.each([
  ['the peer', LIFE_MS, LIFE_MS + 1],
  ['a server of the peer', LIFE_MS + 1, LIFE_MS],
])('looks up anew once an onion key of %s has expired', (_whose, bobsMs, homesMs) => {
  const { reach, fake } = reached(bobsMs, homesMs)
  const at = (ms: number) => ({ now: fake.time.now + ms, unixMs: START_UNIX_MS + ms })
  reach.timeout(at(LIFE_MS - 1))
  expect(reach.known).toBeDefined()
  reach.timeout(at(LIFE_MS))
  expect(reach.known).toBeUndefined()
})
