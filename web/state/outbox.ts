// Hands waiting messages to the network, in order, as soon as it can take them, and follows each one to
// its end. While we are offline they wait. Each goes under its id: sent once more after a reload it arrives once.

import type { AppState } from './app-state.ts'
import { withConversation } from './book.ts'
import type { Delivery } from './conversation.ts'
import { waitingMessages, withDelivery } from './conversation.ts'
import type { MeshPort } from './mesh-port.ts'
import { problemOf } from './problem.ts'

export interface Outbox {
  flush(key: string): void
  flushAll(): void
}

export function createOutbox(state: AppState, port: () => MeshPort | undefined): Outbox {
  const advance = (key: string, id: string, delivery: Delivery) => {
    const conversation = state.book.value.get(key)
    if (conversation === undefined) return
    state.book.value = withConversation(state.book.value, withDelivery(conversation, id, delivery))
  }

  const flush = (key: string) => {
    const mesh = port()
    const conversation = state.book.value.get(key)
    if (mesh === undefined || conversation === undefined || !canSend(state, key)) return
    for (const { id, text } of waitingMessages(conversation)) {
      advance(key, id, { state: 'sending' })
      mesh.send(key, text, id).then(
        () => advance(key, id, { state: 'delivered' }),
        error => {
          const problem = problemOf(error, 'The message could not be delivered')
          advance(key, id, { state: 'failed', problem })
        },
      )
    }
  }

  return {
    flush,
    flushAll() {
      for (const key of state.book.value.keys()) flush(key)
    },
  }
}

/** A session can outlive every server. */
function canSend(state: AppState, key: string): boolean {
  return state.status.value.state === 'online' || state.reach.value.get(key)?.kind === 'open'
}
