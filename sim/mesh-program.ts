// A whole keymesh node as a program for a simulated computer: the real core under the real driver, with
// answers to requests given to callbacks. What applications see, without promises. The crypto is real: with
// node:crypto it is two fifths of a run of 1,000 nodes, so a fake could not even halve the time.

import { nodeSuite } from '../host/node/node-suite.ts'
import type { KeyId } from '../shared/identity/node-id.ts'
import { keyIdOf } from '../shared/identity/node-id.ts'
import type { NodeConfig } from '../shared/node/config.ts'
import { MeshNodeCore } from '../shared/node/core.ts'
import { Driver } from '../shared/node/driver.ts'
import type { AttachmentView, NodeEvent, NodeLoad, Outcome } from '../shared/node/effects.ts'
import type { Host } from '../shared/node/host.ts'
import type { RequestId } from '../shared/node/inputs.ts'
import type { Failure } from '../shared/node/mesh-error.ts'
import { resumingCore } from '../shared/node/resume/resuming-core.ts'
import type { NetworkView } from '../shared/node/server/joining.ts'
import type { Program, SimNode } from './sim-node.ts'

export type Answer =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'failed'; readonly failure: Failure }

/** Everything of a node's configuration that the simulator does not give. */
export interface MeshOptions extends Omit<NodeConfig, 'suite' | 'random' | 'saved' | 'seenIds'> {
  /** Whether its sessions outlive its program, as those of clients do. */
  readonly keepsSessions?: boolean
}

type MessageEvent = Extract<NodeEvent, { kind: 'message' }>

export class MeshProgram {
  readonly key: KeyId
  readonly publicKey: Uint8Array
  readonly driver: Driver
  attachments: readonly AttachmentView[] = []
  /** Of a server. */
  network: NetworkView | undefined
  isStopped = false
  readonly #core: MeshNodeCore
  readonly #host: Host
  readonly #waiting = new Map<RequestId, (answer: Answer) => void>()
  readonly #onEvent: (program: MeshProgram, event: NodeEvent) => void
  #nextRequest = 1

  constructor(
    host: Host,
    saved: ReadonlyMap<string, Uint8Array>,
    options: MeshOptions,
    onEvent: (program: MeshProgram, event: NodeEvent) => void,
  ) {
    this.#host = host
    this.#onEvent = onEvent
    this.publicKey = nodeSuite.signPublic(options.seed)
    this.key = keyIdOf(this.publicKey)
    const time = { now: host.now(), unixMs: host.unixMs() }
    const { keepsSessions, ...rest } = options
    const config = { ...rest, suite: nodeSuite, random: host.randomBytes, saved }
    const resuming = keepsSessions ? resumingCore(config, time) : undefined
    this.#core = resuming?.core ?? new MeshNodeCore(config, time)
    this.driver = new Driver(resuming?.machine ?? this.#core, host, event => this.#take(event))
  }

  get load(): NodeLoad {
    return this.#core.load
  }

  get isOnline(): boolean {
    return this.attachments.some(({ state }) => state === 'online')
  }

  /** Requests without an answer. */
  get waitingCount(): number {
    return this.#waiting.size
  }

  dial(peer: KeyId, onAnswer: (answer: Answer) => void, timeoutMs = 10_000): void {
    const request = this.#newRequest(onAnswer)
    this.driver.command({ kind: 'dial', request, peer, timeoutMs })
  }

  send(
    peer: KeyId,
    data: Uint8Array,
    onAnswer: (answer: Answer) => void,
    timeoutMs = 30_000,
  ): void {
    const request = this.#newRequest(onAnswer)
    const id = this.#host.randomBytes(16)
    this.driver.command({ kind: 'send', request, peer, id, data, timeoutMs })
  }

  ping(peer: KeyId, onAnswer: (answer: Answer) => void, timeoutMs = 10_000): void {
    const request = this.#newRequest(onAnswer)
    this.driver.command({ kind: 'ping', request, peer, timeoutMs })
  }

  lookup(key: KeyId, onAnswer: (answer: Answer) => void, timeoutMs = 10_000): void {
    const request = this.#newRequest(onAnswer)
    this.driver.command({ kind: 'lookup', request, key, timeoutMs })
  }

  routes(key: KeyId, onAnswer: (answer: Answer) => void): void {
    const request = this.#newRequest(onAnswer)
    this.driver.command({ kind: 'routes', request, key, timeoutMs: 10_000 })
  }

  watch(key: KeyId): void {
    this.driver.command({ kind: 'watch', key })
  }

  unwatch(key: KeyId): void {
    this.driver.command({ kind: 'unwatch', key })
  }

  /** @param successor the seed of the key that takes its place; the core wipes the copy it is given */
  revoke(successor: Uint8Array | undefined, onAnswer: (answer: Answer) => void): void {
    const request = this.#newRequest(onAnswer)
    const heir = successor === undefined ? {} : { successor: successor.slice() }
    this.driver.command({ kind: 'revoke', request, ...heir, timeoutMs: 10_000 })
  }

  /** The application took a message: gives its room back. */
  consume({ peer, data }: MessageEvent): void {
    this.driver.command({ kind: 'consumed', peer, bytes: data.length })
  }

  shutdown(): void {
    this.driver.command({ kind: 'shutdown' })
  }

  #newRequest(onAnswer: (answer: Answer) => void): RequestId {
    const request = this.#nextRequest
    this.#nextRequest += 1
    this.#waiting.set(request, onAnswer)
    return request
  }

  #take(event: NodeEvent): void {
    if (event.kind === 'attachments') this.attachments = event.attachments
    if (event.kind === 'network') this.network = event.view
    if (event.kind === 'stopped') this.isStopped = true
    if (event.kind === 'done') this.#settle(event.request, event)
    else if (event.kind === 'failed') this.#settle(event.request, event)
    else this.#onEvent(this, event)
  }

  /** @throws Error for an answer to no request, or a second one: a fault of the core */
  #settle(request: RequestId, answer: Answer): void {
    const onAnswer = this.#waiting.get(request)
    if (onAnswer === undefined) throw new Error(`Request ${request} was answered twice.`)
    this.#waiting.delete(request)
    onAnswer(answer)
  }
}

/** Boots a keymesh node. @returns the program, which a kill of the node makes useless */
export function bootMesh(
  node: SimNode,
  options: MeshOptions,
  onEvent: (program: MeshProgram, event: NodeEvent) => void = () => {},
): MeshProgram {
  let booted: MeshProgram | undefined
  node.boot(
    meshProgram(options, onEvent, program => {
      booted = program
    }),
  )
  if (booted === undefined) throw new Error('The program did not boot.')
  return booted
}

/** For faults that boot it later. `onBoot` is told of each life. */
export function meshProgram(
  options: MeshOptions,
  onEvent: (program: MeshProgram, event: NodeEvent) => void,
  onBoot: (program: MeshProgram) => void = () => {},
): Program {
  return (host, saved) => {
    const program = new MeshProgram(host, saved, options, onEvent)
    onBoot(program)
    program.driver.command({ kind: 'start' })
    return program.driver
  }
}
