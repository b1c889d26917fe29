// The surroundings of Peers without a network, for tests: circuits and servers that record what is asked
// of them and answer what the test says.

import { nodeSuite } from '../../../host/node/node-suite.ts'
import type { Identity } from '../../identity/identity.ts'
import type { KeyId } from '../../identity/node-id.ts'
import { seededRandom } from '../../link/testing/seeded-random.ts'
import type { Time } from '../../machine/machine.ts'
import type { CircuitId } from '../../routing/circuit.ts'
import { RisingStamps } from '../../session/initiator-timestamps.ts'
import { SeenIds } from '../../session/seen-ids.ts'
import type { SessionAnswer } from '../../wire/session-setup.ts'
import { decodeAnswer } from '../../wire/session-setup.ts'
import { withoutDirect } from '../direct/direct-port.ts'
import type { NodeEvent } from '../effects.ts'
import { HeldMessages } from '../peers/held-messages.ts'
import type { CircuitPort, PeerContext, ServerPort } from '../peers/peer-context.ts'
import { PeerModes } from '../peers/peer-modes.ts'
import { Peers } from '../peers/peers.ts'
import { SessionTags } from '../peers/session-tags.ts'
import { RouteLog } from '../routes/route-log.ts'
import { START_UNIX_MS } from './mini-world.ts'
import { identityOf, recordOf } from './records.ts'
import { routesForTests } from './routes.ts'

export const SERVER = identityOf(1_000)

export class FakeCircuits {
  time: Time = { now: 1, unixMs: START_UNIX_MS }
  readonly identity: Identity
  readonly peers: Peers
  readonly events: NodeEvent[] = []
  readonly opened: { readonly circuit: CircuitId; readonly data: Uint8Array }[] = []
  readonly answers = new Map<CircuitId, SessionAnswer>()
  readonly sent: Uint8Array[] = []
  readonly destroyed: CircuitId[] = []
  readonly lookups: KeyId[] = []
  hasServer = true
  readonly context: PeerContext
  #lastCircuit = 0

  /** @param seed nodes of the same seed choose the same session tags */
  constructor(identity: Identity, seed = identity.publicKey[0] ?? 0) {
    this.identity = identity
    const random = seededRandom(seed)
    this.context = {
      handshake: { suite: nodeSuite, random, identity },
      stamps: new RisingStamps(),
      direct: withoutDirect(() => {}),
      circuits: this.#circuits(),
      servers: this.#servers(),
      held: new HeldMessages(),
      routes: routesForTests(identity.keyId),
      log: new RouteLog(),
      tags: new SessionTags(),
      modes: new PeerModes('fast'),
      askRoutes: () => {},
      isAskingRoutes: () => false,
      isSignalOnly: false,
      seenIds: () => new SeenIds(),
      emit: event => this.events.push(event),
    }
    this.peers = new Peers(this.context, undefined)
  }

  get codes(): string[] {
    return this.events.flatMap(event => (event.kind === 'failed' ? [event.failure.code] : []))
  }

  newCircuit(): CircuitId {
    this.#lastCircuit += 1
    return this.#lastCircuit as CircuitId
  }

  dial(key: KeyId, request: number): boolean {
    return this.peers.withPeer(key, peer => peer.dial(this.time, request))
  }

  /** The last lookup found a record of `target` at our server. */
  find(target: Identity, isFinal = true, fields: Parameters<typeof recordOf>[1] = {}): void {
    const { record } = recordOf(target, { servers: [SERVER.publicKey], ...fields })
    const lookup = this.lookups.length
    this.peers.lookedUp(this.time, target.keyId, { lookup, record, servers: [], isFinal })
  }

  /** What the handshake of the last circuit was, for `incoming` of another one. */
  get lastSetup(): Uint8Array {
    return this.opened.at(-1)?.data ?? new Uint8Array(0)
  }

  #circuits(): CircuitPort {
    return {
      nextId: () => this.newCircuit(),
      open: (_time, circuit, hops, data) => {
        const target = hops.at(-1)
        if (target !== undefined) {
          this.peers.ownCircuit(circuit, String.fromCharCode(...target.id) as KeyId)
        }
        this.opened.push({ circuit, data })
      },
      answer: (_time, circuit, data) => this.answers.set(circuit, decodeAnswer(data)),
      send: (_time, _circuit, data) => this.sent.push(data),
      destroy: (_time, circuit) => this.destroyed.push(circuit),
      linkOf: () => undefined,
      room: () => 8,
      capacity: () => ({ smallBytes: 900, largeBytes: 16_000 }),
    }
  }

  #servers(): ServerPort {
    return {
      hasOpenServer: this.hasServer,
      isConnecting: false,
      hasDirectLink: () => false,
      entries: () =>
        this.hasServer
          ? [
              {
                key: SERVER.keyId,
                hop: { id: SERVER.publicKey, onionKey: new Uint8Array(32).fill(9) },
              },
            ]
          : [],
      neighbours: () => [],
      failure: () => ({ code: 'UNREACHABLE', message: 'No server.' }),
      quota: () => undefined,
      startLookup: (_time, key) => this.lookups.push(key),
      cancelLookup: () => {},
    }
  }
}
