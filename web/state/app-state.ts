// The signals that the whole page is drawn from. Data only: actions change them, components read them.

import type { ReadonlySignal, Signal } from '@preact/signals'
import { computed, signal } from '@preact/signals'
import type { NodeStatus } from '../../client/api.ts'
import type { Book } from './book.ts'
import { byActivity, unreadTotal } from './book.ts'
import type { Conversation } from './conversation.ts'
import type { Problem } from './problem.ts'
import type { Reach } from './reach.ts'
import { connectedCount } from './reach.ts'
import type { Phase } from './status-line.ts'

export interface AppState {
  readonly phase: Signal<Phase>
  readonly ownKey: Signal<string | undefined>
  readonly status: Signal<NodeStatus>
  readonly book: Signal<Book>
  readonly selectedKey: Signal<string | undefined>
  /** Sessions and attempts, by key; absent: none. */
  readonly reach: Signal<ReadonlyMap<string, Reach>>
  /** How many peers there is a path to. */
  readonly connected: ReadonlySignal<number>
  /** There is somebody to ask for a way to a key: a server, or a peer, who may carry us there. */
  readonly canSeek: ReadonlySignal<boolean>
  /** Addresses of servers that we are or were attached to, by key. */
  readonly serverNames: Signal<ReadonlyMap<string, string>>
  /** What is wrong with the key that was entered or linked. */
  readonly dialProblem: Signal<Problem | undefined>
  /** History cannot be kept. */
  readonly storageProblem: Signal<Problem | undefined>
  /** The user sees this page now: messages of the open chat count as read. */
  readonly isAttentive: Signal<boolean>
  readonly conversations: ReadonlySignal<readonly Conversation[]>
  readonly selected: ReadonlySignal<Conversation | undefined>
  readonly unread: ReadonlySignal<number>
}

export function createAppState(): AppState {
  const book = signal<Book>(new Map())
  const selectedKey = signal<string | undefined>(undefined)
  const reach = signal<ReadonlyMap<string, Reach>>(new Map())
  const status = signal<NodeStatus>({ state: 'connecting', servers: [] })
  const connected = computed(() => connectedCount(reach.value.values()))
  return {
    phase: signal<Phase>({ kind: 'starting' }),
    ownKey: signal<string | undefined>(undefined),
    status,
    book,
    selectedKey,
    reach,
    connected,
    canSeek: computed(() => status.value.state === 'online' || connected.value > 0),
    serverNames: signal<ReadonlyMap<string, string>>(new Map()),
    dialProblem: signal<Problem | undefined>(undefined),
    storageProblem: signal<Problem | undefined>(undefined),
    isAttentive: signal(true),
    conversations: computed(() => byActivity(book.value)),
    selected: computed(() =>
      selectedKey.value === undefined ? undefined : book.value.get(selectedKey.value),
    ),
    unread: computed(() => unreadTotal(book.value)),
  }
}
