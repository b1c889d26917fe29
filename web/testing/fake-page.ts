// A whole page without a browser, for tests of state: engine and actions over a fake node, memory as
// history, and a network that the test answers call by call.

import type { Path } from '../../client/api.ts'
import { MeshError } from '../../shared/node/mesh-error.ts'
import type { Actions } from '../state/actions.ts'
import { createActions } from '../state/actions.ts'
import type { AppState } from '../state/app-state.ts'
import { createAppState } from '../state/app-state.ts'
import type { Book } from '../state/book.ts'
import { Engine } from '../state/engine.ts'
import type { HistoryStore } from '../state/history-store.ts'
import { createOutboxTurn } from '../state/outbox-turn.ts'
import { FakeLocks } from './fake-locks.ts'
import { FakeNode, relayPath, SAMPLE_KEYS } from './fake-node.ts'

export interface Call {
  readonly kind: 'dial' | 'deliver'
  readonly key: string
  readonly text: string
  succeed(): void
  fail(error: Error): void
}

export interface FakePage {
  readonly state: AppState
  readonly actions: Actions
  readonly engine: Engine
  readonly locks: FakeLocks
  /** What the network was asked and has not answered, oldest first. */
  readonly calls: Call[]
  /** Nodes made so far, the present one last. */
  readonly nodes: FakeNode[]
  readonly disk: { book: Book; loadError?: Error; writeError?: Error; writes: number }
  node(): FakeNode
  /** Time goes by. */
  wait(ms: number): void
}

export interface FakePageOptions {
  /** The same for pages that are tabs of one browser. */
  readonly locks?: FakeLocks
  readonly disk?: FakePage['disk']
  readonly connectError?: () => Error | undefined
}

export function fakePage(options: FakePageOptions = {}): FakePage {
  const calls: Call[] = []
  const nodes: FakeNode[] = []
  const disk: FakePage['disk'] = options.disk ?? { book: new Map(), writes: 0 }
  const locks = options.locks ?? new FakeLocks()
  const state = createAppState()
  let clockMs = 1_000
  let idCount = 0

  const ask = <T>(kind: Call['kind'], key: string, text: string, value: T) =>
    new Promise<T>((resolve, reject) => {
      const settle = (outcome: () => void) => () => {
        calls.splice(calls.indexOf(call), 1)
        outcome()
      }
      const call: Call = {
        kind,
        key,
        text,
        succeed: settle(() => resolve(value)),
        fail: error => settle(() => reject(error))(),
      }
      calls.push(call)
    })

  const history: HistoryStore = {
    async load() {
      if (disk.loadError !== undefined) throw disk.loadError
      return disk.book
    },
    async write(changed, removedKeys) {
      if (disk.writeError !== undefined) throw disk.writeError
      const next = new Map(disk.book)
      for (const conversation of changed) next.set(conversation.key, conversation)
      for (const key of removedKeys) next.delete(key)
      disk.book = next
      disk.writes++
    },
  }

  const engine = new Engine(state, {
    history,
    outboxTurn: createOutboxTurn(locks.manager),
    bookChannel: locks.channel(),
    nowMs: () => clockMs++,
    async connect() {
      const error = options.connectError?.()
      if (error !== undefined) throw error
      const node = new FakeNode(SAMPLE_KEYS.me, {
        dial: key => ask<Path>('dial', key, '', relayPath(12)),
        deliver: (key, text, signal) => {
          const delivery = ask<void>('deliver', key, text, undefined)
          const call = calls.at(-1)
          signal?.addEventListener('abort', () => {
            if (call !== undefined && calls.includes(call))
              call.fail(new MeshError('ABORTED', 'No.'))
          })
          return delivery
        },
      })
      nodes.push(node)
      return node
    },
  })
  const actions = createActions(state, {
    port: () => engine.port,
    outbox: engine.outbox,
    nowMs: () => clockMs++,
    newId: () => `id${++idCount}`,
  })
  return {
    state,
    actions,
    engine,
    locks,
    calls,
    nodes,
    disk,
    node() {
      const node = nodes.at(-1)
      if (node === undefined) throw new Error('no node was made')
      return node
    },
    wait(ms) {
      clockMs += ms
    },
  }
}

/** Lets promises that can settle do so. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>(resolve => setTimeout(resolve, 0))
}
