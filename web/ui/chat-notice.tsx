// What the user should know before reading on: the key cannot be reached, or nobody has named it yet.

import { fullSentence } from '../state/problem.ts'
import { usePage } from './context.ts'

export interface ChatNoticeProps {
  readonly conversationKey: string
  readonly isStranger: boolean
}

export function ChatNotice({ conversationKey, isStranger }: ChatNoticeProps) {
  const { state, actions } = usePage()
  const reach = state.reach.value.get(conversationKey)
  return (
    <>
      {isStranger && (
        <div class="notice">
          <p>
            You do not know this key yet. Anyone can write to you: find out who it is before you
            trust what it says.
          </p>
        </div>
      )}
      {reach?.kind === 'failed' && (
        <div class="notice is-bad" role="alert">
          <p data-testid="dial-error">{fullSentence(reach.problem)}</p>
          <button type="button" class="text-button" onClick={() => actions.redial(conversationKey)}>
            Try again
          </button>
        </div>
      )}
    </>
  )
}
