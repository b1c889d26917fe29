// What the user should know before reading on: the key cannot be reached, or nobody has named it yet.

import { fullSentence } from '../state/problem.ts'
import { remedyOf } from '../state/reach.ts'
import { usePage } from './context.ts'

export interface ChatNoticeProps {
  readonly conversationKey: string
  readonly isStranger: boolean
  /** The user wants to know why. */
  readonly onExplain: () => void
}

export function ChatNotice({ conversationKey, isStranger, onExplain }: ChatNoticeProps) {
  const { state, actions } = usePage()
  const reach = state.reach.value.get(conversationKey)
  // It stays while the next attempt is under way: what comes and goes by itself cannot be read.
  const problem = reach === undefined || reach.kind === 'open' ? undefined : reach.problem
  const remedy = problem === undefined ? undefined : remedyOf(problem)
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
      {problem !== undefined && (
        <div class="notice is-bad" role="alert">
          <p data-testid="dial-error">{fullSentence(problem)}</p>
          {remedy?.kind === 'redial' && (
            <button
              type="button"
              class="text-button"
              disabled={reach?.kind === 'dialing'}
              onClick={() => actions.redial(conversationKey)}
            >
              Try again
            </button>
          )}
          {remedy?.kind === 'open' && (
            <button
              type="button"
              class="text-button"
              data-testid="open-successor"
              onClick={() => actions.dialText(remedy.key)}
            >
              Open the new key
            </button>
          )}
          <button type="button" class="text-button" onClick={onExplain}>
            Why?
          </button>
        </div>
      )}
    </>
  )
}
