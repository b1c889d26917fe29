// One end of a session over circuits: makes the handshake or an attach in a circuit's SETUP, feeds circuits
// with the packets that the session wants to send, and (the caller) looks for another relay when a path is
// gone or suspect. For scenarios about sessions alone; the node core does this with more care.

import { nodeSuite } from '../../host/node/node-suite.ts'
import { equalBytes } from '../../shared/bytes/equal.ts'
import type { CircuitId } from '../../shared/routing/circuit.ts'
import type { SetupHop } from '../../shared/routing/onion-setup.ts'
import type { RouterEffect } from '../../shared/routing/router-messages.ts'
import type { SessionEffect, SessionInput } from '../../shared/session/effects.ts'
import type { SessionSecrets } from '../../shared/session/handshake.ts'
import { acceptHandshake, HandshakeInitiator } from '../../shared/session/handshake.ts'
import type { PathId } from '../../shared/session/path.ts'
import { SeenIds } from '../../shared/session/seen-ids.ts'
import { Session } from '../../shared/session/session.ts'
import {
  decodeAnswer,
  decodeSetup,
  encodeAnswer,
  encodeSetup,
} from '../../shared/wire/session-setup.ts'
import type { World } from '../world.ts'
import type { RouterApplication, RouterProgram } from './router-program.ts'

const RETRY_MS = 500

export class SessionEnd implements RouterApplication {
  session: Session | undefined
  /** Circuits that came up for this session, in all. */
  pathsOpened = 0
  readonly #world: World
  readonly #onEffect: (effect: SessionEffect) => void
  readonly #seen = new SeenIds()
  readonly #paths = new Set<CircuitId>()
  readonly #waiting: SessionInput[] = []
  #program: RouterProgram | undefined
  #handshake: HandshakeInitiator | undefined
  /** The caller's ways to its peer, tried in turn. */
  #routes: readonly (readonly SetupHop[])[] = []
  #nextRoute = 0
  #attempt: CircuitId | undefined

  constructor(world: World, onEffect: (effect: SessionEffect) => void) {
    this.#world = world
    this.#onEffect = onEffect
  }

  get program(): RouterProgram {
    if (this.#program === undefined) throw new Error('The router is not there yet.')
    return this.#program
  }

  set program(program: RouterProgram) {
    this.#program = program
  }

  /** Dials the last hop of the routes, over one of them at a time. */
  call(routes: readonly (readonly SetupHop[])[]): void {
    this.#routes = routes
    this.#openPath()
  }

  /** Looks for no path any more. */
  stop(): void {
    this.#routes = []
  }

  send(id: Uint8Array, data: Uint8Array): void {
    this.#feed({ kind: 'send', id, data })
  }

  nextTimeout(): number | undefined {
    return this.session?.nextTimeout()
  }

  timeout(): void {
    this.#feed({ kind: 'timeout' })
  }

  take(effect: RouterEffect): void {
    switch (effect.kind) {
      case 'incoming':
        this.#answer(effect.circuit, effect.data)
        break
      case 'opened':
        this.#opened(effect.circuit, effect.data)
        break
      case 'data':
        this.#feed({ kind: 'packet', path: pathOf(effect.circuit), bytes: effect.data })
        break
      case 'room':
        this.#pump()
        break
      case 'closed':
        this.#closed(effect.circuit)
        break
    }
  }

  #openPath(): void {
    const hops = this.#routes[this.#nextRoute % this.#routes.length]
    if (this.#attempt !== undefined || hops === undefined) return
    this.#nextRoute += 1
    const circuit = this.program.router.nextCircuitId()
    this.#attempt = circuit
    this.program.handle({ kind: 'open', circuit, hops, data: this.#setup(hops), large: true })
  }

  #setup(hops: readonly SetupHop[]): Uint8Array {
    const packet = this.session?.askAttach()
    if (this.session !== undefined && packet !== undefined) {
      return encodeSetup({ kind: 'attach', tag: this.session.tag, packet })
    }
    const peer = hops.at(-1)?.id ?? new Uint8Array(32)
    this.#handshake = new HandshakeInitiator(this.#context(), peer, this.program.time().unixMs)
    return encodeSetup({
      kind: 'handshake',
      isSignalOnly: false,
      message: this.#handshake.message,
    })
  }

  #answer(circuit: CircuitId, data: Uint8Array): void {
    const setup = decodeSetup(data)
    const answer = setup.kind === 'attach' ? this.#attach(setup) : this.#accept(setup.message)
    if (answer === undefined) {
      this.program.handle({ kind: 'refuse', circuit, reason: 'closed' })
      return
    }
    this.program.handle({ kind: 'answer', circuit, data: answer })
    this.#pathUp(circuit)
  }

  #attach({ tag, packet }: { readonly tag: Uint8Array; readonly packet: Uint8Array }) {
    const { session } = this
    if (session === undefined || !equalBytes(session.tag, tag)) return undefined
    const answer = session.acceptAttach(this.program.time(), packet)
    return answer && encodeAnswer({ kind: 'attach', packet: answer })
  }

