// One message with its time and, when it is ours, what became of it.

import { clockTime } from '../state/chat-time.ts'
import type { ChatMessage, Delivery } from '../state/conversation.ts'
import { fullSentence } from '../state/problem.ts'
import { usePage } from './context.ts'
import { AlertIcon, CheckIcon, ClockIcon } from './icons.tsx'

export interface MessageBubbleProps {
  readonly conversationKey: string
  readonly message: ChatMessage
  readonly isGrouped: boolean
}

export function MessageBubble({ conversationKey, message, isGrouped }: MessageBubbleProps) {
  const { actions } = usePage()
  const { direction, text, atMs } = message
  const delivery = direction === 'out' ? message.delivery : undefined
  const isNote = direction === 'in' && message.isNote
  return (
    <article
      class={`message is-${direction}${isGrouped ? ' is-grouped' : ''}`}
      data-testid="message"
      data-direction={direction}
      data-state={publicState(delivery)}
    >
      <div class="bubble">
        <span class="visually-hidden">{direction === 'in' ? 'They wrote: ' : 'You wrote: '}</span>
        <span class={isNote ? 'message-text is-note' : 'message-text'} dir="auto">
          {text}
        </span>
        <span class="message-meta">
          <time dateTime={new Date(atMs).toISOString()}>{clockTime(atMs)}</time>
          {delivery !== undefined && <DeliveryMark delivery={delivery} />}
        </span>
      </div>
      {delivery?.state === 'failed' && (
        <p class="message-problem">
          <span>{fullSentence(delivery.problem)}</span>{' '}
          <button
            type="button"
            class="text-button"
            data-testid="retry-button"
            onClick={() => actions.retry(conversationKey, message.id)}
          >
            Try again
          </button>
        </p>
      )}
    </article>
  )
}

const MARKS = {
  waiting: { icon: ClockIcon, label: 'Queued' },
  sending: { icon: ClockIcon, label: 'On its way' },
  delivered: { icon: CheckIcon, label: 'Delivered' },
  failed: { icon: AlertIcon, label: 'Not delivered' },
} as const

function DeliveryMark({ delivery }: { delivery: Delivery }) {
  const { icon: Mark, label } = MARKS[delivery.state]
  return (
    <span class={`mark is-${delivery.state}`} title={label}>
      <Mark />
      <span class="visually-hidden">{label}</span>
    </span>
  )
}

/** Waiting and on its way are one state to the user: it is queued. */
function publicState(delivery: Delivery | undefined): 'queued' | 'delivered' | 'failed' {
  if (delivery === undefined) return 'delivered'
  return delivery.state === 'waiting' || delivery.state === 'sending' ? 'queued' : delivery.state
}
