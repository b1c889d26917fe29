// Handshakes of a peer that come while something runs: which of them take over, and when.

import { beforeEach, describe, expect, it } from 'vitest'
import { compareBytes } from '../../bytes/equal.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { OVERTAKEN_RETRY_MS, SESSION_CONFIRM_MS, SESSIONS_UNCONFIRMED } from '../../wire/limits.ts'
import { encodeAnswer } from '../../wire/session-setup.ts'
import { FakeCircuits, SERVER } from '../testing/fake-circuits.ts'
import { START_UNIX_MS } from '../testing/mini-world.ts'
import { identityOf } from '../testing/records.ts'

const [low, high] = [identityOf(1), identityOf(2)].sort((a, b) =>
  compareBytes(a.publicKey, b.publicKey),
) as [ReturnType<typeof identityOf>, ReturnType<typeof identityOf>]

/** A handshake of `from`, made `laterMs` after the start, as it arrives somewhere. */
interface Call {
  readonly from: FakeCircuits
  readonly circuit: CircuitId
  readonly setup: Uint8Array
}

let bob: FakeCircuits

beforeEach(() => {
  bob = new FakeCircuits(high)
})

/** Another life of the node that calls bob: nothing of its other lives is in it. */
function call(laterMs: number): Call {
  const from = new FakeCircuits(low, laterMs + 1)
  from.time = { now: 1 + laterMs, unixMs: START_UNIX_MS + laterMs }
  return dial(from, high)
}

function dial(from: FakeCircuits, to: typeof low): Call {
  from.dial(to.keyId, 1)
  from.find(to)
  const opened = from.opened.at(-1)
  if (opened === undefined) throw new Error('no circuit was opened')
  return { from, circuit: opened.circuit, setup: opened.data }
}

/** @returns the circuit by which it came */
function arrives({ setup }: Call, at = bob): CircuitId {
  const circuit = at.newCircuit()
  at.peers.incoming(at.time, circuit, SERVER.keyId, setup)
  return circuit
}

/** The caller hears the answer. @returns what it sends first */
function answered({ from, circuit }: Call, incoming: CircuitId, by = bob): Uint8Array[] {
  const answer = by.answers.get(incoming)
  if (answer === undefined) throw new Error('no answer')
  const before = from.sent.length
  from.peers.circuitOpened(from.time, circuit, encodeAnswer(answer))
  return from.sent.slice(before)
}

function confirms(one: Call, incoming: CircuitId, to = bob): void {
  for (const packet of answered(one, incoming, to)) {
    to.peers.circuitData(to.time, incoming, packet)
  }
}

function pass(node: FakeCircuits, ms: number): void {
  const { now, unixMs } = node.time
  node.time = { now: now + ms, unixMs: unixMs + ms }
  node.peers.timeout(node.time)
}

function say(text: string, from: FakeCircuits, to: typeof low): Uint8Array[] {
  const before = from.sent.length
  const data = new TextEncoder().encode(text)
  const id = new Uint8Array(16).fill(text.length)
  from.peers.withPeer(to.keyId, peer => peer.send(from.time, 99, id, data))
  return from.sent.slice(before)
}

function heard(node: FakeCircuits): string[] {
  return node.events.flatMap(event =>
    event.kind === 'message' ? [new TextDecoder().decode(event.data)] : [],
  )
}

const kinds = (node: FakeCircuits): string[] => node.events.map(({ kind }) => kind)

describe('a session that runs', () => {
  it('stays when a handshake arrives late that the peer has given up', () => {
    const [running, late] = [call(0), call(3_000)]
    const first = arrives(running)
    confirms(running, first)
    pass(bob, 60_000)
    const second = arrives(late)
    expect(bob.answers.get(second)?.kind).toBe('handshake')
    for (const packet of say('still here?', running.from, high)) {
      bob.peers.circuitData(bob.time, first, packet)
    }
    expect(heard(bob)).toEqual(['still here?'])
    pass(bob, SESSION_CONFIRM_MS)
    expect(bob.destroyed).toEqual([second])
    expect(kinds(bob)).not.toContain('peerDown')
    for (const packet of say('indeed', bob, low)) {
      running.from.peers.circuitData(running.from.time, running.circuit, packet)
    }
    expect(heard(running.from)).toEqual(['indeed'])
  })

  it('gives way to that of a peer which was restarted, once this one confirms it', () => {
    const [former, present] = [call(0), call(3_000)]
    const first = arrives(former)
    confirms(former, first)
    say('lost with it', bob, low)
    const second = arrives(present)
    expect(bob.destroyed).toEqual([])
    const before = bob.sent.length
    confirms(present, second)
    expect(bob.destroyed).toEqual([first])
    for (const packet of bob.sent.slice(before)) {
      present.from.peers.circuitData(present.from.time, present.circuit, packet)
    }
    expect(heard(present.from)).toEqual(['lost with it'])
    expect(kinds(bob)).not.toContain('peerDown')
  })

  it('gives way to a newer one by whatever circuit that is confirmed', () => {
    const [former, present] = [call(0), call(3_000)]
    const first = arrives(former)
    confirms(former, first)
    const second = arrives(present)
    answered(present, second)
    present.from.peers.circuitClosed(present.from.time, present.circuit, 'closed')
    present.from.find(high)
    const third = bob.newCircuit()
    bob.peers.incoming(bob.time, third, SERVER.keyId, present.from.lastSetup)
    expect(bob.answers.get(third)?.kind).toBe('attach')
    expect(bob.destroyed).toEqual([first])
  })

  it('does not give way to one that is forgotten', () => {
    const running = call(0)
    const first = arrives(running)
    confirms(running, first)
    const lost = call(3_000)
    const second = arrives(lost)
    const packets = answered(lost, second)
    bob.peers.circuitClosed(bob.time, second, 'closed')
    for (const packet of packets) bob.peers.circuitData(bob.time, second, packet)
    expect(bob.destroyed).toEqual([])
    lost.from.peers.circuitClosed(lost.from.time, lost.circuit, 'closed')
    lost.from.find(high)
    const third = bob.newCircuit()
    bob.peers.incoming(bob.time, third, SERVER.keyId, lost.from.lastSetup)
    expect(bob.answers.get(third)).toEqual({ kind: 'refused', reason: 'unknownSession' })
  })

  it('is not given up for one that comes later and was confirmed before', () => {
    const [older, newer] = [call(0), call(3_000)]
    const first = arrives(older)
    const held = answered(older, first)
    const second = arrives(newer)
    confirms(newer, second)
    expect(bob.destroyed).toEqual([first])
    for (const packet of held) bob.peers.circuitData(bob.time, first, packet)
    expect(bob.destroyed).toEqual([first])
    expect(kinds(bob).filter(kind => kind === 'peerUp')).toHaveLength(1)
  })
})

