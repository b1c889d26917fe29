// Starts and stops the node of this page: loads history, connects, and turns what the network says into state. Other
// tabs share the node (client/tabs); here the tabs agree on the book, and on which of them sends. One per page.

import { effect } from '@preact/signals'
import type { MeshNode, Message, NodeStatus } from '../../client/api.ts'
import type { AppState } from './app-state.ts'
import { withConversation } from './book.ts'
import type { BookChannel } from './book-sync.ts'
import { BookSync } from './book-sync.ts'
import { cleanMessage } from './clean-text.ts'
import { newConversation, withIncoming } from './conversation.ts'
import type { HistoryStore } from './history-store.ts'
import { HistoryWriter } from './history-writer.ts'
import type { MeshEvents, ModeOf } from './mesh-port.ts'
import { MeshPort } from './mesh-port.ts'
import { Outbox } from './outbox.ts'
import type { OutboxTurn } from './outbox-turn.ts'
import type { Problem } from './problem.ts'
import { problemOf } from './problem.ts'
import type { Reach } from './reach.ts'
import { withServers } from './server-names.ts'

export interface EngineDeps {
  readonly connect: () => Promise<MeshNode>
  readonly history: HistoryStore
  readonly outboxTurn: OutboxTurn
  /** Among the tabs of this page. */
  readonly bookChannel: BookChannel
  readonly nowMs: () => number
}

export class Engine {
  readonly #state: AppState
  readonly #deps: EngineDeps
  readonly outbox: Outbox
  #port: MeshPort | undefined
  #writer: HistoryWriter | undefined
  #connecting: Promise<MeshNode> | undefined
  #stopWatching: (() => void) | undefined
  #sync: BookSync | undefined
  #isResting = false
  /** Counts starts and stops: what an overtaken start still does is ignored. */
  #run = 0

  constructor(state: AppState, deps: EngineDeps) {
    this.#state = state
    this.#deps = deps
    this.outbox = new Outbox(state, { port: () => this.#port, nowMs: deps.nowMs })
  }

  get port(): MeshPort | undefined {
    return this.#port
  }

  /** Runs the node, here or with other tabs. Never throws: `phase` tells. */
  async start(): Promise<void> {
    const { phase } = this.#state
    const run = ++this.#run
    phase.value = { kind: 'starting' }
    try {
      await this.#loadHistory()
      if (run !== this.#run) return
      this.#connecting = this.#deps.connect()
      const node = await this.#connecting
      if (run === this.#run) this.#attach(node)
    } catch (error) {
      if (run !== this.#run) return
      this.#leaveTabs()
      phase.value = { kind: 'failed', problem: problemOf(error, 'keymesh could not start') }
    }
  }

  /** The page is about to be frozen, or to go: another tab sends what waits. */
  rest(): void {
    this.#isResting = true
    this.outbox.loseTurn()
    this.#deps.outboxTurn.leave()
    void this.save()
  }

  /** It goes on. */
  goOn(): void {
    if (!this.#isResting) return
    this.#isResting = false
    if (this.#port !== undefined) this.#joinOutbox()
  }

  /** Writes history now: the page may be about to go. */
  async save(): Promise<void> {
    await this.#writer?.flush()
  }

  #attach(node: MeshNode): void {
    const events: MeshEvents = {
      onStatus: status => this.#statusChanged(status),
      onMessage: message => this.#messageCame(message),
      onReach: (key, reach) => this.#reachChanged(key, reach),
      onFailure: problem => void this.#breakDown(problem),
    }
    const modeOf: ModeOf = key => this.#state.book.value.get(key)?.mode ?? 'fast'
    this.#port = new MeshPort(node, events, modeOf)
    this.#state.ownKey.value = node.key
    this.#state.phase.value = { kind: 'running' }
    this.#joinOutbox()
    this.#statusChanged(node.status)
  }

  #joinOutbox(): void {
    this.#deps.outboxTurn.join(() => this.outbox.takeTurn())
  }

  async #breakDown(problem: Problem): Promise<void> {
    this.#state.phase.value = { kind: 'failed', problem }
    await this.#stop()
  }

  /** Settles when everything is saved and everybody was told goodbye. */
  async #stop(): Promise<void> {
    this.#run++
    this.#state.status.value = { state: 'closed', servers: [] }
    this.#state.reach.value = new Map()
    const port = this.#port
    this.#port = undefined
    this.outbox.stop()
    this.outbox.loseTurn()
    this.#leaveTabs()
    const closing = port?.close() ?? this.#connecting?.then(node => node.close())
    await Promise.allSettled([this.save(), closing])
  }

  async #loadHistory(): Promise<void> {
    const { book, storageProblem } = this.#state
    const sync = this.#joinTabs()
    const tellOutcome = (error: unknown) => {
      storageProblem.value =
        error === undefined ? undefined : problemOf(error, 'This browser does not keep your chats')
    }
    try {
      book.value = await this.#deps.history.load()
    } catch (error) {
      // Nothing is written then: it would replace the history that could not be read.
      tellOutcome(error)
      sync.begin()
      return
    }
    const writer = new HistoryWriter(this.#deps.history, book.value, tellOutcome)
    this.#writer = writer
    this.#stopWatching = effect(() => writer.bookChanged(book.value))
    sync.begin()
  }

  #joinTabs(): BookSync {
    const sync = new BookSync(
      this.#state,
      this.#deps.bookChannel,
      () => this.#writer?.written,
      keys => {
        for (const key of keys) this.outbox.changedElsewhere(key)
      },
    )
    this.#sync = sync
    return sync
  }

  #leaveTabs(): void {
    this.#deps.outboxTurn.leave()
    this.#sync?.stop()
    this.#stopWatching?.()
  }

  #statusChanged(status: NodeStatus): void {
    const wasOnline = this.#state.status.value.state === 'online'
    this.#state.status.value = status
    this.#state.serverNames.value = withServers(this.#state.serverNames.value, status.servers)
    if (status.state === 'online' && !wasOnline) this.#serverCame()
  }

  /** There is a server to ask: everything is tried at once. */
  #serverCame(): void {
    this.outbox.flushAll()
    const key = this.#state.selectedKey.value
    if (key !== undefined) void this.#port?.dial(key)
  }

  /** There is a peer to ask. What failed is tried again after its pause, however often peers come and go. */
  #peerCame(): void {
    this.outbox.flushUntried()
    const key = this.#state.selectedKey.value
    if (key !== undefined && !this.#state.reach.value.has(key)) void this.#port?.dial(key)
  }

  #messageCame(message: Message): void {
    const { book, selectedKey, isAttentive } = this.#state
    const atMs = this.#deps.nowMs()
    const conversation = book.value.get(message.from) ?? newConversation(message.from, 'them', atMs)
    const isRead = selectedKey.value === message.from && isAttentive.value
    const { data, id } = message
    const body =
      typeof data === 'string'
        ? { text: cleanMessage(data), isNote: false }
        : { text: `${data.length.toLocaleString('en')} bytes of data`, isNote: true }
    book.value = withConversation(
      book.value,
      withIncoming(conversation, { direction: 'in', id, atMs, ...body }, isRead),
    )
  }

  #reachChanged(key: string, reach: Reach | undefined): void {
    const { canSeek } = this.#state
    const couldSeek = canSeek.value
    const next = new Map(this.#state.reach.value)
    if (reach === undefined) next.delete(key)
    else next.set(key, reach)
    this.#state.reach.value = next
    if (reach?.kind === 'open') this.outbox.flush(key)
    if (canSeek.value && !couldSeek) this.#peerCame()
  }
}
