// One chat: who it is, how the connection is, messages, composer. Escape leaves it.

import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { displayName } from '../state/book.ts'
import type { Conversation } from '../state/conversation.ts'
import { isStranger } from '../state/conversation.ts'
import { shortKey } from '../state/key-link.ts'
import { pathBadge } from '../state/reach.ts'
import { Avatar } from './avatar.tsx'
import { ChatDetails } from './chat-details.tsx'
import { ChatNotice } from './chat-notice.tsx'
import { Composer } from './composer.tsx'
import { usePage } from './context.ts'
import { ExplanationDialog } from './explanation-dialog.tsx'
import { BackIcon, DetailsIcon } from './icons.tsx'
import { MessageList } from './message-list.tsx'
import { QueueLine } from './queue-line.tsx'
import { usePathProblem } from './use-explanation.ts'

/** Mounted anew for each key: scroll place and open details belong to one chat. */
export function Chat({ conversation }: { conversation: Conversation }) {
  const { state, actions } = usePage()
  const areDetailsOpen = useSignal(false)
  const isExplained = useSignal(false)
  const detailsButton = useRef<HTMLButtonElement>(null)
  const { key, petname } = conversation
  const badge = pathBadge(state.reach.value.get(key), {
    status: state.status.value.state,
    problem: usePathProblem(key),
  })
  const showDetails = (isOpen: boolean) => {
    areDetailsOpen.value = isOpen
    if (!isOpen) detailsButton.current?.focus()
  }
  const explain = (isWanted: boolean) => {
    isExplained.value = isWanted
  }
  const leave = () => {
    actions.closeChat()
    focusListItem(key)
  }
  return (
    <section
      class="chat"
      data-testid="chat"
      data-key={key}
      aria-label={`Chat with ${displayName(conversation)}`}
      onKeyDown={event => {
        if (event.key !== 'Escape' || event.isComposing) return
        event.preventDefault()
        if (areDetailsOpen.value) showDetails(false)
        else leave()
      }}
    >
      <header class="chat-head">
        <button
          type="button"
          class="icon-button back"
          data-testid="back-button"
          aria-label="Back to the chats"
          onClick={leave}
        >
          <BackIcon />
        </button>
        <Avatar keyText={key} petname={petname} />
        <div class="chat-title">
          <h2 class={petname === undefined ? 'name is-key' : 'name'} dir="auto">
            {displayName(conversation)}
          </h2>
          <p class="chat-under">
            {petname === undefined ? (
              <button type="button" class="text-button" onClick={() => showDetails(true)}>
                Add a name
              </button>
            ) : (
              <code title={key}>{shortKey(key)}</code>
            )}
          </p>
        </div>
        <button
          type="button"
          class={`badge is-${badge.tone}`}
          data-testid="path-badge"
          aria-haspopup="dialog"
          title={`${badge.title} Click for more.`}
          onClick={() => explain(true)}
        >
          <span class="dot" aria-hidden="true" />
          {badge.text}
        </button>
        <button
          type="button"
          ref={detailsButton}
          class="icon-button details-button"
          data-testid="details-button"
          aria-label="Name and key"
          title="Name and key"
          aria-expanded={areDetailsOpen.value}
          aria-controls="chat-details"
          onClick={() => showDetails(!areDetailsOpen.value)}
        >
          <DetailsIcon />
        </button>
      </header>
      {areDetailsOpen.value && (
        <ChatDetails conversation={conversation} onDone={() => showDetails(false)} />
      )}
      <ChatNotice
        conversationKey={key}
        isStranger={isStranger(conversation)}
        onExplain={() => explain(true)}
      />
      <MessageList conversation={conversation} />
      <QueueLine conversation={conversation} />
      <Composer conversation={conversation} />
      {isExplained.value && (
        <ExplanationDialog conversation={conversation} onClose={() => explain(false)} />
      )}
    </section>
  )
}

/** Keyboard users go on where they were. */
function focusListItem(key: string): void {
  requestAnimationFrame(() => {
    for (const item of document.querySelectorAll<HTMLElement>('.conversation')) {
      if (item.dataset.key === key) item.focus()
    }
  })
}