describe('a caller that never confirms', () => {
  it('is told of to nobody, and forgotten', () => {
    arrives(call(0))
    expect(bob.peers.size).toBe(1)
    pass(bob, SESSION_CONFIRM_MS)
    expect(bob.events).toEqual([])
    expect(bob.peers.size).toBe(0)
    expect(bob.peers.nextTimeout()).toBeUndefined()
  })

  it(`has ${SESSIONS_UNCONFIRMED} sessions waiting at most, the newest`, () => {
    const circuits = Array.from({ length: SESSIONS_UNCONFIRMED + 1 }, (_, i) => arrives(call(i)))
    expect(bob.destroyed).toEqual([circuits[0]])
    pass(bob, SESSION_CONFIRM_MS)
    expect(bob.destroyed).toEqual(circuits)
  })

  it('keeps a dial waiting for a moment and no longer', () => {
    bob.dial(low.keyId, 7)
    bob.find(low)
    const own = bob.opened[0]?.circuit
    arrives(call(0))
    expect(bob.destroyed).toEqual([own])
    pass(bob, OVERTAKEN_RETRY_MS)
    bob.find(low)
    expect(bob.opened).toHaveLength(2)
    expect(bob.codes).toEqual([])
  })

  it('is told when it is not wanted', () => {
    const caller = call(0)
    const incoming = arrives(caller)
    answered(caller, incoming)
    bob.peers.withKnownPeer(low.keyId, peer => peer.hangUp(bob.time))
    for (const packet of bob.sent) {
      caller.from.peers.circuitData(caller.from.time, caller.circuit, packet)
    }
    expect(caller.from.events.at(-1)).toMatchObject({ kind: 'peerDown' })
    expect(caller.from.events.at(-1)).not.toHaveProperty('failure')
    expect(bob.destroyed).toEqual([incoming])
    expect(bob.peers.size).toBe(0)
  })
})

describe('two that call each other', () => {
  it('go on with the one that both have: what arrives late is answered in vain', () => {
    const alice = new FakeCircuits(low)
    const [hers, his] = [dial(alice, high), dial(bob, low)]
    const incoming = arrives(hers)
    expect(bob.destroyed).toEqual([his.circuit])
    confirms(hers, incoming)
    const late = arrives(his, alice)
    pass(alice, SESSION_CONFIRM_MS)
    expect(alice.destroyed).toEqual([late])
    for (const node of [alice, bob]) {
      expect(kinds(node).filter(kind => kind.startsWith('peer'))).toEqual(['peerUp', 'peerPath'])
    }
  })

  it('meet in the session of the one who heard first, when both heard', () => {
    const alice = new FakeCircuits(low)
    const his = dial(bob, low)
    const toAlice = arrives(his, alice)
    const hers = dial(alice, high)
    // Her answer is on its way when his is heard, and her first packet behind it.
    const toBob = arrives(hers)
    const packets = answered(hers, toBob)
    expect(alice.destroyed).toEqual([toAlice])
    for (const packet of packets) bob.peers.circuitData(bob.time, toBob, packet)
    for (const packet of say('hello', alice, high)) {
      bob.peers.circuitData(bob.time, toBob, packet)
    }
    expect(heard(bob)).toEqual(['hello'])
  })

  it('is not put off by a dial of ours that has failed already', () => {
    const alice = new FakeCircuits(low)
    alice.dial(high.keyId, 1)
    alice.find(high, false)
    const own = alice.opened[0]?.circuit as CircuitId
    const his = dial(bob, low)
    expect(alice.answers.get(arrives(his, alice))).toMatchObject({ reason: 'superseded' })
    alice.peers.circuitClosed(alice.time, own, 'unreachable')
    const again = dial(new FakeCircuits(high, 9), low)
    expect(alice.answers.get(arrives(again, alice))?.kind).toBe('handshake')
  })
})
