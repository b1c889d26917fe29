// Peers against surroundings that misbehave on purpose. Whole nodes are in core.test.ts and others.

import { describe, expect, it } from 'vitest'
import type { CircuitId } from '../../routing/circuit.ts'
import {
  MAX_SESSIONS,
  REATTACH_BASE_MS,
  SESSION_MAX_PATHS,
  SESSION_PATHLESS_MS,
  SESSIONS_FOR_OWN_DIALS,
} from '../../wire/limits.ts'
import { encodeAnswer, encodeSetup } from '../../wire/session-setup.ts'
import { FakeCircuits, SERVER } from '../testing/fake-circuits.ts'
import { START_UNIX_MS } from '../testing/mini-world.ts'
import { identityOf } from '../testing/records.ts'

const alice = identityOf(1)
const bob = identityOf(2)

/** A dial of alice whose setup has left. */
function dialing(): { fake: FakeCircuits; circuit: CircuitId } {
  const fake = new FakeCircuits(alice)
  fake.dial(bob.keyId, 1)
  fake.find(bob)
  const circuit = fake.opened[0]?.circuit
  if (circuit === undefined) throw new Error('no circuit was opened')
  return { fake, circuit }
}

describe('the answer to a dial', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'UNAUTHENTICATED'],
    ['garbage', new Uint8Array(53).fill(1), 'UNAUTHENTICATED'],
    [
      'an attachment',
      encodeAnswer({ kind: 'attach', packet: new Uint8Array(40) }),
      'UNAUTHENTICATED',
    ],
    ['that it is busy', encodeAnswer({ kind: 'refused', reason: 'busy' }), 'QUOTA'],
    [
      'that it speaks another version',
      encodeAnswer({ kind: 'refused', reason: 'incompatible' }),
      'INCOMPATIBLE',
    ],
    ['that it does not want us', encodeAnswer({ kind: 'refused', reason: 'refused' }), 'REFUSED'],
    ['that the clocks differ', encodeAnswer({ kind: 'refused', reason: 'clock' }), 'REFUSED'],
    [
      'that it does not understand',
      encodeAnswer({ kind: 'refused', reason: 'malformed' }),
      'PROTOCOL',
    ],
  ])('%s fails it, and lets the circuit go', (_name, data, code) => {
    const { fake, circuit } = dialing()
    fake.peers.circuitOpened(fake.time, circuit, data)
    expect(fake.codes).toEqual([code])
    expect(fake.destroyed).toContain(circuit)
    expect(fake.peers.size).toBe(0)
    expect(fake.peers.nextTimeout()).toBeUndefined()
  })

  it('by somebody else than the dialed key fails it', () => {
    const { fake, circuit } = dialing()
    const mallory = new FakeCircuits(identityOf(3))
    mallory.peers.incoming(mallory.time, mallory.newCircuit(), SERVER.keyId, fake.lastSetup)
    expect([...mallory.answers.values()]).toEqual([{ kind: 'refused', reason: 'malformed' }])
    expect(mallory.peers.size).toBe(0)
    fake.peers.circuitOpened(
      fake.time,
      circuit,
      encodeAnswer({ kind: 'handshake', message: new Uint8Array(52) }),
    )
    expect(fake.codes).toEqual(['UNAUTHENTICATED'])
  })

  it('of the peer itself is a session', () => {
    const { fake, circuit } = dialing()
    const peer = new FakeCircuits(bob)
    peer.peers.incoming(peer.time, peer.newCircuit(), SERVER.keyId, fake.lastSetup)
    const [answer] = peer.answers.values()
    if (answer === undefined) throw new Error('no answer')
    fake.peers.circuitOpened(fake.time, circuit, encodeAnswer(answer))
    expect(fake.events.map(({ kind }) => kind)).toEqual(['peerUp', 'peerPath', 'done'])
  })
})

describe('a dial by the first of several records', () => {
  const onion = [{ key: new Uint8Array(32).fill(2), expiresMs: START_UNIX_MS + 1e9 }]
  const newer = { seq: START_UNIX_MS + 1, onion }

  it('does not fail before the last server has answered', () => {
    const fake = new FakeCircuits(alice)
    fake.dial(bob.keyId, 1)
    fake.find(bob, false)
    fake.peers.circuitClosed(fake.time, fake.opened[0]?.circuit as CircuitId, 'unreachable')
    expect(fake.codes).toEqual([])
    fake.find(bob, true, newer)
    expect(fake.opened).toHaveLength(2)
    fake.peers.circuitClosed(fake.time, fake.opened[1]?.circuit as CircuitId, 'unreachable')
    expect(fake.codes).toEqual(['OFFLINE'])
  })

  it('goes by a newer one that comes while the circuit is being opened', () => {
    const fake = new FakeCircuits(alice)
    fake.dial(bob.keyId, 1)
    fake.find(bob, false)
    fake.find(bob, true, newer)
    expect(fake.opened).toHaveLength(1)
    fake.peers.circuitClosed(fake.time, fake.opened[0]?.circuit as CircuitId, 'unreachable')
    expect(fake.opened).toHaveLength(2)
  })
})

