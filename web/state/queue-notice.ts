// What a chat says of messages that are not delivered: that they wait, what for, and what the user can do. Pure.

import type { NodeStatus } from '../../client/api.ts'
import type { Conversation } from './conversation.ts'
import { failedMessages, undelivered } from './conversation.ts'
import type { Reach } from './reach.ts'
import { isFirstDial } from './reach.ts'

export type QueueNotice =
  | { readonly kind: 'waiting'; readonly text: string; readonly canSendNow: boolean }
  | { readonly kind: 'failed'; readonly text: string }

/** What is known besides the chat and its session. */
export interface QueueCircumstances {
  readonly status: NodeStatus['state']
  /** As in app-state.ts. */
  readonly canSeek: boolean
}

/** @returns `undefined` while there is nothing to say: what is on its way over a path has a mark of its own */
export function queueNotice(
  conversation: Conversation,
  reach: Reach | undefined,
  circumstances: QueueCircumstances,
): QueueNotice | undefined {
  const waiting = undelivered(conversation)
  const reason = reasonOf(conversation, reach, circumstances)
  if (waiting.length > 0 && reason !== undefined) {
    return {
      kind: 'waiting',
      text: waitingText(waiting.length, reason),
      // Over an open session they are on their way already; what failed has a button for another try.
      canSendNow: circumstances.canSeek && reach === undefined,
    }
  }
  const failed = failedMessages(conversation).length
  if (failed < 2) return undefined
  return { kind: 'failed', text: `${failed} messages were not delivered.` }
}

function reasonOf(
  conversation: Conversation,
  reach: Reach | undefined,
  { status, canSeek }: QueueCircumstances,
): string | undefined {
  if (reach?.kind === 'open' && reach.path !== undefined) return undefined
  if (status === 'offline' && !canSeek) return 'until a server is reached again.'
  return isFirstTry(conversation, reach, status) ? undefined : 'until your peer is reached.'
}

/** It may be over in a moment. What waits since before the page was opened was tried already. */
function isFirstTry(
  conversation: Conversation,
  reach: Reach | undefined,
  status: NodeStatus['state'],
): boolean {
  const hasFailed = undelivered(conversation).some(
    ({ delivery }) => 'problem' in delivery && delivery.problem !== undefined,
  )
  if (hasFailed) return false
  return reach === undefined ? status === 'connecting' : isFirstDial(reach)
}

function waitingText(count: number, reason: string): string {
  return count === 1
    ? `1 message waits ${reason} It goes out by itself while this page is open, or when you open it again within a day.`
    : `${count} messages wait ${reason} They go out by themselves while this page is open, or when you open it again within a day.`
}
