// Everything a user can do with keys and chats. Changes state; talks to the network only through the port.

import type { Explanation, PathMode } from '../../client/api.ts'
import { MeshError } from '../../client/browser.ts'
import type { AppState } from './app-state.ts'
import { displayName, holderOfName, withConversation, withoutConversation } from './book.ts'
import { cleanMessage, cleanName } from './clean-text.ts'
import type { Conversation } from './conversation.ts'
import {
  asRead,
  failedMessages,
  newConversation,
  withDelivery,
  withMode,
  withOutgoing,
  withPetname,
} from './conversation.ts'
import { readKeyInput } from './key-link.ts'
import { COMPOSE_MAX_CHARS } from './limits.ts'
import type { MeshPort } from './mesh-port.ts'
import type { Outbox } from './outbox.ts'
import type { Problem } from './problem.ts'
import type { ServerRtts } from './server-rtts.ts'

export interface ActionDeps {
  readonly port: () => MeshPort | undefined
  readonly outbox: Outbox
  readonly nowMs: () => number
  readonly newId: () => string
}

export interface Actions {
  /** Opens the chat with a pasted key or link. @returns false when it is none; `dialProblem` says why */
  dialText(text: string): boolean
  openChat(key: string): void
  closeChat(): void
  /** Tries to reach the key of the open chat again. */
  redial(key: string): void
  /** @returns false when there is nothing to send */
  send(key: string, text: string): boolean
  retry(key: string, messageId: string): void
  /** Sends everything again that failed. */
  retryAll(key: string): void
  /** What waits, or is on its way, is not sent again. */
  stopSending(key: string): void
  /** Sends what waits now, rather than after a pause. */
  sendNow(key: string): void
  /** Tries to reach the servers now. */
  tryServers(): void
  setDraft(key: string, draft: string): void
  /** An empty name takes the name away. @returns why not, when the name is refused */
  rename(key: string, name: string): Problem | undefined
  /** Which paths may be used from now on, those of an open session included. */
  setMode(key: string, mode: PathMode): void
  /** Why the key is reached as it is, or is not. @throws {MeshError} as `MeshNode.explain`; `ABORTED` while nothing runs */
  explain(key: string, signal: AbortSignal): Promise<Explanation>
  /** To the servers, as measured last. @throws {MeshError} as `MeshNode.stats`; `ABORTED` while nothing runs */
  serverRtts(signal: AbortSignal): Promise<ServerRtts>
  /** Deletes the chat and the name. */
  forget(key: string): void
  setAttentive(isAttentive: boolean): void
}

export function createActions(state: AppState, deps: ActionDeps): Actions {
  const change = (key: string, edit: (conversation: Conversation) => Conversation) => {
    const conversation = state.book.value.get(key)
    if (conversation !== undefined) {
      state.book.value = withConversation(state.book.value, edit(conversation))
    }
  }

  const running = (): MeshPort => {
    const port = deps.port()
    if (port === undefined) throw new MeshError('ABORTED', 'keymesh is not running here.')
    return port
  }

  const redial = (key: string) => void deps.port()?.dial(key)

  const openChat = (key: string) => {
    if (!state.book.value.has(key)) {
      const conversation = newConversation(key, 'me', deps.nowMs())
      state.book.value = withConversation(state.book.value, conversation)
    }
    state.selectedKey.value = key
    state.dialProblem.value = undefined
    if (state.isAttentive.value) change(key, asRead)
    if (state.canSeek.value) redial(key)
  }

  return {
    dialText(text) {
      const input = readKeyInput(text, state.ownKey.value)
      if (input.kind === 'key') openChat(input.key)
      else state.dialProblem.value = input.kind === 'wrong' ? input.problem : NOTHING_ENTERED
      return input.kind === 'key'
    },
    openChat,
    closeChat() {
      state.selectedKey.value = undefined
    },
    redial,
    send(key, text) {
      const body = cleanMessage(text.slice(0, COMPOSE_MAX_CHARS)).trim()
      if (body === '' || !state.book.value.has(key)) return false
      const message = { id: deps.newId(), text: body, atMs: deps.nowMs() }
      change(key, conversation => ({ ...withOutgoing(conversation, message), draft: '' }))
      deps.outbox.flush(key)
      return true
    },
    retry(key, messageId) {
      change(key, conversation => withDelivery(conversation, messageId, { state: 'waiting' }))
      deps.outbox.flush(key)
    },
    retryAll(key) {
      change(key, conversation =>
        failedMessages(conversation).reduce(
          (edited, { id }) => withDelivery(edited, id, { state: 'waiting' }),
          conversation,
        ),
      )
      deps.outbox.flush(key)
    },
    stopSending(key) {
      deps.outbox.cancel(key)
    },
    sendNow(key) {
      redial(key)
      deps.outbox.flush(key)
    },
    tryServers() {
      deps.port()?.nudge()
    },
    setDraft(key, draft) {
      change(key, conversation => ({ ...conversation, draft: draft.slice(0, COMPOSE_MAX_CHARS) }))
    },
    rename(key, name) {
      const petname = cleanName(name)
      const holder =
        petname === undefined ? undefined : holderOfName(state.book.value, petname, key)
      const other = holder === undefined ? undefined : state.book.value.get(holder)
      if (other !== undefined) return nameTaken(other)
      change(key, conversation => withPetname(conversation, petname))
      return undefined
    },
    setMode(key, mode) {
      change(key, conversation => withMode(conversation, mode))
      void deps.port()?.modeChanged(key)
      // Another mode may do what this one could not.
      if (state.reach.value.get(key)?.kind === 'failed') redial(key)
    },
    async explain(key, signal) {
      return running().explain(key, signal)
    },
    async serverRtts(signal) {
      return running().serverRtts(signal)
    },
    forget(key) {
      deps.outbox.cancel(key)
      if (state.selectedKey.value === key) state.selectedKey.value = undefined
      state.book.value = withoutConversation(state.book.value, key)
    },
    setAttentive(isAttentive) {
      state.isAttentive.value = isAttentive
      const key = state.selectedKey.value
      if (isAttentive && key !== undefined) change(key, asRead)
    },
  }
}

const NOTHING_ENTERED: Problem = {
  sentence: 'Nothing was entered.',
  hint: 'Paste the key or the link of a friend.',
}

function nameTaken(other: Conversation): Problem {
  return {
    sentence: `You already call another key ${displayName(other)}.`,
    hint: 'Choose a name that tells the two apart.',
  }
}