describe('what comes in', () => {
  it.each([
    ['garbage', new Uint8Array(30).fill(7), 'malformed'],
    [
      'a handshake of noise',
      encodeSetup({ kind: 'handshake', isSignalOnly: false, message: new Uint8Array(156) }),
      'malformed',
    ],
    [
      'a session for signals, where no node wants a link,',
      encodeSetup({ kind: 'handshake', isSignalOnly: true, message: new Uint8Array(156) }),
      'refused',
    ],
    [
      'an attachment to nothing',
      encodeSetup({ kind: 'attach', tag: new Uint8Array(16), packet: new Uint8Array(60) }),
      'unknownSession',
    ],
  ])('%s is refused, and its circuit let go', (_name, data, reason) => {
    const fake = new FakeCircuits(alice)
    const circuit = fake.newCircuit()
    fake.peers.incoming(fake.time, circuit, SERVER.keyId, data)
    expect(fake.answers.get(circuit)).toEqual({ kind: 'refused', reason })
    expect(fake.destroyed).toEqual([circuit])
    expect(fake.peers.size).toBe(0)
  })

  it('a handshake that was played before is refused, and the session stays', () => {
    const { fake } = dialing()
    const peer = new FakeCircuits(bob)
    const [first, second] = [peer.newCircuit(), peer.newCircuit()]
    peer.peers.incoming(peer.time, first, SERVER.keyId, fake.lastSetup)
    for (let i = 0; i < 100; i++)
      peer.peers.incoming(peer.time, second, SERVER.keyId, fake.lastSetup)
    expect(peer.answers.get(first)?.kind).toBe('handshake')
    expect(peer.answers.get(second)).toEqual({ kind: 'refused', reason: 'clock' })
    expect(peer.destroyed).not.toContain(first)
    expect(peer.peers.size).toBe(1)
  })

  it('a forged attachment to a true session is refused, and its circuit let go', () => {
    const { fake, circuit } = dialing()
    const peer = new FakeCircuits(bob)
    peer.peers.incoming(peer.time, peer.newCircuit(), SERVER.keyId, fake.lastSetup)
    const [answer] = peer.answers.values()
    if (answer !== undefined) fake.peers.circuitOpened(fake.time, circuit, encodeAnswer(answer))
    // The circuit breaks; alice asks to attach another one, and somebody changes what she says.
    fake.peers.circuitClosed(fake.time, circuit, 'closed')
    fake.find(bob)
    const attach = fake.lastSetup.slice()
    const last = attach.length - 1
    attach[last] = (attach[last] ?? 0) ^ 1
    const [forged, honest] = [peer.newCircuit(), peer.newCircuit()]
    peer.peers.incoming(peer.time, forged, SERVER.keyId, attach)
    expect(peer.answers.get(forged)).toEqual({ kind: 'refused', reason: 'unknownSession' })
    expect(peer.destroyed).toContain(forged)
    peer.peers.incoming(peer.time, honest, SERVER.keyId, fake.lastSetup)
    expect(peer.answers.get(honest)?.kind).toBe('attach')
    // Once: a repeated one is not.
    const again = peer.newCircuit()
    peer.peers.incoming(peer.time, again, SERVER.keyId, fake.lastSetup)
    expect(peer.answers.get(again)).toEqual({ kind: 'refused', reason: 'unknownSession' })
  })
})

describe('a session tag', () => {
  it('that a second caller repeats stays with the first', () => {
    const bobs = new FakeCircuits(bob)
    const [first, second] = [new FakeCircuits(alice, 5), new FakeCircuits(identityOf(3), 5)]
    let used = 0 as CircuitId
    for (const caller of [first, second]) {
      caller.dial(bob.keyId, 1)
      caller.find(bob)
      used = bobs.newCircuit()
      bobs.peers.incoming(bobs.time, used, SERVER.keyId, caller.lastSetup)
      const answer = bobs.answers.get(used)
      const circuit = caller.opened[0]?.circuit
      if (answer === undefined || circuit === undefined) throw new Error('no session')
      caller.peers.circuitOpened(caller.time, circuit, encodeAnswer(answer))
      expect(caller.events.map(({ kind }) => kind)).toContain('peerUp')
    }
    const [circuit] = first.opened.map(one => one.circuit)
    if (circuit !== undefined) first.peers.circuitClosed(first.time, circuit, 'closed')
    first.find(bob)
    const next = bobs.newCircuit()
    bobs.peers.incoming(bobs.time, next, SERVER.keyId, first.lastSetup)
    expect(bobs.answers.get(next)?.kind).toBe('attach')
  })
})

