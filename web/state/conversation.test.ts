import { describe, expect, it } from 'vitest'
import type { Conversation, Delivery } from './conversation.ts'
import {
  afterReload,
  asRead,
  failedMessages,
  INTERRUPTED,
  isStranger,
  newConversation,
  TOO_OLD,
  undelivered,
  waitingMessages,
  withDelivery,
  withIncoming,
  withOutgoing,
  withPetname,
} from './conversation.ts'
import { HISTORY_MAX_CHARS, MESSAGES_MAX, QUEUE_KEEP_MS } from './limits.ts'

const problem = { sentence: 'No.' }
const DELIVERIES = {
  waiting: { state: 'waiting' },
  sending: { state: 'sending' },
  delivered: { state: 'delivered' },
  failed: { state: 'failed', problem },
} as const satisfies Record<string, Delivery>

const empty = newConversation('key_x', 'them', 1_000)

function incoming(id: string, text = 'hi', atMs = 2_000) {
  return { direction: 'in', id, text, atMs, isNote: false } as const
}

/** One outgoing message in the given state. */
function withOne(delivery: Delivery): Conversation {
  const conversation = withOutgoing(empty, { id: 'a', text: 'hi', atMs: 2_000 })
  return {
    ...conversation,
    messages: conversation.messages.map(m => (m.direction === 'out' ? { ...m, delivery } : m)),
  }
}

function stateOf(conversation: Conversation): string | undefined {
  const [message] = conversation.messages
  return message?.direction === 'out' ? message.delivery.state : undefined
}

describe('delivery', () => {
  const allowed = new Set([
    'waiting sending',
    'waiting failed',
    'sending delivered',
    'sending failed',
    'sending waiting',
    'failed waiting',
  ])
  const pairs = Object.values(DELIVERIES).flatMap(from =>
    Object.values(DELIVERIES).map(to => ({ from, to, name: `${from.state} ${to.state}` })),
  )

  it.each(pairs)('$name', ({ from, to, name }) => {
    const before = withOne(from)
    const after = withDelivery(before, 'a', to)
    if (allowed.has(name)) expect(stateOf(after)).toBe(to.state)
    else expect(after).toBe(before)
  })

  it('of an unknown message changes nothing', () => {
    const before = withOne(DELIVERIES.sending)
    expect(withDelivery(before, 'b', DELIVERIES.delivered)).toBe(before)
  })

  it('lists what waits, in order', () => {
    let conversation = withOne(DELIVERIES.delivered)
    conversation = withOutgoing(conversation, { id: 'b', text: '1', atMs: 3 })
    conversation = withOutgoing(conversation, { id: 'c', text: '2', atMs: 4 })
    conversation = withDelivery(conversation, 'b', DELIVERIES.failed)
    conversation = withDelivery(conversation, 'c', DELIVERIES.sending)
    conversation = withOutgoing(conversation, { id: 'd', text: '3', atMs: 5 })
    conversation = withOutgoing(conversation, { id: 'e', text: '4', atMs: 6 })
    const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id)
    expect(ids(waitingMessages(conversation))).toEqual(['d', 'e'])
    expect(ids(undelivered(conversation))).toEqual(['c', 'd', 'e'])
    expect(ids(failedMessages(conversation))).toEqual(['b'])
  })

  it.each([
    ['waiting', 'failed', TOO_OLD],
    ['sending', 'failed', INTERRUPTED],
    ['delivered', 'delivered', undefined],
  ] as const)('that was %s is %s after a reload a day later', (before, after, problem) => {
    const one = withOne(DELIVERIES[before])
    const reloaded = afterReload(one, (one.messages[0]?.atMs ?? 0) + QUEUE_KEEP_MS)
    expect(stateOf(reloaded)).toBe(after)
    if (problem !== undefined) expect(reloaded.messages[0]).toMatchObject({ delivery: { problem } })
  })

  it.each([
    ['waiting', { sentence: 'It was not delivered before this page was opened.' }],
    ['sending', INTERRUPTED],
  ] as const)('that was %s waits after a reload within a day, and was tried', (before, problem) => {
    const one = withOne(DELIVERIES[before])
    const reloaded = afterReload(one, (one.messages[0]?.atMs ?? 0) + QUEUE_KEEP_MS - 1)
    expect(reloaded.messages[0]).toMatchObject({ delivery: { state: 'waiting', problem } })
  })
})

describe('incoming messages', () => {
  it('are unread unless the user looks', () => {
    const unread = withIncoming(withIncoming(empty, incoming('1'), false), incoming('2'), false)
    expect(unread.unread).toBe(2)
    expect(unread.activeAtMs).toBe(2_000)
    expect(withIncoming(unread, incoming('3'), true).unread).toBe(0)
    expect(asRead(unread).unread).toBe(0)
    expect(asRead(empty)).toBe(empty)
  })

  it('show once', () => {
    const once = withIncoming(empty, incoming('1'), false)
    expect(withIncoming(once, incoming('1'), false)).toBe(once)
  })
})

describe('caps', () => {
  it.each([MESSAGES_MAX - 1, MESSAGES_MAX, MESSAGES_MAX + 1])('%i messages', count => {
    let conversation = empty
    for (let i = 0; i < count; i++)
      conversation = withIncoming(conversation, incoming(`${i}`), false)
    expect(conversation.messages).toHaveLength(Math.min(count, MESSAGES_MAX))
    expect(conversation.messages.at(-1)?.id).toBe(`${count - 1}`)
    expect(conversation.unread).toBe(Math.min(count, MESSAGES_MAX))
  })

  it.each([
    [HISTORY_MAX_CHARS - 1, 2],
    [HISTORY_MAX_CHARS, 2],
    [HISTORY_MAX_CHARS + 1, 1],
  ])('%i characters keep %i messages', (chars, kept) => {
    let conversation = withIncoming(empty, incoming('1', 'x'), false)
    conversation = withIncoming(conversation, incoming('2', 'x'.repeat(chars - 1)), false)
    expect(conversation.messages).toHaveLength(kept)
    expect(conversation.messages.at(-1)?.id).toBe('2')
  })
})

describe('a stranger', () => {
  it('wrote first and is neither named nor answered', () => {
    expect(isStranger(empty)).toBe(true)
    expect(isStranger(newConversation('key_x', 'me', 0))).toBe(false)
    expect(isStranger(withPetname(empty, 'Ada'))).toBe(false)
    expect(isStranger(withOne(DELIVERIES.waiting))).toBe(false)
    expect(isStranger(withPetname(withPetname(empty, 'Ada'), undefined))).toBe(true)
  })
})