  #accept(message: Uint8Array): Uint8Array | undefined {
    const outcome = acceptHandshake(this.#context(), message, () => undefined)
    if (outcome.kind === 'refused' || this.session !== undefined) return undefined
    this.#begin(outcome.secrets)
    return encodeAnswer({ kind: 'handshake', message: outcome.message })
  }

  #opened(circuit: CircuitId, data: Uint8Array): void {
    this.#attempt = undefined
    const answer = decodeAnswer(data)
    const secrets =
      answer.kind === 'handshake' ? this.#handshake?.finish(answer.message) : undefined
    if (secrets !== undefined) this.#begin(secrets)
    const isAttached =
      answer.kind === 'attach' && this.session?.confirmAttach(this.program.time(), answer.packet)
    if (secrets === undefined && isAttached !== true)
      throw new Error('The peer did not answer well.')
    this.#pathUp(circuit)
  }

  #begin(secrets: SessionSecrets): void {
    const config = { ...this.#context(), seen: this.#seen }
    this.session = new Session(config, secrets, this.program.time())
  }

  #pathUp(circuit: CircuitId): void {
    this.#paths.add(circuit)
    this.pathsOpened += 1
    const capacity = this.program.router.capacity(circuit)
    this.#feed({ kind: 'pathUp', path: pathOf(circuit), ...capacity })
    for (const input of this.#waiting.splice(0)) this.#feed(input)
  }

  #closed(circuit: CircuitId): void {
    if (this.#paths.delete(circuit)) this.#feed({ kind: 'pathDown', path: pathOf(circuit) })
    if (this.#attempt !== circuit) return
    this.#attempt = undefined
    this.#world.after(RETRY_MS, () => this.#openPath())
  }

  #feed(input: SessionInput): void {
    const { session } = this
    if (session === undefined) {
      if (input.kind === 'send') this.#waiting.push(input)
      return
    }
    session.handle(this.program.time(), input)
    for (let effect = session.poll(); effect !== undefined; effect = session.poll()) {
      this.#follow(effect)
    }
    this.#pump()
  }

  #follow(effect: SessionEffect): void {
    if (effect.kind === 'needPath') this.#openPath()
    if (effect.kind === 'pathSuspect') {
      this.#openPath()
      this.program.handle({ kind: 'destroy', circuit: circuitOf(effect.path), reason: 'closed' })
    }
    this.#onEffect(effect)
    if (effect.kind === 'message') this.#feed({ kind: 'consumed', bytes: effect.data.length })
  }

  /** Gives every circuit as much as it has room for. */
  #pump(): void {
    const { session, program } = this
    for (const circuit of this.#paths) {
      while (session?.wantsToSend(pathOf(circuit)) && program.router.room(circuit) > 0) {
        const data = session.pollPacket(program.time(), pathOf(circuit))
        if (data === undefined) break
        program.handle({ kind: 'send', circuit, data })
      }
    }
    program.setTimer()
  }

  #context() {
    const { identity, randomBytes: random } = this.program
    return { suite: nodeSuite, random, identity }
  }
}

/** Every path of these sessions is a circuit and bears its number. */
function pathOf(circuit: CircuitId): PathId {
  return circuit as number as PathId
}

function circuitOf(path: PathId): CircuitId {
  return path as number as CircuitId
}
