// Who this is: the whole key to compare, the name that the user gives it, and the way to delete the chat.

import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Conversation } from '../state/conversation.ts'
import { NAME_MAX_CODE_POINTS } from '../state/limits.ts'
import type { Problem } from '../state/problem.ts'
import { fullSentence } from '../state/problem.ts'
import { usePage } from './context.ts'
import { copyText } from './copy-text.ts'
import { FlashButton } from './flash-button.tsx'
import { CopyIcon } from './icons.tsx'
import { KeyGroups } from './own-identity.tsx'

export interface ChatDetailsProps {
  readonly conversation: Conversation
  readonly onDone: () => void
}

export function ChatDetails({ conversation, onDone }: ChatDetailsProps) {
  const { actions } = usePage()
  const { key } = conversation
  const name = useSignal(conversation.petname ?? '')
  const problem = useSignal<Problem | undefined>(undefined)
  const isAsking = useSignal(false)
  const nameField = useRef<HTMLInputElement>(null)
  useEffect(() => nameField.current?.focus(), [])
  return (
    <section class="details" id="chat-details" aria-label="About this key">
      <form
        class="details-name"
        onSubmit={event => {
          event.preventDefault()
          problem.value = actions.rename(key, name.value)
          if (problem.value === undefined) onDone()
        }}
      >
        <label for="petname">Your name for this key</label>
        <div class="button-row">
          <input
            id="petname"
            ref={nameField}
            data-testid="petname-input"
            type="text"
            dir="auto"
            autoComplete="off"
            // Two UTF-16 units at most make a code point; the exact limit is the state's.
            maxLength={2 * NAME_MAX_CODE_POINTS}
            placeholder="Only you see it"
            value={name.value}
            onInput={event => {
              name.value = event.currentTarget.value
            }}
          />
          <button type="submit" class="button is-accent" data-testid="petname-save">
            Save
          </button>
        </div>
        {problem.value !== undefined && (
          <p class="field-error" role="alert">
            {fullSentence(problem.value)}
          </p>
        )}
      </form>
      <p class="key-groups">
        <KeyGroups keyText={key} />
      </p>
      <div class="button-row">
        <FlashButton
          testId="copy-peer-key"
          icon={<CopyIcon />}
          label="Copy key"
          doneLabel="Copied"
          failedLabel="Failed"
          run={() => copyText(key)}
        />
        {isAsking.value ? (
          <>
            <button type="button" class="button is-danger" onClick={() => actions.forget(key)}>
              Delete name and messages
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                isAsking.value = false
              }}
            >
              Keep
            </button>
          </>
        ) : (
          <button
            type="button"
            class="button"
            onClick={() => {
              isAsking.value = true
            }}
          >
            Delete chat…
          </button>
        )}
      </div>
    </section>
  )
}