describe('a peer that is up and has lost the session', () => {
  /** Alice's session with bob, whom a restart made forget it. */
  function lost(): FakeCircuits {
    const { fake, circuit } = dialing()
    const peer = new FakeCircuits(bob)
    peer.peers.incoming(peer.time, peer.newCircuit(), SERVER.keyId, fake.lastSetup)
    const [answer] = peer.answers.values()
    if (answer !== undefined) fake.peers.circuitOpened(fake.time, circuit, encodeAnswer(answer))
    fake.peers.circuitClosed(fake.time, circuit, 'closed')
    fake.find(bob)
    const attach = fake.opened.at(-1)?.circuit ?? circuit
    const refusal = encodeAnswer({ kind: 'refused', reason: 'unknownSession' })
    fake.peers.circuitOpened(fake.time, attach, refusal)
    return fake
  }

  function pass(fake: FakeCircuits, ms: number): void {
    const { now, unixMs } = fake.time
    fake.time = { now: now + ms, unixMs: unixMs + ms }
    fake.peers.timeout(fake.time)
  }

  it('is sought with a new handshake, and told down when it is not found in time', () => {
    const fake = lost()
    expect(fake.lookups).toHaveLength(3)
    pass(fake, SESSION_PATHLESS_MS - 1)
    expect(fake.events.map(({ kind }) => kind)).not.toContain('peerDown')
    pass(fake, 1)
    expect(fake.events.at(-1)).toMatchObject({ kind: 'peerDown', failure: { code: 'TIMEOUT' } })
    expect(fake.peers.size).toBe(0)
  })

  it('is sought on when a request is given up, and when an attempt fails for now', () => {
    const fake = lost()
    fake.peers.withPeer(bob.keyId, peer => peer.ping(fake.time, 7))
    fake.peers.withPeer(bob.keyId, peer => peer.giveUp(fake.time, 7, 'TIMEOUT'))
    expect(fake.peers.size).toBe(1)
    fake.peers.lookedUp(fake.time, bob.keyId, {
      lookup: 3,
      record: 'absent',
      servers: [],
      isFinal: true,
    })
    expect(fake.peers.size).toBe(1)
    pass(fake, REATTACH_BASE_MS)
    expect(fake.lookups).toHaveLength(4)
    expect(fake.events.map(({ kind }) => kind)).not.toContain('peerDown')
  })

  it('is told down at once when the peer does not want us any more', () => {
    const fake = lost()
    fake.find(bob)
    const circuit = fake.opened.at(-1)?.circuit as CircuitId
    const refusal = encodeAnswer({ kind: 'refused', reason: 'refused' })
    fake.peers.circuitOpened(fake.time, circuit, refusal)
    expect(fake.events.at(-1)).toMatchObject({ kind: 'peerDown', failure: { code: 'REFUSED' } })
  })
})

describe('circuits of one session', () => {
  it(`are ${SESSION_MAX_PATHS} at most`, () => {
    const { fake, circuit } = dialing()
    const peer = new FakeCircuits(bob)
    const first = peer.newCircuit()
    peer.peers.incoming(peer.time, first, SERVER.keyId, fake.lastSetup)
    const [answer] = peer.answers.values()
    if (answer !== undefined) fake.peers.circuitOpened(fake.time, circuit, encodeAnswer(answer))
    const kinds: string[] = []
    let used = circuit
    for (let i = 0; i < SESSION_MAX_PATHS; i++) {
      fake.peers.circuitClosed(fake.time, used, 'closed')
      fake.find(bob)
      used = fake.opened.at(-1)?.circuit ?? used
      const next = peer.newCircuit()
      peer.peers.incoming(peer.time, next, SERVER.keyId, fake.lastSetup)
      const attached = peer.answers.get(next)
      kinds.push(attached?.kind === 'refused' ? attached.reason : (attached?.kind ?? 'none'))
      if (attached !== undefined) fake.peers.circuitOpened(fake.time, used, encodeAnswer(attached))
    }
    expect(kinds).toEqual([...Array(SESSION_MAX_PATHS - 1).fill('attach'), 'busy'])
  })
})

