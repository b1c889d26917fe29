// The chats, latest first. Arrow keys move between them.

import type { TargetedKeyboardEvent } from 'preact'
import { displayName } from '../state/book.ts'
import { briefTime } from '../state/chat-time.ts'
import type { Conversation } from '../state/conversation.ts'
import { isStranger } from '../state/conversation.ts'
import { shortKey } from '../state/key-link.ts'
import { PRESENCE_WORDS, presenceOf } from '../state/reach.ts'
import { Avatar } from './avatar.tsx'
import { usePage } from './context.ts'

export function ConversationList() {
  const { state } = usePage()
  const conversations = state.conversations.value
  const nowMs = Date.now()
  return (
    <nav class="conversations" aria-label="Chats">
      {conversations.length > 0 && <h2 class="eyebrow">Chats</h2>}
      <ul onKeyDown={moveFocus}>
        {conversations.map(conversation => (
          <li key={conversation.key}>
            <ConversationItem conversation={conversation} nowMs={nowMs} />
          </li>
        ))}
      </ul>
    </nav>
  )
}

function ConversationItem(props: { conversation: Conversation; nowMs: number }) {
  const { state, actions } = usePage()
  const { conversation } = props
  const { key, petname, unread, draft } = conversation
  const isSelected = state.selectedKey.value === key
  const presence = presenceOf(state.reach.value.get(key), state.status.value.state)
  const last = conversation.messages.at(-1)
  return (
    <button
      type="button"
      class="conversation"
      data-testid="conversation"
      data-key={key}
      aria-current={isSelected ? 'true' : undefined}
      onClick={() => actions.openChat(key)}
    >
      <span
        class={presence === undefined ? 'avatar-box' : `avatar-box is-${presence}`}
        title={presence && PRESENCE_WORDS[presence]}
      >
        <Avatar keyText={key} petname={petname} />
        {presence !== undefined && (
          <span class="visually-hidden">{PRESENCE_WORDS[presence]}. </span>
        )}
      </span>
      <span class="conversation-lines">
        <span class="conversation-top">
          <span class={petname === undefined ? 'name is-key' : 'name'} dir="auto">
            {displayName(conversation)}
          </span>
          {isStranger(conversation) && <span class="tag">New</span>}
          <time class="faint">{briefTime(conversation.activeAtMs, props.nowMs)}</time>
        </span>
        <span class="conversation-bottom">
          <Preview conversation={conversation} isDraft={draft.trim() !== '' && !isSelected} />
          {unread > 0 && (
            <span class="unread">
              {unread > 99 ? '99+' : unread}
              <span class="visually-hidden"> unread</span>
            </span>
          )}
        </span>
        {petname !== undefined && last === undefined && (
          <span class="visually-hidden">{shortKey(key)}</span>
        )}
      </span>
    </button>
  )
}

function Preview({ conversation, isDraft }: { conversation: Conversation; isDraft: boolean }) {
  if (isDraft) {
    return (
      <span class="preview">
        <span class="draft">Draft:</span> <bdi>{firstLine(conversation.draft)}</bdi>
      </span>
    )
  }
  const last = conversation.messages.at(-1)
  if (last === undefined) return <span class="preview">No messages yet</span>
  const isFailed = last.direction === 'out' && last.delivery.state === 'failed'
  return (
    <span class="preview">
      {isFailed && <span class="failed-text">Not delivered: </span>}
      {last.direction === 'out' && !isFailed && 'You: '}
      <bdi>{firstLine(last.text)}</bdi>
    </span>
  )
}

function firstLine(text: string): string {
  return text.trimStart().slice(0, 120).split('\n', 1)[0] ?? ''
}

function moveFocus(event: TargetedKeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('.conversation')]
  const index = items.findIndex(item => item.matches(':focus'))
  const next = items[index + step]
  if (index === -1 || next === undefined) return
  event.preventDefault()
  next.focus()
}
