// Where a message is written: Enter sends, Shift+Enter makes a line. The draft belongs to the chat.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { displayName } from '../state/book.ts'
import type { Conversation } from '../state/conversation.ts'
import { COMPOSE_MAX_CHARS } from '../state/limits.ts'
import { usePage } from './context.ts'
import { SendIcon } from './icons.tsx'

export function Composer({ conversation }: { conversation: Conversation }) {
  const { actions } = usePage()
  const { key, draft } = conversation
  const field = useRef<HTMLTextAreaElement>(null)

  useEffect(() => {
    // On a touch screen the keyboard would cover the messages that the user came to read.
    if (!matchMedia('(pointer: coarse)').matches) field.current?.focus()
  }, [key])

  useLayoutEffect(() => {
    const element = field.current
    if (element === null) return
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
  }, [draft])

  const send = () => {
    actions.send(key, field.current?.value ?? '')
    field.current?.focus()
  }

  return (
    <form
      class="composer"
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      <textarea
        ref={field}
        data-testid="composer"
        rows={1}
        dir="auto"
        maxLength={COMPOSE_MAX_CHARS}
        placeholder="Message"
        aria-label={`Message to ${displayName(conversation)}`}
        enterkeyhint="send"
        value={draft}
        onInput={event => actions.setDraft(key, event.currentTarget.value)}
        onKeyDown={event => {
          // While an input method composes, Enter picks a word (keyCode 229 in Safari).
          if (
            event.key !== 'Enter' ||
            event.shiftKey ||
            event.isComposing ||
            event.keyCode === 229
          ) {
            return
          }
          event.preventDefault()
          send()
        }}
      />
      <button
        type="submit"
        class="icon-button is-accent"
        data-testid="send-button"
        aria-label="Send"
        title="Send (Enter)"
        disabled={draft.trim() === ''}
      >
        <SendIcon />
      </button>
    </form>
  )
}