describe('a revoked key', () => {
  it('ends the session that seeks a path, at once and for good', () => {
    const { fake, circuit } = dialing()
    const peer = new FakeCircuits(bob)
    peer.peers.incoming(peer.time, peer.newCircuit(), SERVER.keyId, fake.lastSetup)
    const [answer] = peer.answers.values()
    if (answer !== undefined) fake.peers.circuitOpened(fake.time, circuit, encodeAnswer(answer))
    fake.peers.circuitClosed(fake.time, circuit, 'closed')
    expect(fake.peers.size).toBe(1)
    const lookup = fake.lookups.length
    const news = { lookup, record: 'revoked', servers: [], isFinal: false } as const
    fake.peers.lookedUp(fake.time, bob.keyId, news)
    expect(fake.peers.size).toBe(0)
    expect(fake.peers.nextTimeout()).toBeUndefined()
    expect(fake.lookups).toHaveLength(lookup)
  })

  it('fails the dial that finds it out', () => {
    const fake = new FakeCircuits(alice)
    fake.dial(bob.keyId, 1)
    const news = { lookup: 1, record: 'revoked', servers: [], isFinal: true } as const
    fake.peers.lookedUp(fake.time, bob.keyId, news)
    expect(fake.codes).toEqual(['REVOKED'])
    expect(fake.peers.size).toBe(0)
  })
})

describe('a peer that was forgotten', () => {
  it('does not take a newer one of the same key with it when its circuit ends', () => {
    const { fake, circuit } = dialing()
    fake.peers.withKnownPeer(bob.keyId, peer => peer.hangUp(fake.time))
    expect(fake.peers.size).toBe(0)
    fake.dial(bob.keyId, 2)
    expect(fake.peers.size).toBe(1)
    fake.peers.circuitClosed(fake.time, circuit, 'closed')
    fake.peers.circuitData(fake.time, circuit, new Uint8Array(50))
    expect(fake.peers.size).toBe(1)
    fake.find(bob)
    expect(fake.opened).toHaveLength(2)
  })

  it('hears nothing of a lookup of its earlier life', () => {
    const fake = new FakeCircuits(alice)
    fake.dial(bob.keyId, 1)
    fake.peers.withKnownPeer(bob.keyId, peer => peer.hangUp(fake.time))
    fake.dial(bob.keyId, 2)
    fake.peers.lookedUp(fake.time, bob.keyId, {
      lookup: 1,
      record: 'absent',
      servers: [],
      isFinal: true,
    })
    expect(fake.codes).toEqual(['CLOSED'])
    fake.peers.lookedUp(fake.time, bob.keyId, {
      lookup: 2,
      record: 'absent',
      servers: [],
      isFinal: true,
    })
    expect(fake.codes).toEqual(['CLOSED', 'NOT_FOUND'])
  })
})

describe(`${MAX_SESSIONS} sessions`, () => {
  it('are the most, and strangers can take only some of them', () => {
    const fake = new FakeCircuits(alice)
    const forStrangers = MAX_SESSIONS - SESSIONS_FOR_OWN_DIALS
    const caller = new FakeCircuits(bob)
    const call = (): string | undefined => {
      caller.dial(alice.keyId, 1)
      caller.find(alice)
      const circuit = fake.newCircuit()
      fake.peers.incoming(fake.time, circuit, SERVER.keyId, caller.lastSetup)
      const answer = fake.answers.get(circuit)
      return answer?.kind === 'refused' ? answer.reason : answer?.kind
    }
    for (let i = 0; i < forStrangers; i++) fake.dial(identityOf(10_000 + i).keyId, i)
    expect(fake.peers.size).toBe(forStrangers)
    expect(call()).toBe('busy')
    for (let i = 0; i < SESSIONS_FOR_OWN_DIALS; i++) {
      expect(fake.dial(identityOf(50_000 + i).keyId, 10_000 + i)).toBe(true)
    }
    expect(fake.dial(identityOf(90_000).keyId, 90_000)).toBe(false)
    fake.peers.hangUpAll(fake.time)
    expect(fake.peers.size).toBe(0)
    expect(fake.codes).toHaveLength(MAX_SESSIONS)
    const next = new FakeCircuits(identityOf(3))
    next.dial(alice.keyId, 1)
    next.find(alice)
    const circuit = fake.newCircuit()
    fake.peers.incoming(fake.time, circuit, SERVER.keyId, next.lastSetup)
    expect(fake.answers.get(circuit)?.kind).toBe('handshake')
  })
})
