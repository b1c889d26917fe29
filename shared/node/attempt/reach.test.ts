// What one peer's reach remembers. Attempts are in path-attempt.test.ts, answers in peers.test.ts.

import { describe, expect, it } from 'vitest'
import { SeenIds } from '../../session/seen-ids.ts'
import { Session } from '../../session/session.ts'
import { encodeAnswer } from '../../wire/session-setup.ts'
import { FakeCircuits, SERVER } from '../testing/fake-circuits.ts'
import { identityOf, recordOf } from '../testing/records.ts'
import { START_UNIX_MS } from '../testing/start-time.ts'
import type { RouteNeed } from './peer-routes.ts'
import type { Reached } from './reach.ts'
import { Reach } from './reach.ts'

const [ALICE, BOB, HOME] = [identityOf(1), identityOf(2), identityOf(3)]
const LIFE_MS = 5_000

function onionFor(ms: number) {
  return [{ key: new Uint8Array(32).fill(1), expiresMs: START_UNIX_MS + ms }]
}

/** Alice has reached Bob at a server of hers and one that is not. */
function reached(
  bobsMs: number,
  homesMs: number,
): { reach: Reach; fake: FakeCircuits; session: Session } {
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
  const became = reach.circuitOpened(fake.time, circuit, encodeAnswer(answer))
  if (became?.kind !== 'session') throw new Error(became?.kind)
  const seen = new SeenIds()
  const session = new Session({ ...fake.context.handshake, seen }, became.secrets, fake.time)
  return { reach, fake, session }
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

describe('a try for one more path that fails', () => {
  const spare: RouteNeed = { mode: 'fast', inUse: [[HOME.keyId]] }
  const exchange: RouteNeed = { ...spare, isWorthy: () => true }

  /** Every circuit that it opens times out. @returns what became of it, and how many lookups it took */
  function tryInVain(
    { reach, fake, session }: ReturnType<typeof reached>,
    need: RouteNeed,
  ): [Reached['kind'] | undefined, lookups: number] {
    const [lookups, before] = [fake.lookups.length, fake.opened.length]
    let became = reach.startSpare(fake.time, session, need)
    for (let at = before; became === undefined && at < fake.opened.length; at++) {
      const circuit = fake.opened[at]?.circuit
      if (circuit !== undefined) became = reach.circuitClosed(fake.time, circuit, 'timeout')
    }
    return [became?.kind, fake.lookups.length - lookups]
  }

  it('leaves an exchange what is known, and the other way round', () => {
    const here = reached(LIFE_MS, LIFE_MS)
    const { known } = here.reach
    expect(tryInVain(here, exchange)).toEqual(['noSpare', 0])
    expect(here.reach.known).toBe(known)
    expect(tryInVain(here, spare)).toEqual(['noSpare', 0])
    expect(here.reach.known).toBe(known)
    expect(tryInVain(here, exchange)).toEqual(['noSpare', 0])
    expect(here.reach.known).toBe(known)
  })

  it('has the peer looked up anew for the next spare path, and nothing forgotten if that tells nothing', () => {
    const here = reached(LIFE_MS, LIFE_MS)
    const { reach, fake } = here
    const { known } = reach
    tryInVain(here, spare)
    for (let times = 0; times < 2; times++) {
      expect(known?.isDoubted).toBe(true)
      expect(tryInVain(here, spare)).toEqual([undefined, 1])
      fake.hasServer = false
      const news = { lookup: fake.lookups.length, servers: [], isFinal: true } as const
      const became = reach.heard(fake.time, {
        kind: 'lookup',
        news: { ...news, record: 'absent' },
      })
      expect(became?.kind).toBe('noSpare')
      expect(reach.known).toBe(known)
      fake.hasServer = true
    }
  })

  it('is followed by what the next lookup tells', () => {
    const here = reached(LIFE_MS, LIFE_MS)
    const { reach, fake } = here
    tryInVain(here, spare)
    tryInVain(here, spare)
    const { record } = recordOf(BOB, { seq: START_UNIX_MS + 9, servers: [] })
    const news = { lookup: fake.lookups.length, record, servers: [], isFinal: true }
    expect(reach.heard(fake.time, { kind: 'lookup', news })?.kind).toBe('noSpare')
    expect(reach.known?.record).toBe(record)
    expect(reach.known?.isDoubted).toBe(false)
  })
})
