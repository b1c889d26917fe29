// Says over the composer that messages wait, what for, and what can be done; or that some were not delivered.

import type { Conversation } from '../state/conversation.ts'
import { queueNotice } from '../state/queue-notice.ts'
import { usePage } from './context.ts'

export function QueueLine({ conversation }: { conversation: Conversation }) {
  const { state, actions } = usePage()
  const { key } = conversation
  const notice = queueNotice(conversation, state.reach.value.get(key), {
    status: state.status.value.state,
    canSeek: state.canSeek.value,
  })
  if (notice === undefined) return null
  return (
    <div class={`queue-line is-${notice.kind}`} data-testid="queue-line" role="status">
      <p>{notice.text}</p>
      {notice.kind === 'failed' && (
        <button
          type="button"
          class="text-button"
          data-testid="retry-all"
          onClick={() => actions.retryAll(key)}
        >
          Send all again
        </button>
      )}
      {notice.kind === 'waiting' && notice.canSendNow && (
        <button type="button" class="text-button" onClick={() => actions.sendNow(key)}>
          Try now
        </button>
      )}
      {notice.kind === 'waiting' && (
        <button
          type="button"
          class="text-button"
          data-testid="stop-sending"
          onClick={() => actions.stopSending(key)}
        >
          Don’t send
        </button>
      )}
    </div>
  )
}
