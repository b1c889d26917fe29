// The sessions for signals of one node, against peers that mean ill.

import { describe, expect, it } from 'vitest'
import type { Identity } from '../../identity/identity.ts'
import type { KeyId } from '../../identity/node-id.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { HandshakeInitiator } from '../../session/handshake.ts'
import { MESH_MAX_SESSIONS, MESH_MEET_MS } from '../../wire/limits.ts'
import { encodeAnswer, encodeSetup } from '../../wire/session-setup.ts'
import { FakeCircuits } from '../testing/fake-circuits.ts'
import { START_UNIX_MS } from '../testing/mini-world.ts'
import { identityOf, NET } from '../testing/records.ts'
import { MeshSide } from './mesh-side.ts'

const SERVER = identityOf(9)

class Host {
  readonly fake: FakeCircuits
  readonly mesh: MeshSide
  isAllowed: (key: KeyId) => boolean = () => true

  constructor(identity: Identity) {
    this.fake = new FakeCircuits(identity)
    const { context } = this.fake
    this.mesh = new MeshSide(
      {
        net: NET,
        ownKey: identity.keyId,
        context,
        circuits: () => context.circuits,
        isRelaying: () => true,
        linked: () => [],
        sources: () => [],
        hasRoom: () => true,
        isAllowed: key => this.isAllowed(key),
        isInUse: () => false,
      },
      this.fake.time,
    )
  }

  /** Somebody's setup. @returns the circuit, and what was answered */
  called(setup: Uint8Array): { circuit: CircuitId; kind: string | undefined } {
    const circuit = this.fake.newCircuit()
    this.mesh.peers.incoming(this.fake.time, circuit, SERVER.keyId, setup)
    this.mesh.advance(this.fake.time)
    return { circuit, kind: this.fake.answers.get(circuit)?.kind }
  }
}

/** A setup for a session for signals with that node. */
function setupOf(from: Identity, to: Identity): Uint8Array {
  const { handshake } = new FakeCircuits(from).context
  const { message } = new HandshakeInitiator(handshake, to.publicKey, START_UNIX_MS)
  return encodeSetup({ kind: 'handshake', isSignalOnly: true, message })
}

describe('sessions for signals', () => {
  const us = identityOf(1)

  it('are for whom the node lets in', () => {
    const host = new Host(us)
    expect(host.called(setupOf(identityOf(2), us)).kind).toBe('handshake')
    host.isAllowed = () => false
    expect(host.called(setupOf(identityOf(3), us)).kind).toBe('refused')
  })

  it('are not those of the application', () => {
    const host = new Host(us)
    const setup = setupOf(identityOf(2), us)
    expect(host.mesh.peers.isFor(setup)).toBe(true)
    expect(host.fake.peers.isFor(setup)).toBe(false)
  })

  it('are few', () => {
    const host = new Host(us)
    const kinds = Array.from({ length: 2 * MESH_MAX_SESSIONS }, (_, index) =>
      host.called(setupOf(identityOf(10 + index), us)),
    ).map(({ kind }) => kind)
    expect(kinds.filter(kind => kind === 'handshake').length).toBeLessThanOrEqual(MESH_MAX_SESSIONS)
    expect(kinds.at(-1)).toBe('refused')
  })

  it('end with the first message: nobody is there to read it', () => {
    const host = new Host(us)
    const caller = new FakeCircuits(identityOf(2))
    Object.assign(caller.context, { isSignalOnly: true })
    caller.dial(us.keyId, 1)
    caller.find(us)
    const { circuit } = host.called(caller.lastSetup)
    const answer = host.fake.answers.get(circuit)
    const own = caller.opened[0]?.circuit
    if (answer === undefined || own === undefined) throw new Error('no answer')
    caller.peers.circuitOpened(caller.time, own, encodeAnswer(answer))
    const deliver = (): void => {
      for (const packet of caller.sent.splice(0)) {
        host.mesh.peers.circuitData(host.fake.time, circuit, packet)
        host.mesh.advance(host.fake.time)
      }
    }
    deliver()
    expect(host.mesh.peers.hasSession(identityOf(2).keyId)).toBe(true)
    const id = new Uint8Array(16)
    caller.peers.withKnownPeer(us.keyId, peer => peer.send(caller.time, 2, id, new Uint8Array(10)))
    deliver()
    expect(host.mesh.peers.hasSession(identityOf(2).keyId)).toBe(false)
    expect(host.fake.events).toEqual([])
  })

  it('end by themselves when nothing comes of them', () => {
    const host = new Host(us)
    host.called(setupOf(identityOf(2), us))
    expect(host.mesh.peers.size).toBe(1)
    for (let next = host.mesh.nextTimeout(); next !== undefined; next = host.mesh.nextTimeout()) {
      const now = Math.max(host.fake.time.now, next)
      host.fake.time = { now, unixMs: START_UNIX_MS + now }
      host.mesh.timeout(host.fake.time)
      host.mesh.advance(host.fake.time)
      if (host.mesh.peers.size === 0) break
    }
    expect(host.mesh.peers.size).toBe(0)
    expect(host.fake.time.now).toBeLessThanOrEqual(4 * MESH_MEET_MS)
  })
})
