// The adapter between the state of the page and a MeshNode: few verbs in, plain events out.
// Keeps the sessions it has seen so that paths can be told; keeps no messages.

import type {
  Explanation,
  MeshNode,
  Message,
  NodeStatus,
  PathMode,
  Peer,
} from '../../client/api.ts'
import type { Problem } from './problem.ts'
import { problemOf } from './problem.ts'
import type { Reach } from './reach.ts'
import type { ServerRtts } from './server-rtts.ts'
import { serverRttsOf } from './server-rtts.ts'

export interface MeshEvents {
  onStatus(status: NodeStatus): void
  onMessage(message: Message): void
  /** `undefined`: there is no session any more. */
  onReach(key: string, reach: Reach | undefined): void
  /** Messages cannot be taken any more although nobody closed the node. */
  onFailure(problem: Problem): void
}

/** Which paths may be used to a key. */
export type ModeOf = (key: string) => PathMode

export class MeshPort {
  readonly #node: MeshNode
  readonly #events: MeshEvents
  readonly #modeOf: ModeOf
  readonly #peers = new Map<string, Peer>()
  readonly #dialing = new Set<string>()
  /** Why the last dial failed, while nothing better is known. */
  readonly #problems = new Map<string, Problem>()
  readonly #measured = new WeakMap<Peer, string>()
  #isClosed = false

  constructor(node: MeshNode, events: MeshEvents, modeOf: ModeOf) {
    this.#node = node
    this.#modeOf = modeOf
    this.#events = events
    node.addEventListener('status', event => {
      if (!this.#isClosed) events.onStatus(event.detail)
    })
    node.addEventListener('peer', event => {
      this.#adopt(event.detail)
      const { key } = event.detail
      if (this.#modeOf(key) !== 'fast') void this.modeChanged(key)
    })
    void this.#takeMessages()
  }

  get key(): string {
    return this.#node.key
  }

  /** Opens a session unless there is one. The outcome comes as `onReach`; never throws. */
  async dial(key: string): Promise<void> {
    if (this.#isOpen(key) || this.#dialing.has(key)) return
    this.#dialing.add(key)
    const problem = this.#problems.get(key)
    this.#tell(key, { kind: 'dialing', ...(problem !== undefined && { problem }) })
    try {
      const peer = await this.#node.dial(key, { mode: this.#modeOf(key) })
      this.#adopt(peer)
    } catch (error) {
      // A peer that dialled us meanwhile is reached all the same.
      if (this.#isOpen(key)) return
      const failed = problemOf(error, 'No connection could be made')
      this.#problems.set(key, failed)
      this.#tell(key, { kind: 'failed', problem: failed })
    } finally {
      this.#dialing.delete(key)
    }
  }

  /**
   * Messages to one key arrive in the order of the calls, each id once.
   * @returns when the peer's node has delivered it
   * @throws {MeshError} as `MeshNode.send`
   */
  async send(key: string, text: string, id: string, signal: AbortSignal): Promise<void> {
    void this.dial(key)
    await this.#node.send(key, text, { id, signal, mode: this.#modeOf(key) })
    const peer = this.#peers.get(key)
    if (peer !== undefined) this.#report(peer)
  }

  /** Brings a session, open or about to be, to the paths that its mode allows. Never throws. */
  async modeChanged(key: string): Promise<void> {
    if (!this.#isOpen(key) && !this.#dialing.has(key)) return
    try {
      await this.#node.dial(key, { mode: this.#modeOf(key) })
    } catch {
      // The session tells by its path whether the mode could be kept to.
    }
  }

  /** Calls `onReturn` when the holder of the key may be reached again. @returns stops it; as many are watched as can be */
  watchReturn(key: string, onReturn: () => void): () => void {
    try {
      return this.#node.watch(key, ({ state }) => {
        if (state === 'online' || state === 'revoked') onReturn()
      })
    } catch {
      return () => {}
    }
  }

  /** Tries every server now. */
  nudge(): void {
    this.#node.nudge()
  }

  /** To our servers, as measured last. @throws {MeshError} as `MeshNode.stats` */
  async serverRtts(signal: AbortSignal): Promise<ServerRtts> {
    return serverRttsOf(await this.#node.stats({ signal }))
  }

  /** @throws {MeshError} as `MeshNode.explain` */
  explain(key: string, signal: AbortSignal): Promise<Explanation> {
    return this.#node.explain(key, { signal })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#peers.clear()
    await this.#node.close()
  }

  #isOpen(key: string): boolean {
    return this.#peers.get(key)?.isClosed === false
  }

  /** The badge shows milliseconds soon after a path has changed, not only after the next message. Once for each path. */
  async #measure(peer: Peer): Promise<void> {
    const { path } = peer
    if (path === undefined || path.rttMs !== undefined) return
    const name = `${path.since} ${path.hops.join()}`
    if (this.#measured.get(peer) === name) return
    this.#measured.set(peer, name)
    try {
      await peer.ping()
      this.#report(peer)
    } catch {
      // An unanswered ping says nothing that the path does not say.
    }
  }

  #adopt(peer: Peer): void {
    if (peer.isClosed || this.#isClosed) return
    if (this.#peers.get(peer.key) !== peer) {
      this.#peers.set(peer.key, peer)
      peer.addEventListener('path', () => this.#report(peer))
      peer.addEventListener('close', () => this.#forget(peer))
    }
    this.#report(peer)
  }

  #report(peer: Peer): void {
    if (this.#peers.get(peer.key) !== peer || peer.isClosed) return
    this.#problems.delete(peer.key)
    this.#tell(peer.key, { kind: 'open', path: peer.path })
    void this.#measure(peer)
  }

  #forget(peer: Peer): void {
    if (this.#peers.get(peer.key) !== peer) return
    this.#peers.delete(peer.key)
    this.#tell(peer.key, undefined)
  }

  #tell(key: string, reach: Reach | undefined): void {
    if (!this.#isClosed) this.#events.onReach(key, reach)
  }

  async #takeMessages(): Promise<void> {
    try {
      for await (const message of this.#node.messages()) {
        if (this.#isClosed) return
        this.#adopt(message.peer)
        this.#events.onMessage(message)
      }
    } catch (error) {
      if (!this.#isClosed) {
        this.#events.onFailure(problemOf(error, 'Messages can no longer be received'))
      }
    }
  }
}
