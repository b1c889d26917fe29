import { describe, expect, it } from 'vitest'
import type { Conversation, Delivery } from './conversation.ts'
import { newConversation, withOutgoing } from './conversation.ts'
import { queueNotice } from './queue-notice.ts'
import type { Reach } from './reach.ts'

const problem = { sentence: 'Away.' }
const PATHLESS: Reach = { kind: 'open', path: undefined }
const OPEN: Reach = { kind: 'open', path: { kind: 'direct', hops: [], since: 0 } }

function chatWith(...deliveries: readonly Delivery[]): Conversation {
  const empty = newConversation('key_x', 'me', 0)
  const filled = deliveries.reduce(
    (chat, _, at) => withOutgoing(chat, { id: `${at}`, text: 'hi', atMs: at }),
    empty,
  )
  const messages = filled.messages.map((message, at) => {
    const delivery = deliveries[at]
    return message.direction === 'out' && delivery !== undefined
      ? { ...message, delivery }
      : message
  })
  return { ...filled, messages }
}

const ONLINE = { status: 'online', canSeek: true } as const
const THROUGH_A_PEER = { status: 'offline', canSeek: true } as const
const SENDING = { state: 'sending' } as const
const AGAIN = { state: 'waiting', problem } as const
const FAILED = { state: 'failed', problem } as const
const DELIVERED = { state: 'delivered' } as const

describe('what is said of messages that are not delivered', () => {
  it.each([
    [
      'offline',
      PATHLESS,
      'offline',
      [SENDING],
      /^1 message waits until a server is reached again\. It goes/,
      false,
    ],
    [
      'no path',
      PATHLESS,
      'online',
      [SENDING, SENDING],
      /^2 messages wait until your peer is reached\. They go out by themselves while .* or when you open it again within a day\.$/,
      false,
    ],
    ['away', { kind: 'failed', problem }, 'online', [AGAIN], /until your peer is reached/, false],
    ['again', { kind: 'dialing', problem }, 'online', [AGAIN], /until your peer is reached/, false],
    ['no session', undefined, 'online', [{ ...SENDING, problem }], /is reached/, true],
    ['its end', undefined, 'online', [SENDING], /is reached/, true],
    ['a failed dial', { kind: 'failed', problem }, 'online', [SENDING], /is reached/, false],
    ['before', undefined, 'connecting', [AGAIN], /is reached/, false],
    ['before, dialed', { kind: 'dialing' }, 'online', [AGAIN], /is reached/, false],
  ] as const)('%s', (_, reach, status, deliveries, text, canSendNow) => {
    const notice = queueNotice(chatWith(DELIVERED, ...deliveries), reach, {
      status,
      canSeek: status === 'online',
    })
    expect(notice).toEqual({ kind: 'waiting', text: expect.stringMatching(text), canSendNow })
  })

  it.each([
    ['over a path', OPEN, 'online', [SENDING]],
    ['over a path that needs no server', OPEN, 'offline', [SENDING]],
    ['while a first dial goes on', { kind: 'dialing' }, 'online', [SENDING]],
    ['until the first server was asked', undefined, 'connecting', [SENDING]],
    ['when nothing waits', PATHLESS, 'online', [DELIVERED]],
    ['of one that failed, which says so itself', OPEN, 'online', [FAILED]],
  ] as const)('nothing %s', (_, reach, status, deliveries) => {
    const circumstances = { status, canSeek: status === 'online' }
    expect(queueNotice(chatWith(...deliveries), reach, circumstances)).toBeUndefined()
  })

  it('waits for no server while a peer may know a way', () => {
    const chat = chatWith(SENDING)
    expect(queueNotice(chat, { kind: 'dialing' }, THROUGH_A_PEER)).toBeUndefined()
    expect(queueNotice(chat, { kind: 'failed', problem }, THROUGH_A_PEER)).toMatchObject({
      text: expect.stringMatching(/until your peer is reached/),
    })
    expect(queueNotice(chat, undefined, THROUGH_A_PEER)).toMatchObject({ canSendNow: true })
  })

  it('offers to send all again that failed', () => {
    const notice = queueNotice(chatWith(FAILED, FAILED, SENDING), OPEN, ONLINE)
    expect(notice).toEqual({ kind: 'failed', text: '2 messages were not delivered.' })
  })
})
