// The messages of one chat: days, bubbles, delivery states. Stays at the end while the user is there,
// and stays put while the user reads further up.

import { Fragment } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { dayLabel, isSameDay } from '../state/chat-time.ts'
import type { ChatMessage, Conversation } from '../state/conversation.ts'
import { MessageBubble } from './message-bubble.tsx'

const NEAR_END_PX = 80
const GROUP_GAP_MS = 300_000

export function MessageList({ conversation }: { conversation: Conversation }) {
  const { key, messages } = conversation
  const list = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const last = messages.at(-1)

  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return
    if (isAtEnd.current || last?.direction === 'out') element.scrollTop = element.scrollHeight
  }, [last])

  useLayoutEffect(() => {
    const element = list.current
    if (element === null) return
    const stay = new ResizeObserver(() => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight
    })
    for (const box of [element, ...element.children]) stay.observe(box)
    return () => stay.disconnect()
  }, [])

  const nowMs = Date.now()
  return (
    <div
      class="messages"
      ref={list}
      role="log"
      aria-label="Messages"
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      onScroll={event => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX
      }}
    >
      <div class="messages-inner">
        {messages.length === 0 && (
          <p class="messages-empty faint">
            Messages are end-to-end encrypted: only you and the holder of this key can read them.
          </p>
        )}
        {messages.map((message, index) => {
          const previous = messages[index - 1]
          const isNewDay = previous === undefined || !isSameDay(previous.atMs, message.atMs)
          return (
            <Fragment key={`${message.direction}-${message.id}`}>
              {isNewDay && (
                <p class="day">
                  <span>{dayLabel(message.atMs, nowMs)}</span>
                </p>
              )}
              <MessageBubble
                conversationKey={key}
                message={message}
                isGrouped={!isNewDay && isSameGroup(previous, message)}
              />
            </Fragment>
          )
        })}
      </div>
    </div>
  )
}

function isSameGroup(previous: ChatMessage, message: ChatMessage): boolean {
  return previous.direction === message.direction && message.atMs - previous.atMs < GROUP_GAP_MS
}
